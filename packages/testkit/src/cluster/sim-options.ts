import { type Preset, resolveConfig, type SwimConfig } from "@hearsay/core";
import type { AnyLayer, Rules, RulesName } from "@hearsay/core/internal";
import type { LinkConditions } from "@hearsay/core/virtual";

/** What a simulated cluster is made of. The same options are the same history, packet by packet. */
export interface SimClusterOptions {
  /** How many nodes, named n0, n1 and so on. */
  readonly nodes: number;
  /** Chooses the history: the network and each node have a stream of chance of their own, made from it. */
  readonly seed: number;
  /** Which protocol the nodes follow. @defaultValue hearsay */
  readonly rules?: RulesName | Rules;
  /** @defaultValue lan */
  readonly preset?: Preset;
  /** Settings laid over the preset. */
  readonly config?: Partial<SwimConfig>;
  /** The network's conditions, laid over one-way times of 0.3 to 0.7 ms without loss. */
  readonly network?: Partial<LinkConditions>;
  /**
   * Whether nodes start with everybody in their views, or alone; who starts alone joins by `joinAll`. @defaultValue
   * full
   */
  readonly views?: "full" | "alone";
  /**
   * Whether each node's ticks start at a random point of their interval, or all at the same instant. @defaultValue
   * random
   */
  readonly phases?: "random" | "together";
  /** Whether probes that datagrams don't answer try a stream. @defaultValue true */
  readonly streamPings?: boolean;
  /** Whether hosts look for others as `Discovery` says, or leave it all to the core. @defaultValue true */
  readonly discovery?: boolean;
  /** What each node has on top of its membership, the lowest first; called once for every start of a node. */
  readonly layers?: (index: number) => readonly AnyLayer[];
  /** Which nodes understand Hearsay's extensions. The others are as agents of Serf are. @defaultValue all */
  readonly isCapable?: (index: number) => boolean;
}

/** The conditions that the papers' experiments assume: 0.5 ms one way, give or take 0.2. */
export const LAN_LINK: Partial<LinkConditions> = { latencyMs: 0.3, jitterMs: 0.4 };

/** Metadata that says so of a node that understands Hearsay's extensions; other nodes have none. */
export const CAPABLE_META: Uint8Array = Uint8Array.of(1);

/** The configuration that the options ask for. Throws a `RangeError` that names every fault. */
export function simConfig(options: SimClusterOptions): SwimConfig {
  const config = resolveConfig(options.preset ?? "lan", options.config);
  if (!Array.isArray(config)) return config as SwimConfig;
  throw new RangeError(`invalid configuration: ${JSON.stringify(config)}`);
}

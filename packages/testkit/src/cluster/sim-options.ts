import { type Preset, resolveConfig, type SwimConfig } from "@hearsay/core";
import type { AnyLayer, Rules, RulesName } from "@hearsay/core/internal";
import type { LinkConditions } from "@hearsay/core/virtual";

/** The options of a simulated cluster. The same options give the same history, packet by packet. */
export interface SimClusterOptions {
  /** How many nodes, named n0, n1 and so on. */
  readonly nodes: number;
  /** Selects the history: the network and each node derive their own random stream from it. */
  readonly seed: number;
  /** Which protocol the nodes follow. @defaultValue hearsay */
  readonly rules?: RulesName | Rules;
  /** @defaultValue lan */
  readonly preset?: Preset;
  /** Settings that override the preset. */
  readonly config?: Partial<SwimConfig>;
  /** The network's conditions, which override one-way times of 0.3 to 0.7 ms without loss. */
  readonly network?: Partial<LinkConditions>;
  /** Whether nodes start with all members in their views, or alone, to join by `joinAll`. @defaultValue full */
  readonly views?: "full" | "alone";
  /**
   * Whether each node's ticks start at a random point of their interval, or all at the same instant.
   * @defaultValue random
   */
  readonly phases?: "random" | "together";
  /** Whether probes try a stream if datagrams get no answer. @defaultValue true */
  readonly streamPings?: boolean;
  /** Whether hosts look for other nodes, as `Discovery` does, or only the core does. @defaultValue true */
  readonly discovery?: boolean;
  /** Each node's layers on top of membership, lowest first; called once for every start of a node. */
  readonly layers?: (index: number) => readonly AnyLayer[];
  /** Which nodes understand Hearsay's extensions; the others follow memberlist's rules, as Serf agents do. @defaultValue all */
  readonly isCapable?: (index: number) => boolean;
}

/** The conditions that the papers' experiments assume: 0.5 ms one way, plus or minus 0.2. */
export const LAN_LINK: Partial<LinkConditions> = { latencyMs: 0.3, jitterMs: 0.4 };

/** Metadata of a node that understands Hearsay's extensions; other nodes have none. */
export const CAPABLE_META: Uint8Array = Uint8Array.of(1);

/** Resolves the configuration of the options. Throws a `RangeError` that names every fault. */
export function simConfig(options: SimClusterOptions): SwimConfig {
  const config = resolveConfig(options.preset ?? "lan", options.config);
  if (!Array.isArray(config)) return config as SwimConfig;
  throw new RangeError(`invalid configuration: ${JSON.stringify(config)}`);
}

import { type Address, type Random, Sfc32 } from "@hearsay/core";
import type { Keyring } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import type { Lookup, Resolve } from "../discovery/resolve.ts";
import type { ParsedOptions } from "../options/parsed-options.ts";
import type { Transport } from "../transport/transport.ts";

/** Everything one node runs with: the options of `createCluster`, and what was made of them; the keys are the keyring's. */
export interface NodeSettings extends Omit<ParsedOptions, "keys"> {
  readonly transport: Transport;
  readonly resolve: Resolve;
  /** No keyring: encryption is off. */
  readonly keyring: Keyring | null;
  /** Whether a member may live at an address. */
  readonly admits: (address: Address) => boolean;
  /** What is risky in these settings, as lines for the log. */
  readonly cautions: readonly string[];
}

/** What a node takes from the world besides its transport. */
export interface Platform {
  readonly clock: Clock;
  /** Bytes that nobody can guess, or that a test's seed gives. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Finds the addresses of a host name. */
  readonly lookup: Lookup;
}

/** A source of chance for the protocol, of its own for each use. Nothing secret comes from it. */
export function seededRandom(platform: Platform): Random {
  const words = new Uint32Array(Uint8Array.from(platform.randomBytes(8)).buffer);
  return new Sfc32(words[0] ?? 0, words[1] ?? 0);
}

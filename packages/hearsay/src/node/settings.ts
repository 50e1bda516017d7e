import { type Address, type Random, Sfc32 } from "@hearsay/core";
import type { Keyring } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import type { Lookup, Resolve } from "../discovery/resolve.ts";
import type { ParsedOptions } from "../options/parsed-options.ts";
import type { Transport } from "../transport/transport.ts";

/**
 * The settings of one node: the options of `createCluster`, and what is derived from them. The keyring has the keys.
 */
export interface NodeSettings extends Omit<ParsedOptions, "keys"> {
  readonly transport: Transport;
  readonly resolve: Resolve;
  /** Null if encryption is off. */
  readonly keyring: Keyring | null;
  /** Whether a member may have this address. */
  readonly admits: (address: Address) => boolean;
  /** Warnings about risky settings, as lines for the log. */
  readonly cautions: readonly string[];
}

/** What a node needs from its environment besides its transport. */
export interface Platform {
  readonly clock: Clock;
  /** Random bytes, from a secure source or from a test's seed. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Finds the addresses of a host name. */
  readonly lookup: Lookup;
}

/** A random source for the protocol, separate for each use. Not for secrets. */
export function seededRandom(platform: Platform): Random {
  const words = new Uint32Array(Uint8Array.from(platform.randomBytes(8)).buffer);
  return new Sfc32(words[0] ?? 0, words[1] ?? 0);
}

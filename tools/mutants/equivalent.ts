/** A mutation that no test can notice, and why the node behaves the same with it. */
export interface Equivalent {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

/** The reasons of all survivors. An entry must go if its mutation is noticed or no longer exists. */
export const EQUIVALENT: readonly Equivalent[] = [
  ...bothWays(
    "packages/core/src/membership/address-cache.ts",
    "limit CELLS",
    "a cache: an address that is not in it is made anew, and is equal",
  ),
  ...bothWays(
    "packages/core/src/wire/limits.ts",
    "limit CACHED_NAME_BYTES_MAX",
    "a cache: a name that is not in it is decoded anew, and is the same text",
  ),
  ...bothWays(
    "packages/core/src/wire/limits.ts",
    "limit CACHED_NAMES_MAX",
    "a cache: a name that is not in it is decoded anew, and is the same text",
  ),
  ...bothWays(
    "packages/core/src/layers/serf/events/event-ring.ts",
    "limit INDEXED_FROM",
    "from here on events of one time are found by key, below it one by one: the same ones",
  ),
  {
    file: "packages/core/src/dissemination/dissemination.ts",
    name: "limit SMALLEST_POOL times 3",
    reason: "transmissions are counted by the digits of the pool's size, and thirty has as many as ten",
  },
  {
    file: "packages/core/src/layers/serf/wire/ltime.ts",
    name: "limit U64_MAX times 3",
    reason: "no integer on the wire has more than 64 bits, so that the larger bound lets nothing more in",
  },
  {
    file: "packages/core/src/wire/lzw-encoder.ts",
    name: "limit GENERATIONS_MAX divided by 3",
    reason: "the number of the table comes round sooner, and its entries are cleared as often",
  },
  {
    file: "packages/core/src/ring/natural-log.ts",
    name: "limit TERMS times 3",
    reason: "eleven terms are exact to the last bit; further ones are too small to change it",
  },
  {
    file: "packages/core/src/sync/merge-queue.ts",
    name: "branch on rules.repairs in MergeQueue.add never",
    reason: "keeps all entries of a state in memory until it is merged, where nobody looks at them",
  },
];

/** Entries for the larger and the smaller value, with the same reason. */
function bothWays(file: string, name: string, reason: string): Equivalent[] {
  return ["times 3", "divided by 3"].map((change) => ({ file, name: `${name} ${change}`, reason }));
}

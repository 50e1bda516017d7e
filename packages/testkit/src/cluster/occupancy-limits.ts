import type { Swim, SwimConfig } from "@hearsay/core";

/** Limits on one node's occupancy, besides members and rumors, which are settings (docs/reference/limits.md). */
export const OCCUPANCY_MAX = {
  probes: 64,
  relays: 4096,
  statesEncoding: 128,
  statesMerging: 128,
  lost: 4096,
  exchanges: 1024,
  deadlines: 65_536,
} as const;

const LIMITED: readonly (keyof typeof OCCUPANCY_MAX)[] = [
  "probes",
  "relays",
  "statesEncoding",
  "statesMerging",
  "lost",
  "exchanges",
  "deadlines",
];

/** What exceeds its limit, or null. */
export function overfull(occupancy: Swim["occupancy"], config: SwimConfig, rules: unknown): string | null {
  if (occupancy.members > config.membersMax) return `${occupancy.members} members`;
  if (occupancy.suspicions > occupancy.members) return `${occupancy.suspicions} suspicions`;
  // The reference's queue has no limit; it is kept for comparisons only.
  const isReference = rules === "memberlist" || rules === "swim";
  if (!isReference && occupancy.rumors > config.rumorsMax) return `${occupancy.rumors} rumors`;
  for (const what of LIMITED) if (occupancy[what] > OCCUPANCY_MAX[what]) return `${occupancy[what]} ${what}`;
  return null;
}

/** Named sets of defaults. */
export const PROFILE_NAMES = [
  "lan",
  "wan",
  "local",
  "opengslb",
  "longbow",
  "consul",
  "go-gossip",
  "classic",
  "conservative",
  "edge",
] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

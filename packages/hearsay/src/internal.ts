/**
 * What Hearsay's own benchmarks look at from the inside. Nothing here is public: it may change with any release.
 */
export { nodeCipher } from "./crypto/node-cipher.ts";

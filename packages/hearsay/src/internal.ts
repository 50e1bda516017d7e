/**
 * What Hearsay's own agent and benchmarks use of the inside. Nothing here is public: it may change with any release.
 */
export { nodeCipher } from "./crypto/node-cipher.ts";
export { isSameRecord } from "./member.ts";
export { messageOf } from "./message-of.ts";
export { DRAIN_MS } from "./node/ending.ts";
export { Turns } from "./node/turns.ts";
export { escapeControls, logLine } from "./observe/logfmt.ts";
export { Metrics, type ReadTable } from "./observe/metrics.ts";
export { parseDuration } from "./options/durations.ts";
export { Re2Matcher } from "./serf/re2-matcher.ts";
export { settlesWithin } from "./settles-within.ts";

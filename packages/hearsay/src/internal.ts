/**
 * What Hearsay's own agent, simulations and benchmarks use of the inside. Nothing here is public: it may change with any release.
 */

export { parseDuration } from "./base/durations.ts";
export { escapeControls, logLine } from "./base/logfmt.ts";
export { messageOf } from "./base/message-of.ts";
export { Metrics, type ReadTable } from "./base/metrics.ts";
export { settlesWithin } from "./base/settles-within.ts";
export { nodeCipher } from "./crypto/node-cipher.ts";
export { Re2Matcher } from "./expressions/re2-matcher.ts";
export { isSameRecord } from "./members/member.ts";
export { type Accept, Driver, type Link } from "./node/driver.ts";
export { Turns } from "./node/turns.ts";
export { DRAIN_MS } from "./runtime/ending.ts";

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
export { type Form, form } from "./forms/form.ts";
export { choice, duration, flag, integer, list, oneOrMore, path, text, word, words } from "./forms/plain-forms.ts";
export { option, optional, type Rows, readRows, required } from "./forms/rows.ts";
export { isSameRecord } from "./members/member.ts";
export { type Accept, Driver, type Link } from "./node/driver.ts";
export { Turns } from "./node/turns.ts";
export { advertiseForm, bindForm, hostForm, targetsForm } from "./options/network-forms.ts";
export { DRAIN_MS } from "./runtime/ending.ts";

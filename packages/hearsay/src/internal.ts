/**
 * What the repository's private packages use of the inside. Nothing here is public: it may change with any release, and no
 * package that is published imports it.
 */

export { messageOf } from "./base/message-of.ts";
export { settlesWithin } from "./base/settles-within.ts";
export { nodeCipher } from "./crypto/node-cipher.ts";
export { type Accept, Driver, type Link } from "./node/driver.ts";

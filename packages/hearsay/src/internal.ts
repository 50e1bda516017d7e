/**
 * Internals for the repository's private packages. Nothing here is public: it may change with any release, and no
 * published package imports it.
 */

export { messageOf } from "./base/message-of.ts";
export { settlesWithin } from "./base/settles-within.ts";
export { nodeCipher } from "./crypto/node-cipher.ts";
export { type Accept, Driver, type Link } from "./node/driver.ts";

import { TOPIC_BYTES_MAX } from "@hearsay/core/messaging";
import { configError, HearsayError } from "../base/errors.ts";
import type { MessagingHost } from "./host.ts";

/** Throws if this node has no messaging, or has ended. */
export function checkMessaging({ extensionsOn, lifecycle }: MessagingHost, feature: string): void {
  if (!extensionsOn) {
    const text = `${feature} need the flavour "hearsay", or extensions: "all" on every node`;
    throw new HearsayError("ERR_EXTENSIONS_OFF", text, { feature });
  }
  if (lifecycle.isOver) throw lifecycle.closedError();
}

/** Throws unless `name` is valid for a channel or a handler. */
export function checkTopic(name: string, call: string): void {
  const isSound = typeof name === "string" && name !== "" && Buffer.byteLength(name) <= TOPIC_BYTES_MAX;
  // UTF-8 can't encode a lone surrogate: two names that differ in it would become one.
  if (isSound && !/\p{Surrogate}/u.test(name)) return;
  throw configError([{ key: "name", value: name, allowed: `well-formed text of 1 to ${TOPIC_BYTES_MAX} bytes` }], call);
}

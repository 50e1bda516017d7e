/** Application messages with origin, identity and deduplication (docs/protocol/hearsay.md). */
export { REPLY_FAILED, REPLY_NO_HANDLER, REPLY_OK, type ReplyStatus } from "./bodies.ts";
export {
  BODY_VERSION,
  CHANNEL_KIND,
  decodeEnvelope,
  type Envelope,
  type EnvelopeFault,
  encodeEnvelope,
  kindOf,
  NO_ENVELOPE,
  NO_KIND,
  REPLY_KIND,
  REQUEST_KIND,
} from "./envelope.ts";
export {
  BOOT_ID_BYTES,
  FAILURE_TEXT_BYTES_MAX,
  ORIGIN_BYTES_MAX,
  SEEN_ORIGIN_MS_MIN,
  SEEN_ORIGINS_MAX,
  SEEN_WINDOW_MAX,
  TOPIC_BYTES_MAX,
  UNICAST_PAYLOAD_BYTES_MAX,
} from "./limits.ts";
export { Messaging, type MessagingEvent } from "./messaging.ts";
export {
  type ChannelMessage,
  type MessageClass,
  Messenger,
  type MessengerCounters,
  type MessengerOptions,
  type MessengerResult,
  type Published,
  type RefusalReason,
  type ReplyMessage,
  type RequestMessage,
} from "./messenger.ts";

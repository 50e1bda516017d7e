import type { MessengerCounters } from "@hearsay/core/messaging";
import type { Metrics, ReadTable } from "../base/metrics.ts";
import type { MessagingCounters } from "../messaging/host.ts";
import type { MessagingService } from "../messaging/messaging-service.ts";

/** Metric name and help of each of the messenger's counters. */
export const MESSENGER_COUNTERS: ReadTable<keyof MessengerCounters> = {
  published: ["channel_messages_published_total", "Messages published on channels."],
  messagesHeard: ["channel_messages_received_total", "Channel messages of others, each counted once."],
  duplicates: ["channel_duplicates_total", "Channel messages that were heard before, or are this node's own."],
  messagesTooOld: ["channel_messages_too_old_total", "Channel messages too old to be distinguished from duplicates."],
  unknownVersions: [
    "channel_messages_unread_total",
    "Channel messages relayed but not delivered because their version is unknown.",
  ],
  requests: ["requests_received_total", "Requests received."],
  replies: ["replies_received_total", "Replies received."],
  foreignMessages: ["foreign_messages_total", "Messages that are no envelopes or have an unknown kind."],
  relaysTooLarge: ["channel_relays_too_large_total", "Channel messages of others too long to be relayed in a packet."],
  unicastDatagramsRefused: [
    "unicast_datagrams_refused_total",
    "Requests and replies refused because they came in a datagram.",
  ],
  envelopesRefused: [
    "envelopes_refused_total",
    "Envelopes refused: damaged, of an unknown version, or from an origin beyond the limit.",
  ],
  originsForgotten: ["channel_origins_forgotten_total", "Origins of messages forgotten to make room for others."],
};

/** The same for the host's counters of messaging. */
export const MESSAGING_COUNTERS: ReadTable<keyof MessagingCounters> = {
  messagesDropped: ["channel_messages_dropped_total", "Channel messages dropped because a reader was slow."],
  requestsRefused: [
    "requests_refused_total",
    "Requests refused because too many were being handled, or this node was leaving.",
  ],
  repliesStray: [
    "replies_stray_total",
    "Replies that match no pending request, came too late, or came from another member than the one asked.",
  ],
  repliesLost: ["replies_lost_total", "Replies not sent because the requester stayed unknown or too much waited."],
  handlersFailed: ["handlers_failed_total", "Handlers of messages and requests that failed or took too long."],
  payloadsUnreadable: ["payloads_unreadable_total", "Payloads that the codec could not read."],
};

const OCCUPANCY: ReadTable<keyof MessagingService["occupancy"]> = {
  requestsPending: ["occupancy_requests_pending", "Requests of this node that wait for their reply now."],
  requestsHandled: ["occupancy_requests_handled", "Requests of others that this node handles now."],
  repliesHeld: ["occupancy_replies_held", "Replies that wait for their requester to become known now."],
  origins: ["occupancy_origins", "Origins of broadcasts that this node remembers now."],
};

/** Adds the metrics of messaging, which are read on request. */
export function addMessagingMetrics(
  metrics: Metrics,
  messaging: MessagingService,
  messenger: Readonly<MessengerCounters>,
): void {
  metrics.readAll(MESSENGER_COUNTERS, "counter", (key) => messenger[key]);
  metrics.readAll(MESSAGING_COUNTERS, "counter", (key) => messaging.counters[key]);
  metrics.readAll(OCCUPANCY, "gauge", (key) => messaging.occupancy[key]);
}

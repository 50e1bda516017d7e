import type { MessengerCounters } from "@hearsay/core/messaging";
import type { Metrics, ReadTable } from "../base/metrics.ts";
import type { MessagingCounters } from "../messaging/host.ts";
import type { MessagingService } from "../messaging/messaging-service.ts";

/** Metric name and help of each of the messenger's counters. */
export const MESSENGER_COUNTERS: ReadTable<keyof MessengerCounters> = {
  published: ["channel_messages_published_total", "Messages published on channels."],
  messagesHeard: ["channel_messages_received_total", "Messages of others on channels, each counted once."],
  duplicates: ["channel_duplicates_total", "Messages on channels that had been heard before, or were our own."],
  messagesTooOld: [
    "channel_messages_too_old_total",
    "Messages on channels too old to tell from such as had been heard.",
  ],
  unknownVersions: ["channel_messages_unread_total", "Messages passed on unread: only newer versions know their form."],
  requests: ["requests_received_total", "Requests received."],
  replies: ["replies_received_total", "Replies received."],
  foreignMessages: ["foreign_messages_total", "Messages in envelopes of layers that are not ours."],
  relaysTooLarge: ["channel_relays_too_large_total", "Messages of others too long to be passed on in a packet."],
  unicastDatagramsRefused: ["unicast_datagrams_refused_total", "Requests and replies that came in a datagram."],
  envelopesRefused: ["envelopes_refused_total", "Envelopes damaged, of unknown versions, or of too many origins."],
  originsForgotten: ["channel_origins_forgotten_total", "Origins of messages forgotten because others came."],
};

/** The same for the host's counters of messaging. */
export const MESSAGING_COUNTERS: ReadTable<keyof MessagingCounters> = {
  messagesDropped: ["channel_messages_dropped_total", "Messages dropped because a reader of a channel was slow."],
  requestsRefused: [
    "requests_refused_total",
    "Requests refused because too many were being handled, or this node was leaving.",
  ],
  repliesStray: ["replies_stray_total", "Replies that nobody waited for any more, or from another than who was asked."],
  repliesLost: ["replies_lost_total", "Replies not sent: the asker stayed unknown, or too much waited."],
  handlersFailed: ["handlers_failed_total", "Handlers of messages and requests that failed or took too long."],
  payloadsUnreadable: ["payloads_unreadable_total", "Payloads that the codec could not read."],
};

const OCCUPANCY: ReadTable<keyof MessagingService["occupancy"]> = {
  requestsPending: ["occupancy_requests_pending", "How many requests of this node wait for their reply now."],
  requestsHandled: ["occupancy_requests_handled", "How many requests of others this node handles now."],
  repliesHeld: ["occupancy_replies_held", "How many replies wait for their asker to become known."],
  origins: ["occupancy_origins", "How many origins of broadcasts this node remembers now."],
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

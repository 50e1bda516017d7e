import type { CoordinateCounters, Serf, SerfCounters } from "@hearsay/core/serf";
import type { Metrics, ReadTable } from "../base/metrics.ts";
import type { SerfHostCounters } from "../serf/serf-host.ts";

/** Serf's clocks, queues and counters. */
export interface SerfStats {
  /** The Lamport times of this node's next intent, next user event and next query. */
  readonly memberTime: number;
  readonly eventTime: number;
  readonly queryTime: number;
  /** Number of queued messages of each kind. */
  readonly intentQueue: number;
  readonly eventQueue: number;
  readonly queryQueue: number;
  readonly coordinateResets: number;
  /** Number of failed members and of left members that are still remembered. */
  readonly failed: number;
  readonly left: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly coordinates: Readonly<CoordinateCounters>;
  readonly occupancy: Serf["occupancy"];
}

/** Metric name and help of each of Serf's counters. */
export const SERF_COUNTERS: ReadTable<keyof SerfCounters> = {
  messagesRefused: [
    "serf_messages_refused_total",
    "Serf messages that could not be read, or are not allowed where they came from.",
  ],
  messagesHarmful: ["serf_messages_harmful_total", "Messages dropped because they are known to crash Serf agents."],
  intents: ["serf_intents_total", "Join and leave intents heard."],
  intentsStale: ["serf_intents_stale_total", "Intents that were not news."],
  leavesRefuted: ["serf_leaves_refuted_total", "Leave intents about this node that it refuted."],
  recentIntentsDropped: ["serf_recent_intents_dropped_total", "Intents about unknown members dropped for later ones."],
  membersForgotten: ["serf_members_forgotten_total", "Members forgotten early because too many had failed or left."],
  events: ["serf_user_events_total", "User events heard, each counted once."],
  eventsDuplicate: ["serf_user_events_duplicate_total", "User events heard again."],
  eventsTooOld: [
    "serf_user_events_too_old_total",
    "User events too old to be distinguished from duplicates, or from before a join without replay.",
  ],
  eventsForgotten: [
    "serf_user_events_forgotten_total",
    "Lamport times whose user events were forgotten early to save memory.",
  ],
  queries: ["serf_queries_total", "Queries heard, each counted once, this node's own included."],
  queriesDuplicate: ["serf_queries_duplicate_total", "Queries heard again."],
  queriesTooOld: ["serf_queries_too_old_total", "Queries too old to be distinguished from duplicates."],
  queriesFiltered: ["serf_queries_filtered_total", "Queries whose filters did not match this node."],
  filtersRefused: [
    "serf_filters_refused_total",
    "Queries that did not match because their tag filters would have cost too much.",
  ],
  queriesDropped: ["serf_queries_dropped_total", "Unanswered queries dropped because too many were open."],
  answersUnsent: [
    "serf_answers_unsent_total",
    "Acknowledgements and answers not sent: too many at a time, or no permitted address.",
  ],
  relaysTooLarge: ["serf_relays_too_large_total", "Relay messages too long to be sent."],
  answersStray: ["serf_answers_stray_total", "Answers to an unknown or finished query."],
  answersDuplicate: ["serf_answers_duplicate_total", "Repeated acknowledgements and answers."],
  answersDropped: ["serf_answers_dropped_total", "Answers beyond the limit of one query."],
  relaysServed: ["serf_relays_served_total", "Answers relayed for others."],
  relaysRefused: [
    "serf_relays_refused_total",
    "Relays refused: not an answer, no permitted address, or too many at a time.",
  ],
  coordinatesUnreadable: ["serf_coordinates_unreadable_total", "Coordinates in acks that could not be read."],
  statesRefused: ["serf_states_refused_total", "Serf states of peers that could not be read."],
};

/** The same for the host's counters. */
export const SERF_HOST_COUNTERS: ReadTable<keyof SerfHostCounters> = {
  userEventsDropped: ["serf_user_events_dropped_total", "User events dropped because a reader was slow."],
  serfHandlersFailed: ["serf_handlers_failed_total", "Handlers of user events and queries that failed."],
  queryAnswersRefused: [
    "serf_answers_refused_total",
    "Answers of handlers that were not sent: too late, too long, or a second one.",
  ],
};

/** The same for coordinates. */
export const COORDINATE_COUNTERS: ReadTable<keyof CoordinateCounters> = {
  applied: ["coordinate_updates_total", "Round trips that updated this node's coordinate."],
  dimensionsRefused: [
    "coordinate_dimensions_refused_total",
    "Coordinates of others refused because they have other dimensions.",
  ],
  coordinatesRefused: [
    "coordinates_refused_total",
    "Coordinates of others refused because a number in them is implausible.",
  ],
  rttsRefused: ["coordinate_round_trips_refused_total", "Round-trip times refused because they are implausible."],
  resets: ["coordinate_resets_total", "Resets of this node's coordinate."],
  peersDisplaced: ["coordinate_peers_displaced_total", "Coordinates of others dropped to make room for new ones."],
};

const OCCUPANCY: ReadTable<keyof Serf["occupancy"]> = {
  serfMembers: ["occupancy_serf_members", "Members that Serf knows now, including those that failed or left."],
  recentIntents: ["occupancy_recent_intents", "Intents about unknown members that this node keeps now."],
  eventBytes: ["occupancy_event_bytes", "Bytes of user events that this node remembers now."],
  queriesOpen: ["occupancy_queries_open", "Queries that wait for this node's answer now."],
  queriesAsked: ["occupancy_queries_asked", "Queries of this node that are under way now."],
  coordinates: ["occupancy_coordinates", "Coordinates of others that this node keeps now."],
};

/** Adds the metrics of Serf, which are read on request. */
export function addSerfMetrics(metrics: Metrics, serf: Serf, host: Readonly<SerfHostCounters>): void {
  metrics.readAll(SERF_COUNTERS, "counter", (key) => serf.counters[key]);
  metrics.readAll(SERF_HOST_COUNTERS, "counter", (key) => host[key]);
  metrics.readAll(OCCUPANCY, "gauge", (key) => serf.occupancy[key]);
  metrics.read("serf_members_failed", "Failed members that Serf still remembers.", "gauge", () => serf.gone.failed);
  metrics.read("serf_members_left", "Left members that Serf still remembers.", "gauge", () => serf.gone.left);
  metrics.read("serf_member_time", "Lamport time of this node's next intent.", "gauge", () => serf.clocks.clock);
  metrics.read(
    "serf_event_time",
    "Lamport time of this node's next user event.",
    "gauge",
    () => serf.clocks.eventClock,
  );
  metrics.read("serf_query_time", "Lamport time of this node's next query.", "gauge", () => serf.clocks.queryClock);
  metrics.readAll(COORDINATE_COUNTERS, "counter", (key) => serf.coordinateCounters[key]);
}

/** Serf's part of `Cluster.stats`. */
export function serfStats(serf: Serf, host: Readonly<Record<string, number>> | Readonly<SerfHostCounters>): SerfStats {
  const { clock, eventClock, queryClock } = serf.clocks;
  const { intents, events, queries } = serf.queued;
  return {
    memberTime: clock,
    eventTime: eventClock,
    queryTime: queryClock,
    intentQueue: intents,
    eventQueue: events,
    queryQueue: queries,
    coordinateResets: serf.coordinateCounters.resets,
    ...serf.gone,
    counters: { ...serf.counters, ...host },
    coordinates: { ...serf.coordinateCounters },
    occupancy: serf.occupancy,
  };
}

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
  messagesRefused: ["serf_messages_refused_total", "Messages of Serf that could not be read or don't belong there."],
  messagesHarmful: ["serf_messages_harmful_total", "Messages dropped that are known to crash Serf agents."],
  intents: ["serf_intents_total", "Intents to join or leave heard."],
  intentsStale: ["serf_intents_stale_total", "Intents that were no news."],
  leavesRefuted: ["serf_leaves_refuted_total", "Leave intents about this node that it refuted."],
  recentIntentsDropped: ["serf_recent_intents_dropped_total", "Intents about unknown members that made way."],
  membersForgotten: ["serf_members_forgotten_total", "Members forgotten early because too many were gone."],
  events: ["serf_user_events_total", "User events heard, each once."],
  eventsDuplicate: ["serf_user_events_duplicate_total", "User events heard again."],
  eventsTooOld: ["serf_user_events_too_old_total", "User events too old to tell from such as had been heard."],
  eventsForgotten: ["serf_user_events_forgotten_total", "Times of user events forgotten early to save memory."],
  queries: ["serf_queries_total", "Queries heard, each once, this node's own included."],
  queriesDuplicate: ["serf_queries_duplicate_total", "Queries heard again."],
  queriesTooOld: ["serf_queries_too_old_total", "Queries too old to tell from such as had been heard."],
  queriesFiltered: ["serf_queries_filtered_total", "Queries that their filters kept from this node."],
  filtersRefused: ["serf_filters_refused_total", "Queries whose tag filters would have cost too much."],
  queriesDropped: ["serf_queries_dropped_total", "Queries given up unanswered because too many were open."],
  answersUnsent: ["serf_answers_unsent_total", "Acknowledgements and answers not sent: too many, or no address."],
  relaysTooLarge: ["serf_relays_too_large_total", "Answers too long to be relayed."],
  answersStray: ["serf_answers_stray_total", "Answers to no query of this node, or to one that is over."],
  answersDuplicate: ["serf_answers_duplicate_total", "Further copies of answers."],
  answersDropped: ["serf_answers_dropped_total", "Answers beyond what one query collects."],
  relaysServed: ["serf_relays_served_total", "Answers sent on for others."],
  relaysRefused: ["serf_relays_refused_total", "Messages not sent on for others."],
  coordinatesUnreadable: ["serf_coordinates_unreadable_total", "Coordinates that could not be read."],
  statesRefused: ["serf_states_refused_total", "States of Serf that could not be read."],
};

/** The same for the host's counters. */
export const SERF_HOST_COUNTERS: ReadTable<keyof SerfHostCounters> = {
  userEventsDropped: ["serf_user_events_dropped_total", "User events dropped because a reader was slow."],
  serfHandlersFailed: ["serf_handlers_failed_total", "Handlers of user events and queries that failed."],
  queryAnswersRefused: [
    "serf_answers_refused_total",
    "Answers of handlers that came too late, twice, or were too long.",
  ],
};

/** The same for coordinates. */
export const COORDINATE_COUNTERS: ReadTable<keyof CoordinateCounters> = {
  applied: ["coordinate_updates_total", "Round trips that moved this node's coordinate."],
  dimensionsRefused: ["coordinate_dimensions_refused_total", "Coordinates of others with other dimensions."],
  coordinatesRefused: ["coordinates_refused_total", "Coordinates of others with a number that can't be."],
  rttsRefused: ["coordinate_round_trips_refused_total", "Round trips that can't be."],
  resets: ["coordinate_resets_total", "Times that the coordinate began anew."],
  peersDisplaced: ["coordinate_peers_displaced_total", "Coordinates of others forgotten because there was no room."],
};

const OCCUPANCY: ReadTable<keyof Serf["occupancy"]> = {
  serfMembers: ["occupancy_serf_members", "How many members Serf knows now, those that are gone included."],
  recentIntents: ["occupancy_recent_intents", "How many intents about unknown members this node keeps now."],
  eventBytes: ["occupancy_event_bytes", "Bytes of user events that this node remembers now."],
  queriesOpen: ["occupancy_queries_open", "How many queries wait for this node's answer now."],
  queriesAsked: ["occupancy_queries_asked", "How many queries of this node are under way now."],
  coordinates: ["occupancy_coordinates", "How many coordinates of others this node keeps now."],
};

/** Adds the metrics of Serf, which are read on request. */
export function addSerfMetrics(metrics: Metrics, serf: Serf, host: Readonly<SerfHostCounters>): void {
  metrics.readAll(SERF_COUNTERS, "counter", (key) => serf.counters[key]);
  metrics.readAll(SERF_HOST_COUNTERS, "counter", (key) => host[key]);
  metrics.readAll(OCCUPANCY, "gauge", (key) => serf.occupancy[key]);
  metrics.read(
    "serf_members_failed",
    "Members that failed, for as long as Serf knows them.",
    "gauge",
    () => serf.gone.failed,
  );
  metrics.read(
    "serf_members_left",
    "Members that left, for as long as Serf knows them.",
    "gauge",
    () => serf.gone.left,
  );
  metrics.read("serf_member_time", "The Lamport time of intents.", "gauge", () => serf.clocks.clock);
  metrics.read("serf_event_time", "The Lamport time of user events.", "gauge", () => serf.clocks.eventClock);
  metrics.read("serf_query_time", "The Lamport time of queries.", "gauge", () => serf.clocks.queryClock);
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

import type { ChangeKind, CoreEvent, Counters, DetectedStatus, Swim } from "@hearsay/core";
import type { Counter, Histogram, Metrics, ReadTable } from "../base/metrics.ts";
import type { Streams } from "../node/streams.ts";
import { NODE_COUNTERS, type NodeCounters } from "./node-counters.ts";

const STATUSES: readonly DetectedStatus[] = ["alive", "suspect", "failed", "left"];
const KINDS: readonly ChangeKind[] = [
  "joined",
  "updated",
  "suspected",
  "recovered",
  "leaving",
  "failed",
  "left",
  "reaped",
];

/** Metric name and help of each of the core's counters. */
export const CORE_COUNTERS: ReadTable<keyof Counters> = {
  datagramsIn: ["datagrams_received_total", "Datagrams received."],
  datagramsOut: ["datagrams_sent_total", "Datagrams sent."],
  bytesIn: ["bytes_received_total", "Bytes of datagrams received."],
  bytesOut: ["bytes_sent_total", "Bytes of datagrams sent."],
  datagramsRefused: ["datagrams_refused_total", "Datagrams refused whole: another label or key, or damaged."],
  messagesRefused: ["messages_refused_total", "Single messages refused."],
  messagesUnsendable: ["messages_unsendable_total", "Messages dropped because no packet can carry them."],
  probesSent: ["probes_total", "Probes of members."],
  probesFailed: ["probes_failed_total", "Probes that nothing answered."],
  probesRescued: ["probes_rescued_total", "Probes that only a helper, the stream or a late ack answered."],
  pingsAnswered: ["pings_answered_total", "Pings answered."],
  indirectPingsServed: ["indirect_pings_served_total", "Pings sent for others."],
  relaysRefused: ["indirect_pings_refused_total", "Pings for others refused because too many were under way."],
  suspicionsRaised: ["suspicions_total", "Suspicions of members."],
  selfRefutations: ["self_refutations_total", "Accusations of this node that it answered."],
  accusationsReturned: ["accusations_returned_total", "Accusations sent to restarted nodes that cannot know of them."],
  rumorsQueued: ["rumors_total", "Rumors queued."],
  rumorsSuperseded: ["rumors_superseded_total", "Rumors that gave way to newer ones."],
  rumorsDropped: ["rumors_dropped_total", "Rumors dropped: the store was full, or nobody was there."],
  rumorsKnown: ["rumors_known_total", "Rumors ended early because enough copies came back."],
  eagerPackets: ["eager_packets_total", "Packets that passed news on at once."],
  eagerFallbacks: ["eager_fallbacks_total", "News that had to wait for the tick."],
  pushPulls: ["push_pulls_total", "State exchanges begun."],
  pushPullsServed: ["push_pulls_served_total", "State exchanges answered."],
  pushPullsRefused: ["push_pulls_refused_total", "State exchanges refused: too many or too large ones under way."],
  entriesRefused: ["entries_refused_total", "Members in states that no member may have."],
  membersRefused: ["members_refused_total", "Members refused because the view was full."],
  nameConflicts: ["name_conflicts_total", "Alives that claimed a known name for another address."],
  lateCalls: ["late_wakeups_total", "Times that this node's loop was late by a quarter of a second or more."],
  sectionsLeftOut: ["state_sections_left_out_total", "Sections of states left out for want of room."],
  userMessages: ["user_messages_received_total", "Application messages received, copies included."],
};

/** The same for fill levels. */
const OCCUPANCY: ReadTable<keyof Swim["occupancy"]> = {
  members: ["occupancy_members", "How many members this node knows now, itself and those that are gone included."],
  rumors: ["occupancy_rumors", "How many rumors this node has to tell now."],
  suspicions: ["occupancy_suspicions", "How many members this node suspects now."],
  probes: ["occupancy_probes", "How many probes of this node are under way now."],
  relays: ["occupancy_relays", "How many pings of this node for others are under way now."],
  statesEncoding: [
    "occupancy_states_encoding",
    "How many copies of its state this node encodes now, waiting ones included.",
  ],
  statesMerging: ["occupancy_states_merging", "How many states of peers this node merges now, waiting ones included."],
  exchanges: ["occupancy_exchanges", "How many exchanges over streams this node has under way now."],
  lost: ["occupancy_lost", "How many members this node lost and still looks for now."],
  deadlines: ["occupancy_deadlines", "How many deadlines this node keeps now, those that are out of date included."],
};

/** The sources of the metrics. */
export interface ClusterMetricsParts {
  readonly node: { readonly swim: Swim; readonly streams: Streams };
  readonly counters: () => NodeCounters;
  readonly feed: { readonly readersBehind: number };
  readonly handlers: { readonly count: number };
}

/** The metrics of one cluster; most are read from the core on request. */
export class ClusterMetrics {
  readonly #changes = new Map<ChangeKind, Counter>();
  readonly #roundTrip: Histogram;

  constructor(metrics: Metrics, { node, counters, feed, handlers }: ClusterMetricsParts) {
    const { swim, streams } = node;
    const { queue, inbound, room } = streams;
    for (const status of STATUSES) {
      metrics.read(`members_${status}`, `Members that are ${status} to this node.`, "gauge", () => swim.count(status));
    }
    metrics.readAll(CORE_COUNTERS, "counter", (key) => swim.counters[key]);
    metrics.readAll(NODE_COUNTERS, "counter", (key) => counters()[key]);
    metrics.read("streams_held_bytes", "Bytes of messages on streams, read or answered.", "gauge", () => room.bytes);
    metrics.read("streams_held_back", "Streams that wait now for room for their bytes.", "gauge", () => room.waiting);
    metrics.read("connections_open", "Streams that peers hold open now.", "gauge", () => inbound.size);
    metrics.read("awareness", "How much this node distrusts itself; 0 is healthy.", "gauge", () => swim.awareness);
    metrics.readAll(OCCUPANCY, "gauge", (key) => swim.occupancy[key]);
    metrics.read("stream_messages_open", "Streams open for messages to others.", "gauge", () => queue.open);
    metrics.read("stream_messages_waiting", "Messages to others that wait for a stream.", "gauge", () => queue.waiting);
    const bytesHelp = "Bytes of messages to others that wait for a stream or are on one.";
    metrics.read("stream_messages_bytes", bytesHelp, "gauge", () => queue.bytes);
    const behindHelp = "Readers of changes that have fallen behind and get the whole list anew.";
    metrics.read("change_readers_behind", behindHelp, "gauge", () => feed.readersBehind);
    metrics.read("handlers_at_work", "Asynchronous handlers that are at work now.", "gauge", () => handlers.count);
    const changes = metrics.counter("member_changes_total", "Changes of members.", { kind: KINDS });
    for (const kind of KINDS) this.#changes.set(kind, changes.series(kind));
    this.#roundTrip = metrics.histogram("round_trip_seconds", "Round trips of answered direct pings.").series();
  }

  handle(event: CoreEvent): void {
    if (event.type === "member") this.#changes.get(event.kind)?.add();
    else if (event.type === "ping-answered") this.#roundTrip.observe(event.roundTripMs / 1000);
  }
}

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
  datagramsRefused: [
    "datagrams_refused_total",
    "Datagrams refused as a whole: wrong label or key, damaged, or unknown.",
  ],
  messagesRefused: ["messages_refused_total", "Single messages refused: invalid, or too many."],
  messagesUnsendable: ["messages_unsendable_total", "Messages dropped because no packet can carry them."],
  probesSent: ["probes_total", "Probes sent."],
  probesFailed: ["probes_failed_total", "Probes that no path answered."],
  probesRescued: ["probes_rescued_total", "Probes that only a helper, the stream or a late ack answered."],
  pingsAnswered: ["pings_answered_total", "Pings answered."],
  indirectPingsServed: ["indirect_pings_served_total", "Indirect pings served for others."],
  relaysRefused: ["indirect_pings_refused_total", "Indirect pings refused because too many were under way."],
  suspicionsRaised: ["suspicions_total", "Suspicions of members."],
  selfRefutations: ["self_refutations_total", "Accusations of this node that it refuted."],
  accusationsReturned: [
    "accusations_returned_total",
    "Accusations sent to the accused node, which has to refute them.",
  ],
  rumorsQueued: ["rumors_total", "Rumors queued."],
  rumorsSuperseded: ["rumors_superseded_total", "Rumors replaced by newer ones."],
  rumorsDropped: ["rumors_dropped_total", "Rumors dropped because the store was full or no other member was there."],
  rumorsKnown: ["rumors_known_total", "Rumors ended early because enough copies came back."],
  eagerPackets: ["eager_packets_total", "Packets of the eager lane, which passes news on at once."],
  eagerFallbacks: ["eager_fallbacks_total", "News that the eager lane left for the gossip tick."],
  pushPulls: ["push_pulls_total", "Push/pulls started."],
  pushPullsServed: ["push_pulls_served_total", "Push/pulls answered."],
  pushPullsRefused: [
    "push_pulls_refused_total",
    "Push/pulls refused because too many, or too many of their bytes, were under way.",
  ],
  entriesRefused: [
    "entries_refused_total",
    "Push/pull entries refused: invalid, incompatible or not admitted. A state refused as a whole counts as one.",
  ],
  membersRefused: ["members_refused_total", "Members refused because the view was full."],
  nameConflicts: ["name_conflicts_total", "Alive messages that claimed a known name for another address."],
  lateCalls: ["late_wakeups_total", "Times that this node's event loop was more than 250 ms late."],
  sectionsLeftOut: ["state_sections_left_out_total", "Sections of states left out for lack of room."],
  userMessages: ["user_messages_received_total", "Application messages received, duplicates included."],
};

/** The same for fill levels. */
const OCCUPANCY: ReadTable<keyof Swim["occupancy"]> = {
  members: ["occupancy_members", "Members that this node knows now, including itself and those that failed or left."],
  rumors: ["occupancy_rumors", "Rumors that this node has to spread now."],
  suspicions: ["occupancy_suspicions", "Members that this node suspects now."],
  probes: ["occupancy_probes", "Probes of this node that are under way now."],
  relays: ["occupancy_relays", "Indirect pings for others that are under way now."],
  statesEncoding: [
    "occupancy_states_encoding",
    "Copies of this node's state that are being encoded now, including waiting ones.",
  ],
  statesMerging: ["occupancy_states_merging", "States of peers that are being merged now, including waiting ones."],
  exchanges: ["occupancy_exchanges", "Exchanges over streams that this node has under way now."],
  lost: ["occupancy_lost", "Lost members that this node still tries to reach now."],
  deadlines: ["occupancy_deadlines", "Deadlines that this node keeps now, including stale ones."],
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
      metrics.read(`members_${status}`, `Members that this node lists as ${status}.`, "gauge", () =>
        swim.count(status),
      );
    }
    metrics.readAll(CORE_COUNTERS, "counter", (key) => swim.counters[key]);
    metrics.readAll(NODE_COUNTERS, "counter", (key) => counters()[key]);
    metrics.read(
      "streams_held_bytes",
      "Bytes held for streams that are read or answered now.",
      "gauge",
      () => room.bytes,
    );
    metrics.read("streams_held_back", "Streams that wait for room for their bytes now.", "gauge", () => room.waiting);
    metrics.read("connections_open", "Streams that peers hold open now.", "gauge", () => inbound.size);
    metrics.read("awareness", "Local health score of this node; 0 is healthy.", "gauge", () => swim.awareness);
    metrics.readAll(OCCUPANCY, "gauge", (key) => swim.occupancy[key]);
    metrics.read(
      "stream_messages_open",
      "Streams that are open for messages to others now.",
      "gauge",
      () => queue.open,
    );
    metrics.read(
      "stream_messages_waiting",
      "Messages to others that wait for a stream now.",
      "gauge",
      () => queue.waiting,
    );
    const bytesHelp = "Bytes of messages to others that wait for a stream or are being sent now.";
    metrics.read("stream_messages_bytes", bytesHelp, "gauge", () => queue.bytes);
    const behindHelp = "Readers of changes that have fallen behind and will get a new snapshot.";
    metrics.read("change_readers_behind", behindHelp, "gauge", () => feed.readersBehind);
    metrics.read("handlers_at_work", "Asynchronous handlers that are running now.", "gauge", () => handlers.count);
    const changes = metrics.counter("member_changes_total", "Changes of members, by kind.", { kind: KINDS });
    for (const kind of KINDS) this.#changes.set(kind, changes.series(kind));
    this.#roundTrip = metrics.histogram("round_trip_seconds", "Round-trip times of answered direct pings.").series();
  }

  handle(event: CoreEvent): void {
    if (event.type === "member") this.#changes.get(event.kind)?.add();
    else if (event.type === "ping-answered") this.#roundTrip.observe(event.roundTripMs / 1000);
  }
}

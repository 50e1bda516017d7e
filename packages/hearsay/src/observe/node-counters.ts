import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { Log } from "../base/logger.ts";
import type { ReadTable } from "../base/metrics.ts";
import type { InboundCounters } from "../node/inbound-streams.ts";
import type { StreamRoomCounters } from "../node/stream-room.ts";
import type { Streams } from "../node/streams.ts";
import type { Transport, TransportCounters } from "../transport/transport.ts";

/** Counters of a node's host, outside the protocol. */
export interface NodeCounters extends TransportCounters, InboundCounters, StreamRoomCounters {
  /** Messages for streams that were refused because too much was under way. */
  streamMessagesDropped: number;
  /** Admitted streams of peers that could not be read or got no room for their bytes. */
  connectionsFailed: number;
  /** Streams of peers that the system did not accept, as without free file descriptors. */
  acceptsFailed: number;
  /** Asynchronous handlers that were cut because the node ended. */
  handlersCut: number;
  /** Handlers of `onJoin` and `onLeave` that threw or rejected. */
  memberHandlersFailed: number;
  /** Handlers of raw messages that threw or rejected. */
  rawHandlersFailed: number;
  /** Log lines that were lost because the logger threw. */
  logLinesLost: number;
}

/** Metric name and help of each of these counters. */
export const NODE_COUNTERS: ReadTable<keyof NodeCounters> = {
  sendsFailed: ["sends_failed_total", "Datagrams that could not be sent."],
  sourcesUnusable: ["sources_unusable_total", "Datagrams from sources that can't be answered."],
  connectionsRefused: ["connections_refused_total", "Streams of peers closed at once because no place was free."],
  connectionsDisplaced: ["connections_displaced_total", "Streams of peers closed to make room for new ones."],
  connectionsSilent: ["connections_silent_total", "Streams of peers closed because no byte came in time."],
  connectionsFailed: [
    "connections_failed_total",
    "Streams of peers that could not be read or got no room; refused, displaced and silent ones are not counted.",
  ],
  streamsHeldBack: [
    "streams_held_back_total",
    "Times that a stream, opened by either side, had to wait for room for its bytes.",
  ],
  streamsCrowdedOut: [
    "streams_crowded_out_total",
    "Streams given up for lack of room for their bytes. Those of peers also count in connections_failed_total.",
  ],
  streamMessagesDropped: [
    "stream_messages_dropped_total",
    "Messages for streams that were dropped because too much was under way.",
  ],
  acceptsFailed: [
    "accepts_failed_total",
    "Streams of peers that the system did not accept, for example for lack of file descriptors.",
  ],
  handlersCut: ["handlers_cut_total", "Asynchronous handlers that were cut because the node ended."],
  memberHandlersFailed: ["member_handlers_failed_total", "Handlers of onJoin and onLeave that failed."],
  rawHandlersFailed: ["raw_handlers_failed_total", "Handlers of raw messages that failed."],
  logLinesLost: ["log_lines_lost_total", "Log lines lost because the logger threw."],
};

/** Counters of failed handlers that the node itself calls. */
export type HandlerFailures = Pick<NodeCounters, "memberHandlersFailed" | "rawHandlersFailed">;

/** The sources of the counters. */
export interface NodeCountersParts {
  readonly streams: Streams;
  readonly transport: Transport;
  readonly handlersAtWork: HandlersAtWork;
  readonly handlerFailures: HandlerFailures;
  readonly log: Log;
}

/** The current counters. An application's own transport may have none. */
export function nodeCounters(parts: NodeCountersParts): NodeCounters {
  const { streams, transport, handlersAtWork, handlerFailures, log } = parts;
  const counted = transport.counters ?? { sendsFailed: 0, sourcesUnusable: 0 };
  return {
    sendsFailed: counted.sendsFailed,
    sourcesUnusable: counted.sourcesUnusable,
    ...streams.inbound.counters,
    ...streams.room.counters,
    streamMessagesDropped: streams.queue.dropped,
    connectionsFailed: streams.connectionsFailed,
    acceptsFailed: streams.acceptsFailed,
    handlersCut: handlersAtWork.counters.handlersCut,
    ...handlerFailures,
    logLinesLost: log.lost,
  };
}

import type { Engine } from "../node/engine.ts";
import type { HandlersAtWork } from "../node/handlers-at-work.ts";
import type { InboundCounters } from "../node/inbound-streams.ts";
import type { StreamRoomCounters } from "../node/stream-room.ts";
import type { Transport, TransportCounters } from "../transport/transport.ts";
import type { Log } from "./logger.ts";
import type { ReadTable } from "./metrics.ts";

/** What a node's host has counted, outside the protocol. */
export interface NodeCounters extends TransportCounters, InboundCounters, StreamRoomCounters {
  /** Messages for streams that were not taken, since too much was under way. */
  streamsDropped: number;
  /** Streams of peers that could not be read, or for which there was no room. */
  streamsRefused: number;
  /** Streams of peers that the system did not take, as when there are no file descriptors. */
  acceptsFailed: number;
  /** Asynchronous handlers that were cut because the node ended. */
  handlersCut: number;
  /** Lines of the log that were lost because the logger threw. */
  logLinesLost: number;
}

/** What each of them means, under the name that its metric has. */
export const NODE_COUNTERS: ReadTable<keyof NodeCounters> = {
  sendsFailed: ["sends_failed_total", "Datagrams that did not go out."],
  sourcesUnusable: ["sources_unusable_total", "Datagrams from sources that can't be answered."],
  connectionsRefused: ["connections_refused_total", "Connections closed at once because too many were at work."],
  connectionsDisplaced: ["connections_displaced_total", "Connections that stood still and made room for others."],
  connectionsSilent: ["connections_silent_total", "Connections closed because no byte came in time."],
  streamsWaited: ["streams_waited_total", "Times that a stream had to wait because too many bytes were held."],
  streamsCrowdedOut: ["streams_crowded_out_total", "Streams given up because they had to wait for too long."],
  streamsDropped: ["streams_dropped_total", "Messages for streams dropped because too much was under way."],
  streamsRefused: ["streams_refused_total", "Streams of peers that could not be read, or found no room."],
  acceptsFailed: ["accepts_failed_total", "Streams of peers not taken, as when there are no file descriptors."],
  handlersCut: ["handlers_cut_total", "Asynchronous handlers that were cut because the node ended."],
  logLinesLost: ["log_lines_lost_total", "Lines of the log lost because the logger threw."],
};

/** The counters as they stand. A transport of the application's own need not count. */
export function nodeCounters(engine: Engine, transport: Transport, handlers: HandlersAtWork, log: Log): NodeCounters {
  const counted = transport.counters ?? { sendsFailed: 0, sourcesUnusable: 0 };
  return {
    sendsFailed: counted.sendsFailed,
    sourcesUnusable: counted.sourcesUnusable,
    ...engine.inbound.counters,
    ...engine.room.counters,
    streamsDropped: engine.streamQueue.dropped,
    streamsRefused: engine.streamsRefused,
    acceptsFailed: engine.acceptsFailed,
    handlersCut: handlers.counters.handlersCut,
    logLinesLost: log.lost,
  };
}

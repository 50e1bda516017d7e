import { setMaxListeners } from "node:events";
import type { Address, ExchangeResult } from "@hearsay/core";
import { PUSH_PULL, type StreamCodec } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import type { Connection, Transport } from "../transport/transport.ts";
import type { Accept } from "./driver.ts";
import { type InboundStream, InboundStreams } from "./inbound-streams.ts";
import { SLICE_BYTES } from "./read-message.ts";
import { Refusals } from "./refusals.ts";
import { serveStream } from "./serve-stream.ts";
import { exchangeOverStream, type StreamParts, sendOverStream } from "./stream-exchange.ts";
import { StreamQueue } from "./stream-queue.ts";
import { StreamRoom } from "./stream-room.ts";
import { Turns } from "./turns.ts";

/** Bytes of streams read, decompressed or compressed in one turn of the loop: a slice, a millisecond or two of work. */
const TURN_BYTES = SLICE_BYTES;

/** Streams that this node itself opens at a time, besides those of peers: messages, exchanges and pings. */
const OWN_STREAMS = 256;

/** Assumed bytes per member in a state, until a state has been sent. */
const MEMBER_BYTES = 100;

/** What the streams of a node work with. */
export interface StreamsParts {
  readonly transport: Transport;
  readonly streams: StreamCodec;
  readonly clock: Clock;
  readonly streamTimeoutMs: number;
  /** Streams that peers may hold open. */
  readonly inboundConnectionsMax: number;
  /** Bytes of messages on all streams together, read or answered. */
  readonly streamBytesMax: number;
  /** Passes a peer's request to the node. */
  readonly accept: Accept;
  /** Number of members that the node knows, all of which are in its state. */
  readonly membersCount: () => number;
  /** Called when a peer's stream could not be read, or there was no room for it. */
  readonly onRefused: (from: Address, reason: string) => void;
}

/** The streams of one node: those that peers open to it, and its own. */
export class Streams {
  /** Messages without an answer that are being sent over streams. */
  readonly queue: StreamQueue;
  /** Streams that peers hold open. */
  readonly inbound: InboundStreams;
  /** The budget of bytes that streams hold. */
  readonly room: StreamRoom;
  /** Admitted streams of peers that could not be read or got no room for their bytes. */
  connectionsFailed = 0;
  /** Streams of peers that the system did not accept. */
  acceptsFailed = 0;
  readonly #parts: StreamsParts;
  readonly #streamParts: StreamParts;
  readonly #refusals: Refusals;
  readonly #abort = new AbortController();
  /** Bytes of the last state that was sent as an answer. */
  #stateBytes = 0;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
    this.inbound = new InboundStreams(parts.clock, parts.inboundConnectionsMax, parts.streamTimeoutMs);
    const streamsMax = parts.inboundConnectionsMax + OWN_STREAMS;
    this.room = new StreamRoom(parts.streamBytesMax, streamsMax, parts.clock.soon);
    this.#streamParts = { ...parts, turns: new Turns(parts.clock.soon, TURN_BYTES), room: this.room };
    this.#refusals = new Refusals(this.#streamParts, this.#abort.signal);
    this.queue = new StreamQueue((to, message, signal) => sendOverStream(this.#streamParts, to, message, signal));
    // Each open stream adds a listener; the number of streams is limited elsewhere.
    setMaxListeners(0, this.#abort.signal);
  }

  /** A peer has opened a stream. */
  admit(connection: Connection): void {
    const stream = this.inbound.admit(connection);
    if (stream !== null) return void this.#serve(stream);
    this.#parts.onRefused(connection.remote, "too-many-streams");
    void this.#refusals.refuse(connection, "too many connections are open; try again later");
  }

  /**
   * Sends a request, and calls `done` with the result. Returns a function that cancels it; `done` may then be called
   * with that result.
   */
  exchange(to: Address, request: Uint8Array, timeoutMs: number, done: (result: ExchangeResult) => void): () => void {
    const controller = new AbortController();
    void exchangeOverStream(this.#streamParts, to, request, timeoutMs, controller.signal).then(done);
    return () => controller.abort();
  }

  /** Cuts all streams. */
  stop(): void {
    this.#abort.abort();
    this.queue.stop();
  }

  async #serve(stream: InboundStream): Promise<void> {
    const answerer = {
      answerTo: async (request: Uint8Array): Promise<Uint8Array | null> => {
        const answer = await this.#answerTo(stream.remote, request);
        if (answer !== null && request[0] === PUSH_PULL) this.#stateBytes = answer.length;
        return answer;
      },
      stateBytes: (): number => Math.max(this.#stateBytes, MEMBER_BYTES * this.#parts.membersCount()),
    };
    const refusal = await serveStream(this.#streamParts, stream, answerer, this.#abort.signal);
    // If this node gave up the stream, its early end is not the peer's fault.
    if (refusal === null || stream.isGivenUp || this.#abort.signal.aborted) return;
    this.connectionsFailed++;
    this.#parts.onRefused(stream.remote, refusal);
  }

  #answerTo(from: Address, request: Uint8Array): Promise<Uint8Array | null> {
    return new Promise((resolve) => this.#parts.accept(from, request, resolve));
  }
}

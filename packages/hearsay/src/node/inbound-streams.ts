import type { Address } from "@hearsay/core";
import type { Connection, ConnectionHandlers } from "../transport/transport.ts";
import type { Clock } from "./clock.ts";

/** How long a stream may stay open without a byte: a peer sends as soon as it has connected. */
export const FIRST_BYTE_MS = 5_000;

/** How long a stream without a byte keeps its place from newcomers: in a burst, the first bytes are still on their way. */
export const SILENT_KEPT_MS = 250;

/** The same for a stream on which something has come or gone, counted from the last of it. */
export const IDLE_KEPT_MS = 1_000;

/** What became of streams that peers opened. */
export interface InboundCounters {
  /** Closed at once: all places were taken by streams that were at work. */
  connectionsRefused: number;
  /** Closed to make room for a newcomer. */
  connectionsDisplaced: number;
  /** Closed because no byte came in time. */
  connectionsSilent: number;
}

/**
 * The streams that peers hold open to this node, at most so many. At the limit a newcomer takes the place of the oldest
 * that has not sent a byte, or else of the one that stands still for longest; a stream whose request is being answered
 * keeps its place.
 */
export class InboundStreams {
  readonly counters: InboundCounters = { connectionsRefused: 0, connectionsDisplaced: 0, connectionsSilent: 0 };
  readonly #clock: Clock;
  readonly #max: number;
  readonly #firstByteMs: number;
  /** Without a byte so far; the oldest comes first. */
  readonly #silent = new Set<InboundStream>();
  /** The one on which something came or went longest ago comes first. */
  readonly #heard = new Set<InboundStream>();
  /** Streams whose request this node is answering. */
  readonly #answering = new Set<InboundStream>();

  constructor(clock: Clock, max: number, streamTimeoutMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#firstByteMs = Math.min(FIRST_BYTE_MS, streamTimeoutMs);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#silent.size + this.#heard.size + this.#answering.size;
  }

  /** Takes a stream in, which is then used in place of the connection. Null if there is no room: the caller closes it. */
  admit(connection: Connection): InboundStream | null {
    if (this.size >= this.#max && !this.#makeRoom()) {
      this.counters.connectionsRefused++;
      return null;
    }
    const stream = new InboundStream(connection, this.#clock, (place) => this.#move(stream, place));
    this.#silent.add(stream);
    stream.onFirst(this.#clock.after(this.#firstByteMs, () => this.#expectFirst(stream)));
    return stream;
  }

  #move(stream: InboundStream, place: Place): void {
    this.#silent.delete(stream);
    this.#heard.delete(stream);
    this.#answering.delete(stream);
    if (place === "heard") this.#heard.add(stream);
    else if (place === "answering") this.#answering.add(stream);
  }

  /** The time for the first byte is over. One that already waits in the socket still counts. */
  #expectFirst(stream: InboundStream): void {
    this.#clock.soon(() => {
      if (!this.#silent.has(stream)) return;
      this.counters.connectionsSilent++;
      stream.giveUp();
    });
  }

  #makeRoom(): boolean {
    const stream = this.#stillFor(this.#silent, SILENT_KEPT_MS) ?? this.#stillFor(this.#heard, IDLE_KEPT_MS);
    if (stream === null) return false;
    this.counters.connectionsDisplaced++;
    stream.giveUp();
    return true;
  }

  #stillFor(streams: Set<InboundStream>, keptMs: number): InboundStream | null {
    const [first] = streams;
    return first !== undefined && this.#clock.now() - first.movedAt >= keptMs ? first : null;
  }
}

/** Where a stream stands among the others. */
type Place = "heard" | "answering" | "gone";

/** One stream that a peer opened, as `InboundStreams` follows it. */
export class InboundStream implements Connection {
  /** When something came or went for the last time. */
  movedAt: number;
  readonly #inner: Connection;
  readonly #clock: Clock;
  readonly #onMove: (place: Place) => void;
  #isOver = false;
  #cancelFirst: () => void = () => {};

  constructor(inner: Connection, clock: Clock, onMove: (place: Place) => void) {
    this.#inner = inner;
    this.#clock = clock;
    this.#onMove = onMove;
    this.movedAt = clock.now();
  }

  get remote(): Address {
    return this.#inner.remote;
  }

  /** `cancel` is called with the first byte, and at the end. */
  onFirst(cancel: () => void): void {
    this.#cancelFirst = cancel;
  }

  /** The whole request is there; from now on its answer is this node's affair. */
  beginAnswer(): void {
    this.#moved("answering");
  }

  /** The answer, if there is one, is handed over to be sent. */
  endAnswer(): void {
    this.#moved("heard");
  }

  listen(handlers: ConnectionHandlers): void {
    this.#inner.listen({
      data: (chunk) => {
        this.#moved("heard");
        handlers.data(chunk);
      },
      end: () => handlers.end(),
      closed: (error) => {
        this.#moved("gone");
        this.#isOver = true;
        handlers.closed(error);
      },
    });
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  write(bytes: Uint8Array): void {
    this.#inner.write(bytes);
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  /** Frees its place at once, and closes it. */
  giveUp(): void {
    this.#moved("gone");
    this.#isOver = true;
    this.#inner.destroy();
  }

  #moved(place: Place): void {
    if (this.#isOver) return;
    this.#cancelFirst();
    this.movedAt = this.#clock.now();
    this.#onMove(place);
  }
}

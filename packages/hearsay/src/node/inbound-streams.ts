import type { Address } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import type { Connection, ConnectionHandlers } from "../transport/transport.ts";
import { hostKey } from "./host-key.ts";
import type { ServedConnection, Standing } from "./serve-stream.ts";

/** How long a stream may stay open without a byte: a peer sends as soon as it has connected. */
export const FIRST_BYTE_MS = 5_000;

/** How long a silent stream can't be displaced: in a burst, the first bytes are still under way. */
export const SILENT_KEPT_MS = 250;

/** The same for a stream whose peer has sent something, counted from the last byte. */
export const IDLE_KEPT_MS = 1_000;

/** Counters of streams that peers opened. */
export interface InboundCounters {
  /** Closed at once, since no stream could be displaced. */
  connectionsRefused: number;
  /** Closed to make room for a new stream. */
  connectionsDisplaced: number;
  /** Closed because no byte came in time. */
  connectionsSilent: number;
}

/** The state of a stream; `silent`: no byte has come so far. */
type Place = "silent" | Standing;

/**
 * The streams that peers hold open to this node, with a limit. At the limit a new stream displaces the oldest silent
 * stream, else the one whose peer has been idle for longest, else one of the host with the most streams, unless the new
 * stream's host would then have more. A stream whose request is being answered is never displaced.
 */
export class InboundStreams {
  readonly counters: InboundCounters = { connectionsRefused: 0, connectionsDisplaced: 0, connectionsSilent: 0 };
  readonly #clock: Clock;
  readonly #max: number;
  readonly #firstByteMs: number;
  // In each set the stream with the oldest activity comes first.
  readonly #silent = new Set<InboundStream>();
  readonly #heard = new Set<InboundStream>();
  readonly #held = new Set<InboundStream>();
  readonly #answering = new Set<InboundStream>();
  readonly #streams: Readonly<Record<Place, Set<InboundStream>>> = {
    silent: this.#silent,
    heard: this.#heard,
    held: this.#held,
    answering: this.#answering,
  };
  /** Number of streams of each host. */
  readonly #hosts = new Map<string, number>();

  constructor(clock: Clock, max: number, streamTimeoutMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#firstByteMs = Math.min(FIRST_BYTE_MS, streamTimeoutMs);
  }

  /** Number of open streams. */
  get size(): number {
    return this.#silent.size + this.#heard.size + this.#held.size + this.#answering.size;
  }

  /**
   * Admits a stream, to be used instead of the connection. Null if there is no room: the caller closes the connection.
   */
  admit(connection: Connection): InboundStream | null {
    const host = hostKey(connection.remote);
    if (this.size >= this.#max && !this.#makeRoom(host)) {
      this.counters.connectionsRefused++;
      return null;
    }
    const stream = new InboundStream(connection, this.#clock, (from, to) => this.#move(stream, from, to));
    this.#silent.add(stream);
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
    stream.onFirst(this.#clock.after(this.#firstByteMs, () => this.#expectFirst(stream)));
    return stream;
  }

  #move(stream: InboundStream, from: Place, to: Place | null): void {
    this.#streams[from].delete(stream);
    if (to !== null) {
      this.#streams[to].add(stream);
      return;
    }
    const left = (this.#hosts.get(stream.host) ?? 1) - 1;
    if (left === 0) this.#hosts.delete(stream.host);
    else this.#hosts.set(stream.host, left);
  }

  /** The time for the first byte is over. A byte that already waits in the socket still counts. */
  #expectFirst(stream: InboundStream): void {
    this.#clock.soon(() => {
      if (!this.#silent.has(stream)) return;
      this.counters.connectionsSilent++;
      stream.giveUp();
    });
  }

  #makeRoom(host: string): boolean {
    const still = this.#stillFor(this.#silent, SILENT_KEPT_MS) ?? this.#stillFor(this.#heard, IDLE_KEPT_MS);
    const stream = still ?? this.#ofMost(host);
    if (stream === null) return false;
    this.counters.connectionsDisplaced++;
    stream.giveUp();
    return true;
  }

  #stillFor(streams: Set<InboundStream>, keptMs: number): InboundStream | null {
    const [first] = streams;
    return first !== undefined && this.#clock.now() - first.movedAt >= keptMs ? first : null;
  }

  /** The longest idle stream of the host with the most streams; null if the new stream's host would then have more. */
  #ofMost(newcomer: string): InboundStream | null {
    let found: InboundStream | null = null;
    let most = (this.#hosts.get(newcomer) ?? 0) + 1;
    for (const streams of [this.#silent, this.#heard, this.#held]) {
      for (const stream of streams) {
        const count = this.#hosts.get(stream.host) ?? 0;
        if (count > most) [found, most] = [stream, count];
      }
    }
    return found;
  }
}

/** One stream that a peer opened, as `InboundStreams` follows it. */
export class InboundStream implements ServedConnection {
  /** The host that opened it, as a `hostKey`. */
  readonly host: string;
  /** Time of the last activity. */
  movedAt: number;
  /** Whether this node closed it to make room, or because no byte came. */
  isGivenUp = false;
  readonly #inner: Connection;
  readonly #clock: Clock;
  readonly #onMove: (from: Place, to: Place | null) => void;
  #place: Place | null = "silent";
  #cancelFirst: () => void = () => {};

  constructor(inner: Connection, clock: Clock, onMove: (from: Place, to: Place | null) => void) {
    this.#inner = inner;
    this.#clock = clock;
    this.#onMove = onMove;
    this.host = hostKey(inner.remote);
    this.movedAt = clock.now();
  }

  get remote(): Address {
    return this.#inner.remote;
  }

  /** `cancel` is called at the first byte, or at the end. */
  onFirst(cancel: () => void): void {
    this.#cancelFirst = cancel;
  }

  standAs(standing: Standing): void {
    this.#moveTo(standing);
  }

  listen(handlers: ConnectionHandlers): void {
    this.#inner.listen({
      data: (chunk) => {
        // Bytes that arrive while this node is at work don't change the state.
        if (this.#place === "silent" || this.#place === "heard") this.#moveTo("heard");
        handlers.data(chunk);
      },
      end: () => handlers.end(),
      closed: (error) => {
        this.#moveTo(null);
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

  /** Frees its place at once and closes it. */
  giveUp(): void {
    this.#moveTo(null);
    this.isGivenUp = true;
    this.#inner.destroy();
  }

  /** Null: the stream is over. */
  #moveTo(place: Place | null): void {
    if (this.#place === null) return;
    this.#cancelFirst();
    this.movedAt = this.#clock.now();
    this.#onMove(this.#place, place);
    this.#place = place;
  }
}

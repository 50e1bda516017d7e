import type { Address } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import type { Connection, ConnectionHandlers } from "../transport/transport.ts";
import { hostKey } from "./host-key.ts";
import type { ServedConnection, Standing } from "./serve-stream.ts";

/** How long a stream may stay open without a byte: a peer sends as soon as it has connected. */
export const FIRST_BYTE_MS = 5_000;

/** How long a stream without a byte keeps its place from newcomers: in a burst, the first bytes are still on their way. */
export const SILENT_KEPT_MS = 250;

/** The same for a stream whose peer has sent something, counted from the last of it. */
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

/** Where a stream stands among the others: `silent`, no byte has come so far. */
type Place = "silent" | Standing;

/**
 * The streams that peers hold open to this node, at most so many. At the limit a newcomer takes the place of the oldest
 * that has not sent a byte, or else of the one whose peer has stood still for longest, or else of one of the host that has
 * most of them, unless the newcomer's would then have more. A stream whose request is being answered keeps its place.
 */
export class InboundStreams {
  readonly counters: InboundCounters = { connectionsRefused: 0, connectionsDisplaced: 0, connectionsSilent: 0 };
  readonly #clock: Clock;
  readonly #max: number;
  readonly #firstByteMs: number;
  // In each place the stream on which something came or went longest ago comes first.
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
  /** How many each host has. */
  readonly #hosts = new Map<string, number>();

  constructor(clock: Clock, max: number, streamTimeoutMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#firstByteMs = Math.min(FIRST_BYTE_MS, streamTimeoutMs);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#silent.size + this.#heard.size + this.#held.size + this.#answering.size;
  }

  /** Takes a stream in, which is then used in place of the connection. Null if there is no room: the caller closes it. */
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

  /** The time for the first byte is over. One that already waits in the socket still counts. */
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

  /** The stillest stream, of those that may go, of the host that has most; none if the newcomer's would then have more. */
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
  /** The host that opened it, as hosts are told apart. */
  readonly host: string;
  /** When something came or went for the last time. */
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

  /** `cancel` is called with the first byte, and at the end. */
  onFirst(cancel: () => void): void {
    this.#cancelFirst = cancel;
  }

  standAs(standing: Standing): void {
    this.#moveTo(standing);
  }

  listen(handlers: ConnectionHandlers): void {
    this.#inner.listen({
      data: (chunk) => {
        // What comes while this node is at work doesn't make it the peer's turn.
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

  /** Frees its place at once, and closes it. */
  giveUp(): void {
    this.#moveTo(null);
    this.isGivenUp = true;
    this.#inner.destroy();
  }

  /** Null: it is over. */
  #moveTo(place: Place | null): void {
    if (this.#place === null) return;
    this.#cancelFirst();
    this.movedAt = this.#clock.now();
    this.#onMove(this.#place, place);
    this.#place = place;
  }
}

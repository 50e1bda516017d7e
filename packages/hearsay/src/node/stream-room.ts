/** Counters of waits and failures for lack of room. */
export interface StreamRoomCounters {
  /** Times that a stream had to wait for room. */
  streamsHeldBack: number;
  /** Streams given up because there was no room in time, or never could be. */
  streamsCrowdedOut: number;
}

/**
 * One budget of bytes for all streams that are read and answered: received parts of messages, what they decompress to,
 * and answers that the peers have not read yet.
 *
 * An eighth is divided evenly, so that short messages never wait. Three eighths are shared: no host gets more of them
 * than is left free for the others, so that a single host gets half, a second one half of the rest, and so on. The
 * other half of the budget is for one stream at a time that can't continue within its share, so that the longest
 * message gets through and streams never deadlock on each other's bytes.
 */
export class StreamRoom {
  readonly counters: StreamRoomCounters = { streamsHeldBack: 0, streamsCrowdedOut: 0 };
  readonly #evenly: number;
  readonly #sharedMax: number;
  readonly #singleMax: number;
  readonly #soon: (fn: () => void) => void;
  readonly #hosts = new Map<string, Host>();
  readonly #waiting = new Map<StreamShare, () => void>();
  #shared = 0;
  #bytes = 0;
  /** The stream that has the other half of the budget, and its host. */
  #single: { readonly share: StreamShare; readonly host: Host } | null = null;
  #isWakeArmed = false;

  /** `streamsMax`: most streams at a time. */
  constructor(bytesMax: number, streamsMax: number, soon: (fn: () => void) => void) {
    this.#evenly = Math.floor(bytesMax / 8 / streamsMax);
    this.#sharedMax = Math.floor((bytesMax * 3) / 8);
    this.#singleMax = Math.floor(bytesMax / 2);
    this.#soon = soon;
  }

  /** Number of bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of streams that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Bytes of the longest message for which a stream can get room. */
  get messageBytesMax(): number {
    return this.#singleMax + this.#evenly;
  }

  /** Opens the share of a stream with a host. */
  open(name: string): StreamShare {
    const host = this.#hosts.get(name) ?? { bytes: 0, streams: 0 };
    this.#hosts.set(name, host);
    host.streams++;
    const share: StreamShare = new StreamShare({
      resize: (bytes) => this.#resize(share, host, bytes),
      wait: (run) => this.#wait(share, run),
      isTooLarge: (bytes) => this.#charged(bytes) > this.#singleMax,
      close: () => {
        this.#resize(share, host, 0);
        if (--host.streams === 0) this.#hosts.delete(name);
      },
    });
    return share;
  }

  #resize(share: StreamShare, host: Host, bytes: number): boolean {
    const growth = this.#charged(bytes) - this.#charged(share.bytes);
    if (growth > 0 && !this.#mayGrow(share, host, bytes, growth)) return false;
    const isSingle = this.#single?.share === share;
    if (!isSingle) this.#charge(host, growth);
    this.#bytes += bytes - share.bytes;
    share.bytes = bytes;
    // The stream no longer waits.
    this.#waiting.delete(share);
    if (growth >= 0) return true;
    // A stream that may still ask for more keeps the other half until it holds less itself.
    if (isSingle || this.#single?.share.isSettled === true) this.#leaveHalf();
    this.#wake();
    return true;
  }

  /** The part of a stream's bytes that exceeds its even part. */
  #charged(bytes: number): number {
    return Math.max(0, bytes - this.#evenly);
  }

  #mayGrow(share: StreamShare, host: Host, bytes: number, growth: number): boolean {
    const fitsAlone = this.#charged(bytes) <= this.#singleMax;
    if (this.#single?.share === share) return fitsAlone;
    if (this.#isFree(host, growth)) return true;
    if (this.#single !== null || !fitsAlone) return false;
    this.#charge(host, -this.#charged(share.bytes));
    this.#single = { share, host };
    return true;
  }

  /** Whether a host may take this many more of the shared bytes. */
  #isFree(host: Host, bytes: number): boolean {
    return host.bytes + bytes <= this.#sharedMax - this.#shared - bytes;
  }

  /** Frees the other half for another stream, once the bytes that its stream still holds fit into the shared part. */
  #leaveHalf(): void {
    if (this.#single === null) return;
    const { share, host } = this.#single;
    const charged = this.#charged(share.bytes);
    if (charged > 0 && !this.#isFree(host, charged)) return;
    this.#single = null;
    this.#charge(host, charged);
  }

  #charge(host: Host, growth: number): void {
    host.bytes += growth;
    this.#shared += growth;
  }

  #wait(share: StreamShare, run: () => void): void {
    if (!this.#waiting.has(share)) this.counters.streamsHeldBack++;
    this.#waiting.set(share, run);
  }

  /** Resumes the waiting streams for which there is room now, in the order in which they came. */
  #wake(): void {
    if (this.#isWakeArmed || this.#waiting.size === 0) return;
    this.#isWakeArmed = true;
    this.#soon(() => {
      this.#isWakeArmed = false;
      for (const [share, run] of [...this.#waiting]) {
        if (!this.#waiting.has(share) || !share.holdsWanted()) continue;
        run();
      }
    });
  }
}

interface Host {
  bytes: number;
  streams: number;
}

interface ShareParts {
  resize(bytes: number): boolean;
  wait(run: () => void): void;
  isTooLarge(bytes: number): boolean;
  close(): void;
}

/** The bytes that one stream holds. */
export class StreamShare {
  /** Bytes held now. */
  bytes = 0;
  /** Whether it will ask for no more bytes. */
  isSettled = false;
  readonly #parts: ShareParts;
  #wanted = 0;
  #isClosed = false;

  constructor(parts: ShareParts) {
    this.#parts = parts;
  }

  /** Whether the stream may hold this many bytes in total. Less than before is always granted. */
  readonly hold = (bytes: number): boolean => {
    if (this.#isClosed) return true;
    const isGranted = this.#parts.resize(bytes);
    this.#wanted = isGranted ? 0 : bytes;
    return isGranted;
  };

  /** Holds this many bytes, less than before, and asks for no more until it is closed. */
  settle(bytes: number): void {
    this.isSettled = true;
    this.hold(bytes);
  }

  /** Whether it was refused more bytes than it can ever get. */
  get isHopeless(): boolean {
    return this.#parts.isTooLarge(this.#wanted);
  }

  /** Whether its last request was refused. */
  get isRefused(): boolean {
    return this.#wanted > 0;
  }

  /** Whether there is room now for the refused request; if so, the bytes are held. */
  holdsWanted(): boolean {
    return this.#wanted === 0 || this.hold(this.#wanted);
  }

  /** Calls `run` once there is room for the refused request and the bytes are held. */
  whenRoom(run: () => void): void {
    if (!this.#isClosed) this.#parts.wait(run);
  }

  /** Releases all bytes. */
  close(): void {
    if (this.#isClosed) return;
    this.#parts.close();
    this.#isClosed = true;
  }
}

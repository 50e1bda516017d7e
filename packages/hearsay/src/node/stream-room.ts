/** What has happened for want of room. */
export interface StreamRoomCounters {
  /** Times that a stream had to wait for room. */
  streamsHeldBack: number;
  /** Streams given up because room did not come in time, or could never have come. */
  streamsCrowdedOut: number;
}

/**
 * One budget of bytes for all streams that are read and answered: what has arrived of a message, what it decompresses to,
 * and answers that their peers have not taken yet.
 *
 * An eighth of it is divided evenly, so that short messages never wait. Three eighths are shared: no host gets more of
 * them than is left free for the others, so that one alone gets half of them, a second one half of the rest, and so on.
 * The other half is for a single stream at a time that can't go on within its share; so the longest message comes
 * through, and streams that wait for each other's bytes don't wait for ever.
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
  /** The stream that has the other half, and its host. */
  #single: { readonly share: StreamShare; readonly host: Host } | null = null;
  #isWakeArmed = false;

  /** `streamsMax`: streams that there can be at a time. */
  constructor(bytesMax: number, streamsMax: number, soon: (fn: () => void) => void) {
    this.#evenly = Math.floor(bytesMax / 8 / streamsMax);
    this.#sharedMax = Math.floor((bytesMax * 3) / 8);
    this.#singleMax = Math.floor(bytesMax / 2);
    this.#soon = soon;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Streams that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The longest message that a stream can ever have room for. */
  get messageBytesMax(): number {
    return this.#singleMax + this.#evenly;
  }

  /** Opens the account of a stream with a host. */
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
    // It waits for nothing more than this.
    this.#waiting.delete(share);
    if (growth >= 0) return true;
    // Who may still ask for more keeps the half until it holds less itself.
    if (isSingle || this.#single?.share.isSettled === true) this.#leaveHalf();
    this.#wake();
    return true;
  }

  /** What of a stream's bytes exceeds its even part. */
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

  /** Whether a host may have so many more of the shared bytes. */
  #isFree(host: Host, bytes: number): boolean {
    return host.bytes + bytes <= this.#sharedMax - this.#shared - bytes;
  }

  /** Frees the other half for somebody else, once what its stream still holds fits among the others. */
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

  /** Lets those go on for whom there is room now, in the order in which they came. */
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

/** What one stream holds. */
export class StreamShare {
  /** Bytes held now. */
  bytes = 0;
  /** Whether it asks for no more from now on. */
  isSettled = false;
  readonly #parts: ShareParts;
  #wanted = 0;
  #isClosed = false;

  constructor(parts: ShareParts) {
    this.#parts = parts;
  }

  /** Whether the stream may hold so many bytes in all from now on. Less than before is always granted. */
  readonly hold = (bytes: number): boolean => {
    if (this.#isClosed) return true;
    const isGranted = this.#parts.resize(bytes);
    this.#wanted = isGranted ? 0 : bytes;
    return isGranted;
  };

  /** Holds so many bytes, less than before, and asks for no more until it is closed. */
  settle(bytes: number): void {
    this.isSettled = true;
    this.hold(bytes);
  }

  /** Whether it was refused what it will never get. */
  get isHopeless(): boolean {
    return this.#parts.isTooLarge(this.#wanted);
  }

  /** Whether it was refused what it last asked for. */
  get isRefused(): boolean {
    return this.#wanted > 0;
  }

  /** Whether there is room for what was refused now; then it is held. */
  holdsWanted(): boolean {
    return this.#wanted === 0 || this.hold(this.#wanted);
  }

  /** Calls once there is room for what was refused, and it is held. */
  whenRoom(run: () => void): void {
    if (!this.#isClosed) this.#parts.wait(run);
  }

  /** Gives everything back. */
  close(): void {
    if (this.#isClosed) return;
    this.#parts.close();
    this.#isClosed = true;
  }
}

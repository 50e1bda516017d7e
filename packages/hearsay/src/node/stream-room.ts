/** What has happened for want of room. */
export interface StreamRoomCounters {
  /** Times that a stream had to wait for room. */
  streamsWaited: number;
  /** Streams given up because room did not come in time, or could never have come. */
  streamsCrowdedOut: number;
}

/**
 * One budget of bytes for all streams that are read and answered: what has arrived of a message, what it decompresses to,
 * and answers that their peers have not taken yet.
 *
 * Half of it is shared: no host gets more of that than is left free for the others, so that one alone gets half of it, a
 * second one half of the rest, and so on. The other half is for a single stream at a time that can't go on within its
 * share; so the longest message comes through, and streams that wait for each other's bytes don't wait for ever.
 */
export class StreamRoom {
  readonly counters: StreamRoomCounters = { streamsWaited: 0, streamsCrowdedOut: 0 };
  readonly #half: number;
  readonly #soon: (fn: () => void) => void;
  readonly #hosts = new Map<string, Host>();
  readonly #waiting = new Map<StreamShare, () => void>();
  #shared = 0;
  /** The stream that has the other half. */
  #single: StreamShare | null = null;
  #isWakeArmed = false;

  constructor(bytesMax: number, soon: (fn: () => void) => void) {
    this.#half = Math.floor(bytesMax / 2);
    this.#soon = soon;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#shared + (this.#single?.bytes ?? 0);
  }

  /** Streams that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Opens the account of a stream with a host. */
  open(name: string): StreamShare {
    const host = this.#hosts.get(name) ?? { bytes: 0, streams: 0 };
    this.#hosts.set(name, host);
    host.streams++;
    const share: StreamShare = new StreamShare({
      resize: (bytes) => this.#resize(share, host, bytes),
      wait: (run) => this.#wait(share, run),
      isTooLarge: (bytes) => bytes > this.#half,
      close: () => {
        this.#resize(share, host, 0);
        this.#waiting.delete(share);
        if (--host.streams === 0) this.#hosts.delete(name);
      },
    });
    return share;
  }

  #resize(share: StreamShare, host: Host, bytes: number): boolean {
    const growth = bytes - share.bytes;
    if (growth <= 0) {
      this.#add(share, host, growth);
      if (bytes === 0 && this.#single === share) this.#single = null;
      if (growth < 0) this.#wake();
      return true;
    }
    if (this.#single === share) return bytes <= this.#half;
    if (host.bytes + growth <= this.#half - this.#shared - growth) {
      this.#add(share, host, growth);
      return true;
    }
    if (this.#single !== null || bytes > this.#half) return false;
    this.#add(share, host, -share.bytes);
    this.#single = share;
    return true;
  }

  #add(share: StreamShare, host: Host, growth: number): void {
    if (this.#single === share) return;
    host.bytes += growth;
    this.#shared += growth;
  }

  #wait(share: StreamShare, run: () => void): void {
    this.counters.streamsWaited++;
    this.#waiting.set(share, run);
  }

  /** Lets all who wait ask again, in the order in which they came. */
  #wake(): void {
    if (this.#isWakeArmed || this.#waiting.size === 0) return;
    this.#isWakeArmed = true;
    this.#soon(() => {
      this.#isWakeArmed = false;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const run of waiting) run();
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
    if (isGranted) this.bytes = bytes;
    this.#wanted = isGranted ? 0 : bytes;
    return isGranted;
  };

  /** Whether it was refused what it will never get. */
  get isHopeless(): boolean {
    return this.#parts.isTooLarge(this.#wanted);
  }

  /** Whether it was refused what it last asked for. */
  get isRefused(): boolean {
    return this.#wanted > 0;
  }

  /** Calls once there may be room for what was refused. */
  whenRoom(run: () => void): void {
    if (!this.#isClosed) this.#parts.wait(run);
  }

  /** Gives everything back. */
  close(): void {
    if (this.#isClosed) return;
    this.#parts.close();
    this.#isClosed = true;
    this.bytes = 0;
  }
}

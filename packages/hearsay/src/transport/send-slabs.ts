const SLAB_BYTES = 64 * 1024;
const SLABS_MAX = 64;

/** Told when the kernel has taken a datagram, or hasn't. */
export type SendDone = (error: Error | null) => void;

/** One piece of memory that datagrams are copied into, one behind the other. */
export interface Slab {
  readonly bytes: Uint8Array;
  /** Where the last copy begins. */
  start: number;
  /** Where the next copy goes. */
  end: number;
  /** Datagrams copied in and not yet sent. */
  inFlight: number;
  /** The callback for each of them: one function a slab, not one a packet. */
  readonly sent: SendDone;
}

/**
 * Memory for datagrams under way. A slab is used again once all that is in it has been sent; at 64 slabs (4 MiB) there
 * is no more, and the datagram is dropped.
 */
export class SendSlabs {
  readonly #failed: (error: Error) => void;
  readonly #slabs: Slab[] = [];
  #current: Slab;

  /** @param failed Told of each datagram that could not be sent. */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
    this.#current = this.#create();
  }

  /** Bytes of memory held. */
  get heldBytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  /** Copies bytes in. The copy lies from `start` to `end` of the slab returned; null if there is no room left. */
  copy(bytes: Uint8Array): Slab | null {
    let slab = this.#current;
    // What has been sent may be overwritten, so a slab with nothing under way is as good as new.
    if (slab.inFlight === 0) slab.end = 0;
    if (slab.end + bytes.length > SLAB_BYTES) {
      const free = this.#slabs.find((candidate) => candidate.inFlight === 0);
      if (free === undefined && this.#slabs.length === SLABS_MAX) return null;
      slab = free ?? this.#create();
      slab.end = 0;
      this.#current = slab;
    }
    slab.bytes.set(bytes, slab.end);
    slab.start = slab.end;
    slab.end += bytes.length;
    slab.inFlight++;
    return slab;
  }

  #create(): Slab {
    const slab: Slab = {
      bytes: Buffer.allocUnsafeSlow(SLAB_BYTES),
      start: 0,
      end: 0,
      inFlight: 0,
      sent: (error) => {
        slab.inFlight--;
        if (error !== null) this.#failed(error);
      },
    };
    this.#slabs.push(slab);
    return slab;
  }
}

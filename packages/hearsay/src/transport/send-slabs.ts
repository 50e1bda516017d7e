const SLAB_BYTES = 64 * 1024;
const SLABS_MAX = 64;

/** Called when the kernel has taken a datagram, or failed to. */
export type SendDone = (error: Error | null) => void;

/** A block of memory into which datagrams are copied, one after the other. */
export interface Slab {
  readonly bytes: Uint8Array;
  /** Start of the last copy. */
  start: number;
  /** Start of the next copy. */
  end: number;
  /** Datagrams copied in and not sent yet. */
  inFlight: number;
  /** The callback for each datagram: one function per slab, not per packet. */
  readonly sent: SendDone;
}

/**
 * Memory for datagrams that are being sent. A slab is reused once all its datagrams have been sent; if 64 slabs (4 MiB)
 * are in use, further datagrams are dropped.
 */
export class SendSlabs {
  readonly #failed: (error: Error) => void;
  readonly #slabs: Slab[] = [];
  #current: Slab;

  /** @param failed Called for each datagram that could not be sent. */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
    this.#current = this.#create();
  }

  /** Bytes of memory held. */
  get heldBytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  /** Copies bytes in. The copy is at `start` to `end` of the returned slab; null if there is no room. */
  copy(bytes: Uint8Array): Slab | null {
    let slab = this.#current;
    // Sent bytes may be overwritten, so a slab with nothing in flight is empty.
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

import type { Address } from "@hearsay/core";
import type { MemoryNetwork } from "./memory-network.ts";
import { type Connection, type ConnectionHandlers, TransportError } from "./transport.ts";

/** A piece of a stream: bytes, the end of a direction, or a reset. */
type Piece = Uint8Array | "end" | "reset";

/** How long a cut connection holds written bytes before it fails with a timeout. */
const STALL_LIMIT_MS = 30_000;
const STALL_RETRY_MS = 200;

/** One side of a stream in memory. `join` connects two sides. */
export class MemoryConnection implements Connection {
  readonly remote: Address;
  readonly #network: MemoryNetwork;
  /** The ends of this direction in the network's model. */
  readonly #from: string;
  readonly #to: string;
  readonly #onClosed: (connection: MemoryConnection) => void;
  #peer: MemoryConnection | null = null;
  #handlers: ConnectionHandlers | null = null;
  /** Arrived before `listen`, or since `pause`. */
  readonly #kept: Piece[] = [];
  #isListening = false;
  #isPaused = false;
  /** Written and not sent yet: filled while the link is cut, so that pieces stay in order. */
  readonly #outgoing: Piece[] = [];
  #isSending = false;
  #stalledSince: number | null = null;
  /** No piece may overtake an earlier one. */
  #lastArrival = 0;
  #hasEnded = false;
  #hasHeardEnd = false;
  #isClosed = false;
  #error: Error | null = null;

  constructor(
    network: MemoryNetwork,
    from: string,
    remote: { readonly address: Address; readonly key: string },
    onClosed: (connection: MemoryConnection) => void,
  ) {
    this.#network = network;
    this.#from = from;
    this.#to = remote.key;
    this.remote = remote.address;
    this.#onClosed = onClosed;
  }

  /** Connects two sides. */
  static join(one: MemoryConnection, other: MemoryConnection): void {
    one.#peer = other;
    other.#peer = one;
  }

  listen(handlers: ConnectionHandlers): void {
    if (this.#handlers !== null) throw new TransportError("closed", "this connection has a listener already");
    this.#handlers = handlers;
    this.#network.soon(() => {
      this.#isListening = true;
      if (this.#isClosed) this.#handlers?.closed(this.#error);
      else this.#deliverKept();
    });
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Never within the owner's call.
    this.#network.soon(() => this.#deliverKept());
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#hasEnded && !this.#isClosed) this.#send(bytes.slice());
  }

  end(): void {
    if (this.#hasEnded || this.#isClosed) return;
    this.#hasEnded = true;
    this.#send("end");
    this.#closeIfOver();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#outgoing.length = 0;
    // For the peer, `destroy` looks like `end`, as with real sockets.
    if (!this.#hasEnded) this.#send("end");
    this.#hasEnded = true;
    this.#close(null);
  }

  /** Does what the system does for a process that died: the other side sees a reset. */
  abandon(): void {
    this.#handlers = null;
    this.#outgoing.length = 0;
    if (!this.#isClosed) this.#send("reset");
    this.#isClosed = true;
  }

  #send(piece: Piece): void {
    this.#outgoing.push(piece);
    if (!this.#isSending) this.#pump();
  }

  #pump(): void {
    const model = this.#network.model;
    const now = this.#network.now();
    this.#isSending = false;
    while (this.#outgoing.length > 0) {
      // A stream needs acknowledgements, so a cut of either direction stops it.
      if (model !== null && (model.isCut(this.#from, this.#to) || model.isCut(this.#to, this.#from))) {
        this.#stall(now);
        return;
      }
      this.#stalledSince = null;
      const piece = this.#outgoing.shift();
      const peer = this.#peer;
      if (piece === undefined || peer === null) return;
      this.#lastArrival = Math.max(this.#lastArrival, now + (model?.streamDelay(this.#from, this.#to) ?? 0));
      this.#network.at(this.#lastArrival, () => peer.#arrive(piece));
    }
  }

  #stall(now: number): void {
    this.#stalledSince ??= now;
    if (now - this.#stalledSince < STALL_LIMIT_MS) {
      this.#isSending = true;
      this.#network.at(now + STALL_RETRY_MS, () => this.#pump());
      return;
    }
    this.#outgoing.length = 0;
    this.#close(new TransportError("timeout", `the connection to ${this.#to} was cut`));
  }

  #arrive(piece: Piece): void {
    if (this.#isClosed) {
      // The receiver is gone, and the sender sees a reset.
      const peer = this.#peer;
      if (piece instanceof Uint8Array && peer !== null) peer.#resetBy(this);
      return;
    }
    this.#kept.push(piece);
    this.#deliverKept();
  }

  #deliverKept(): void {
    while (this.#isListening && !this.#isPaused) {
      const piece = this.#kept.shift();
      if (piece === undefined) return;
      this.#deliver(piece);
    }
  }

  #resetBy(peer: MemoryConnection): void {
    const delay = this.#network.model?.streamDelay(peer.#from, peer.#to) ?? 0;
    this.#network.at(this.#network.now() + delay, () => this.#arrive("reset"));
  }

  #deliver(piece: Piece): void {
    if (this.#isClosed) return;
    if (piece === "reset") this.#close(new TransportError("closed", `${this.#to} reset the connection`));
    else if (piece === "end") {
      if (this.#hasHeardEnd) return;
      this.#hasHeardEnd = true;
      this.#handlers?.end();
      this.#closeIfOver();
    } else this.#handlers?.data(piece);
  }

  #closeIfOver(): void {
    if (this.#hasEnded && this.#hasHeardEnd) this.#close(null);
  }

  #close(error: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.#onClosed(this);
    // Never within the owner's call, as with a socket. Before `listen`, it is reported after `listen`.
    if (this.#isListening) this.#network.soon(() => this.#handlers?.closed(error));
  }
}

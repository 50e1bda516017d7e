import type { Address } from "@hearsay/core";

/** Most streams open at the same time for messages without an answer. */
export const STREAMS_OPEN_MAX = 128;

/** Most messages that wait for a stream. */
export const STREAMS_WAITING_MAX = 2048;

/** Most bytes of all messages that wait or are being sent. */
export const STREAMS_BYTES_MAX: number = 128 * 1024 * 1024;

/**
 * Sends a message over its own stream. Settles when that stream is over, and soon after the signal aborts; nothing may
 * be sent after an abort.
 */
export type SendMessage = (to: Address, message: Uint8Array, signal: AbortSignal) => Promise<void>;

/** Withdraws a message: it is not sent any more, and its stream is cut. Has no effect once it has been sent. */
export type Withdraw = () => void;

interface Entry {
  readonly to: Address;
  readonly message: Uint8Array;
  readonly cut: AbortController;
}

interface Peer {
  /** Messages that are being sent, each on its own stream. */
  readonly sending: Set<Entry>;
  /** In the order in which they came. */
  readonly waiting: Set<Entry>;
  /** Bytes of all of them. */
  bytes: number;
}

/**
 * Messages without an answer that go over streams: limits how many are sent at a time, and queues the others.
 *
 * A peer that hangs holds each of its streams until a time limit. So no peer gets more open streams, waiting messages
 * or bytes than are left free for all others: a single busy peer may use half, a second one half of the rest, and so
 * on. This leaves room for others while only a handful hang; after that, a peer with nothing under way gets the next
 * stream that ends. Messages to one peer keep their order, but those to others may overtake them; waiting peers take
 * turns.
 */
export class StreamQueue {
  /** Messages that were refused because too much was under way. */
  dropped = 0;
  readonly #send: SendMessage;
  /** Peers with anything under way, by address; the one whose turn was longest ago comes first. */
  readonly #peers = new Map<string, Peer>();
  #open = 0;
  #waiting = 0;
  #bytes = 0;
  #isStopped = false;
  /** Callbacks of `idle`. */
  #onIdle: (() => void)[] = [];

  constructor(send: SendMessage) {
    this.#send = send;
  }

  /** Number of open streams. */
  get open(): number {
    return this.#open;
  }

  /** Number of messages that wait for a stream. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Bytes of all messages that wait or are being sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sends a message as soon as the limits allow. Returns null, and counts the message, if too much is under way. */
  add(to: Address, message: Uint8Array): Withdraw | null {
    if (this.#isStopped) return () => {};
    const peer = this.#peers.get(to.key) ?? { sending: new Set<Entry>(), waiting: new Set<Entry>(), bytes: 0 };
    const isNext = peer.waiting.size === 0 && this.#mayOpen(peer);
    const hasRoom = isNext || peer.waiting.size < STREAMS_WAITING_MAX - this.#waiting;
    if (!hasRoom || peer.bytes + message.length > STREAMS_BYTES_MAX - this.#bytes) {
      this.dropped++;
      return null;
    }
    const entry: Entry = { to, message, cut: new AbortController() };
    // A peer that gets its turn goes to the end of the line.
    if (isNext) this.#peers.delete(to.key);
    this.#peers.set(to.key, peer);
    peer.bytes += message.length;
    this.#bytes += message.length;
    peer.waiting.add(entry);
    this.#waiting++;
    if (isNext) this.#start(peer, entry);
    return () => this.#withdraw(peer, entry);
  }

  /** Settles when no message waits or is being sent. */
  async idle(): Promise<void> {
    if (this.#peers.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Withdraws all messages; messages added later are not sent. */
  stop(): void {
    this.#isStopped = true;
    for (const peer of [...this.#peers.values()]) {
      for (const entry of [...peer.waiting, ...peer.sending]) this.#withdraw(peer, entry);
    }
  }

  #mayOpen(peer: Peer): boolean {
    return peer.sending.size < STREAMS_OPEN_MAX - this.#open;
  }

  #start(peer: Peer, entry: Entry): void {
    peer.waiting.delete(entry);
    this.#waiting--;
    peer.sending.add(entry);
    this.#open++;
    const ended = (): void => {
      peer.sending.delete(entry);
      this.#open--;
      this.#release(peer, entry);
      this.#startNext();
    };
    this.#send(entry.to, entry.message, entry.cut.signal).then(ended, ended);
  }

  #withdraw(peer: Peer, entry: Entry): void {
    if (peer.waiting.delete(entry)) {
      this.#waiting--;
      this.#release(peer, entry);
    } else if (peer.sending.has(entry)) entry.cut.abort();
  }

  #release(peer: Peer, { to, message }: Entry): void {
    peer.bytes -= message.length;
    this.#bytes -= message.length;
    if (peer.sending.size + peer.waiting.size > 0) return;
    this.#peers.delete(to.key);
    if (this.#peers.size > 0) return;
    for (const settle of this.#onIdle.splice(0)) settle();
  }

  #startNext(): void {
    for (const [key, peer] of this.#peers) {
      if (this.#open >= STREAMS_OPEN_MAX) return;
      const [entry] = peer.waiting;
      if (entry === undefined || !this.#mayOpen(peer)) continue;
      // Moved to the end of the line, which this loop reaches again.
      this.#peers.delete(key);
      this.#peers.set(key, peer);
      this.#start(peer, entry);
    }
  }
}

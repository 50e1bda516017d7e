import { HearsayError } from "../base/errors.ts";
import type { MessagingCounters, MessagingHost } from "./host.ts";

/** Most replies that wait for their requester to become known. */
export const REPLIES_HELD_MAX = 256;

/** Most bytes of those replies together. */
export const REPLY_BYTES_HELD_MAX: number = 16 * 1024 * 1024;

/** How long a reply waits, in milliseconds: the default timeout of a request. */
export const REPLY_HELD_MS = 5000;

interface Held {
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly cancelTimer: () => void;
}

/**
 * Sends replies, and holds those whose requester isn't known yet: a node that has just joined may send this node a
 * request before this node has heard of it.
 */
export class HeldReplies {
  readonly #host: MessagingHost;
  readonly #counters: MessagingCounters;
  readonly #held = new Set<Held>();
  #bytes = 0;

  constructor(host: MessagingHost, counters: MessagingCounters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** Replies that are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Sends a reply now, or once its requester is known. `repliesLost` counts replies that can't be sent or held. */
  send(to: string, bytes: Uint8Array): void {
    const sent = this.#host.sendReliable(to, bytes);
    if (!(sent instanceof HearsayError)) return;
    const hasRoom = this.#held.size < REPLIES_HELD_MAX && this.#bytes + bytes.length <= REPLY_BYTES_HELD_MAX;
    if (sent.code === "ERR_UNKNOWN_MEMBER" && hasRoom) this.#hold(to, bytes);
    else this.#counters.repliesLost++;
  }

  /** A member has become known: sends the replies held for it. */
  joined(name: string): void {
    for (const held of [...this.#held]) {
      if (held.to !== name) continue;
      this.#drop(held);
      if (this.#host.sendReliable(name, held.bytes) instanceof HearsayError) this.#counters.repliesLost++;
    }
  }

  /** Drops all held replies, when the node ends. */
  clear(): void {
    for (const held of [...this.#held]) this.#drop(held);
  }

  #hold(to: string, bytes: Uint8Array): void {
    const expire = (): void => {
      this.#drop(held);
      this.#counters.repliesLost++;
    };
    const held: Held = { to, bytes, cancelTimer: this.#host.setTimer(REPLY_HELD_MS, expire) };
    this.#held.add(held);
    this.#bytes += bytes.length;
  }

  #drop(held: Held): void {
    held.cancelTimer();
    this.#held.delete(held);
    this.#bytes -= held.bytes.length;
  }
}

import type { Address } from "../base/address.ts";
import { EMPTY } from "../base/bytes.ts";
import { invariant } from "../base/invariant.ts";
import { encodeMessage } from "../wire/encode.ts";
import type { Message } from "../wire/messages.ts";
import type { NewsPath } from "./events.ts";
import type { Outbox } from "./outbox.ts";

/** The context of one call of the core: its time, its outputs, and the source of its news. It ends with the call. */
export interface Call {
  /** The caller's monotonic time, in milliseconds. */
  readonly now: number;
  readonly out: Outbox;
  readonly provenance: Provenance;
}

/** Where news came from, and how it may be passed on. */
export interface Provenance {
  readonly path: NewsPath;
  /** The address that sent it; null for what this node found itself. */
  readonly from: Address | null;
  /** Whether it may take the eager lane. */
  readonly isEager: boolean;
  /** Whether it answers a request of this node: the state of a peer that this node dialled. */
  readonly isAnswer: boolean;
  /** Whether it is passed on to others. News of this node always is. */
  readonly isTold: boolean;
  /** The current message as received; null if it did not come in a datagram. */
  readonly copy: Copy | null;
}

/** A received message: bytes `rawStart` to `rawEnd` of `raw`, borrowed. */
export interface Copy {
  readonly raw: Uint8Array;
  readonly rawStart: number;
  readonly rawEnd: number;
}

/** Called once, at the end of the call in which an operation ended, after the function that took it has returned. */
export type Done = (call: Call) => void;

const OWN = { from: null, isEager: true, isAnswer: false, isTold: true, copy: null } as const;

/** An action of this node. */
export const LOCAL: Provenance = { ...OWN, path: "local" };
/** The result of a probe by this node. */
export const PROBE: Provenance = { ...OWN, path: "probe" };
/** An expired timer of this node. */
export const TIMER: Provenance = { ...OWN, path: "timer" };
/** A stream exchange that this node began. The merge decides which of its news is eager. */
export const EXCHANGE: Provenance = { ...OWN, path: "sync", isEager: false };

/** A request that a peer sent over a stream. */
export function requestFrom(from: Address): Provenance {
  return { ...EXCHANGE, from };
}

/** The same call with another provenance. */
export function withProvenance({ now, out }: Call, provenance: Provenance): Call {
  return { now, out, provenance };
}

/** The call and the provenance of received datagrams. One object serves all: datagrams come by the thousand. */
export class PacketCall implements Call, Provenance, Copy {
  now = 0;
  #out: Outbox | null = null;
  readonly path = "packet";
  readonly isEager = true;
  readonly isAnswer = false;
  readonly isTold = true;
  #from: Address | null = null;
  #raw: Uint8Array = EMPTY;
  #rawStart = 0;
  #rawEnd = 0;

  get out(): Outbox {
    invariant(this.#out !== null, "messages come within a datagram");
    return this.#out;
  }

  get provenance(): Provenance {
    return this;
  }

  get from(): Address | null {
    return this.#from;
  }

  get copy(): Copy | null {
    return this.#rawEnd > this.#rawStart ? this : null;
  }

  get raw(): Uint8Array {
    return this.#raw;
  }

  get rawStart(): number {
    return this.#rawStart;
  }

  get rawEnd(): number {
    return this.#rawEnd;
  }

  /** Starts on a received datagram. */
  begin(now: number, from: Address, out: Outbox): void {
    this.now = now;
    this.#out = out;
    this.#from = from;
  }

  /** Ends the datagram and releases its bytes. */
  end(): void {
    this.#out = null;
    this.#from = null;
    this.dropCopy();
  }

  /** Starts on the next message of the datagram. */
  take(raw: Uint8Array, rawStart: number, rawEnd: number): void {
    this.#raw = raw;
    this.#rawStart = rawStart;
    this.#rawEnd = rawEnd;
  }

  /** Keeps the message from being passed on as received. */
  dropCopy(): void {
    this.take(EMPTY, 0, 0);
  }
}

/** Longest message that is passed on as received. A longer one has been padded and might never fit a packet. */
const RAW_BYTES_MAX = 1024;

/** The bytes to pass a message on with: those received if possible, so that fields of a newer peer are not lost. */
export function relayed({ provenance: { copy } }: Call, message: Message): Uint8Array {
  const isRelayedRaw = copy !== null && copy.rawEnd - copy.rawStart <= RAW_BYTES_MAX;
  return isRelayedRaw ? copy.raw.slice(copy.rawStart, copy.rawEnd) : encodeMessage(message);
}

import type { Address } from "../base/address.ts";
import { EMPTY } from "../base/bytes.ts";
import { invariant } from "../base/invariant.ts";
import { encodeMessage } from "../wire/encode.ts";
import type { Message } from "../wire/messages.ts";
import type { NewsPath } from "./events.ts";
import type { Outbox } from "./outbox.ts";

/** What one call of the core goes by: its time, where its outputs go, and where its news came from. Nobody keeps it beyond the call. */
export interface Call {
  /** The caller's monotonic time, in milliseconds. */
  readonly now: number;
  readonly out: Outbox;
  readonly provenance: Provenance;
}

/** Where news came from, and what may be done with it for that. */
export interface Provenance {
  readonly path: NewsPath;
  /** Who told it; null for what this node found itself. */
  readonly from: Address | null;
  /** Whether it may take the eager lane. */
  readonly isEager: boolean;
  /** Whether it answers a question of ours: the state of a peer that we dialled. */
  readonly isAnswer: boolean;
  /** Whether it is told to others at all. */
  readonly isTold: boolean;
  /** The message in hand as it was received; null where none came by packet. */
  readonly copy: Copy | null;
}

/** A message that came in: bytes `rawStart` to `rawEnd` of `raw`, borrowed. */
export interface Copy {
  readonly raw: Uint8Array;
  readonly rawStart: number;
  readonly rawEnd: number;
}

/** Called once, after what asked for it has returned: at the end of the call in which something ended, maybe the same one. */
export type Done = (call: Call) => void;

const OWN = { from: null, isEager: true, isAnswer: false, isTold: true, copy: null } as const;

/** This node's own doing. */
export const LOCAL: Provenance = { ...OWN, path: "local" };
/** What a probe of this node found out. */
export const PROBE: Provenance = { ...OWN, path: "probe" };
/** The end of a time that this node had set. */
export const TIMER: Provenance = { ...OWN, path: "timer" };
/** An exchange over a stream that this node began. Of what it brings only some is eager, as its merge decides. */
export const EXCHANGE: Provenance = { ...OWN, path: "sync", isEager: false };

/** A request that somebody sends over a stream. */
export function requestFrom(from: Address): Provenance {
  return { ...EXCHANGE, from };
}

/** The same call, about news from elsewhere. */
export function withProvenance({ now, out }: Call, provenance: Provenance): Call {
  return { now, out, provenance };
}

/** The calls that datagrams make, and where their messages come from: one object for all, as they come by the thousand. */
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

  /** A datagram came in. */
  begin(now: number, from: Address, out: Outbox): void {
    this.now = now;
    this.#out = out;
    this.#from = from;
  }

  /** It is done with, and its bytes are let go. */
  end(): void {
    this.#out = null;
    this.#from = null;
    this.dropCopy();
  }

  /** The next message of it. */
  take(raw: Uint8Array, rawStart: number, rawEnd: number): void {
    this.#raw = raw;
    this.#rawStart = rawStart;
    this.#rawEnd = rawEnd;
  }

  /** The message must not go on as it was received. */
  dropCopy(): void {
    this.take(EMPTY, 0, 0);
  }
}

/** Longest message that is relayed as received: what is longer has been padded, and might never fit a packet. */
const RAW_BYTES_MAX = 1024;

/** The message as it goes on to others: byte for byte as received, so that nothing a newer peer added is lost. */
export function relayed({ provenance: { copy } }: Call, message: Message): Uint8Array {
  const isRelayedRaw = copy !== null && copy.rawEnd - copy.rawStart <= RAW_BYTES_MAX;
  return isRelayedRaw ? copy.raw.slice(copy.rawStart, copy.rawEnd) : encodeMessage(message);
}

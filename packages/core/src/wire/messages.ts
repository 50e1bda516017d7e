/**
 * The messages of memberlist's protocol as plain objects of fixed shape (docs/protocol/memberlist.md, sections 2, 4).
 *
 * Byte fields of a decoded message are views into the datagram or stream they came from. They are valid as long as the
 * caller keeps those bytes unchanged; a field must be copied to be stored.
 */

/** First byte of every message: its type (section 2). */
export const PING = 0;
export const INDIRECT_PING = 1;
export const ACK = 2;
export const SUSPECT = 3;
export const ALIVE = 4;
export const DEAD = 5;
export const PUSH_PULL = 6;
export const COMPOUND = 7;
export const USER = 8;
export const COMPRESS = 9;
export const ENCRYPT = 10;
export const NACK = 11;
export const HAS_CRC = 12;
export const ERROR = 13;
export const HAS_LABEL = 244;

/** Asks `node` for an ack (section 4.1). */
export interface Ping {
  readonly type: typeof PING;
  /** The node that should answer; empty means any receiver. */
  readonly node: string;
  readonly seqNo: number;
  /** The address to answer to, 4 or 16 bytes; empty means the datagram's source. */
  readonly sourceAddr: Uint8Array;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

/** Asks the receiver to ping `node` at `target` on behalf of the sender (section 4.2). */
export interface IndirectPing {
  readonly type: typeof INDIRECT_PING;
  readonly seqNo: number;
  readonly target: Uint8Array;
  readonly port: number;
  readonly node: string;
  /** Whether the sender wants a nack if the target does not answer. */
  readonly nack: boolean;
  readonly sourceAddr: Uint8Array;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

/** Answers a ping (section 4.3). */
export interface Ack {
  readonly type: typeof ACK;
  readonly seqNo: number;
  /** Bytes of the answering application; null on streams and in relayed acks. */
  readonly payload: Uint8Array | null;
}

/** Reports that the target of an indirect ping did not answer (section 4.4). */
export interface Nack {
  readonly type: typeof NACK;
  readonly seqNo: number;
}

/** `from` accuses `node` of not answering (section 4.5). */
export interface Suspect {
  readonly type: typeof SUSPECT;
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

/** `from` declares `node` dead; if both are the same, `node` left on purpose (section 4.5). */
export interface Dead {
  readonly type: typeof DEAD;
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

/** `node` is alive at `addr`:`port` (section 4.6). */
export interface Alive {
  readonly type: typeof ALIVE;
  readonly incarnation: number;
  readonly node: string;
  /** Raw IP, 4 or 16 bytes, exactly as received. */
  readonly addr: Uint8Array;
  readonly port: number;
  readonly meta: Uint8Array | null;
  /** Six version bytes: PMin, PMax, PCur, DMin, DMax, DCur (section 11.2). */
  readonly vsn: Uint8Array;
}

/** The application's own bytes (sections 4.8 and 7.5). */
export interface User {
  readonly type: typeof USER;
  readonly payload: Uint8Array;
}

/** The accepting side of a stream could not serve the request (section 4.7). */
export interface ErrorAnswer {
  readonly type: typeof ERROR;
  readonly error: string;
}

/** `state` of a push/pull entry (section 7.3). */
export const STATE_ALIVE = 0;
export const STATE_SUSPECT = 1;
export const STATE_DEAD = 2;
export const STATE_LEFT = 3;

/** One member in a push/pull (section 7.3). */
export interface PushPullNode {
  readonly name: string;
  readonly addr: Uint8Array;
  readonly port: number;
  readonly meta: Uint8Array | null;
  readonly incarnation: number;
  /** 0 alive, 1 suspect, 2 dead, 3 left; other values are kept as received. */
  readonly state: number;
  readonly vsn: Uint8Array;
}

/** The header of a push/pull; `nodes` entries and `userStateLength` raw bytes follow it (section 7.3). */
export interface PushPullHeader {
  readonly join: boolean;
  readonly nodes: number;
  readonly userStateLength: number;
}

/** Every message that a datagram may carry inside its wrappers. */
export type PacketMessage = Ping | IndirectPing | Ack | Nack | Suspect | Alive | Dead | User;

/** Every message that `encodeMessage` can write. Push/pulls have their own reader and writer. */
export type Message = PacketMessage | ErrorAnswer;

import { MessageDecoder } from "./decode.ts";
import { FAULTS, isFault, type WireFault } from "./faults.ts";
import { PUSH_PULL_NODES_MAX, USER_MESSAGE_BYTES_MAX, USER_STATE_BYTES_MAX } from "./limits.ts";
import { PUSH_PULL, type PushPullHeader, type PushPullNode, USER } from "./messages.ts";
import { NODE_SCHEMA, PUSH_PULL_SCHEMA, STREAM_USER_SCHEMA, type StructReader } from "./struct-reader.ts";

/**
 * Reads a push/pull member by member (docs/protocol/memberlist.md, section 7.3), so that a large one can be read in
 * slices. Other readers may use the decoder between two calls.
 */
export class PushPullReader {
  /** The header, or its fault. */
  readonly header: PushPullHeader | WireFault;
  readonly #message: Uint8Array;
  readonly #structs: StructReader;
  #at: number;
  #remaining: number;
  #fault: WireFault | null = null;

  /** `message` is complete, type byte first. */
  constructor(message: Uint8Array, decoder: MessageDecoder = new MessageDecoder()) {
    this.#message = message;
    this.#structs = decoder.structs;
    this.header = readPushPullHeader(this.#structs, message, 0, message.length);
    this.#at = this.#structs.at;
    this.#remaining = isFault(this.header) ? 0 : this.header.nodes;
    if (isFault(this.header)) this.#fault = this.header;
  }

  /** Members still to come. */
  get remaining(): number {
    return this.#remaining;
  }

  /** The next member, with byte fields as views; null after the last. A fault is final. */
  next(): PushPullNode | null | WireFault {
    if (this.#fault !== null || this.#remaining === 0) return this.#fault;
    const read = this.#structs;
    this.#fault = read.read(NODE_SCHEMA, this.#message, this.#at, this.#message.length);
    if (this.#fault !== null) return this.#fault;
    this.#at = read.at;
    this.#remaining--;
    return {
      name: read.node,
      addr: read.addr,
      port: read.port,
      meta: read.meta,
      incarnation: read.incarnation,
      state: read.state,
      vsn: read.vsn,
    };
  }

  /** The application's part, as a view; a fault before the last member is read, or if the part is incomplete. */
  userState(): Uint8Array | WireFault {
    if (this.#fault !== null) return this.#fault;
    if (isFault(this.header)) return this.header;
    const end = this.#at + this.header.userStateLength;
    if (this.#remaining > 0 || end > this.#message.length) return FAULTS.truncated;
    return this.#message.subarray(this.#at, end);
  }
}

/**
 * Reads the header of the push/pull whose type byte is at `start`. Refuses counts outside the limits before anything is
 * allocated for them. Leaves the reader at the first member.
 */
export function readPushPullHeader(
  structs: StructReader,
  bytes: Uint8Array,
  start: number,
  end: number,
): PushPullHeader | WireFault {
  if (start >= end) return FAULTS.empty;
  if (bytes[start] !== PUSH_PULL) return FAULTS.badType;
  const fault = structs.read(PUSH_PULL_SCHEMA, bytes, start + 1, end);
  if (fault !== null) return fault;
  const { nodes, rawLength } = structs;
  if (nodes < 0 || rawLength < 0) return FAULTS.badInteger;
  if (nodes > PUSH_PULL_NODES_MAX || rawLength > USER_STATE_BYTES_MAX) return FAULTS.tooLarge;
  return { join: structs.flag, nodes, userStateLength: rawLength };
}

/** Length of the application's message in the stream message whose type byte is at `start` (section 7.5). */
export function readStreamUserLength(
  structs: StructReader,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | WireFault {
  if (start >= end) return FAULTS.empty;
  if (bytes[start] !== USER) return FAULTS.badType;
  const fault = structs.read(STREAM_USER_SCHEMA, bytes, start + 1, end);
  if (fault !== null) return fault;
  if (structs.rawLength < 0) return FAULTS.badInteger;
  return structs.rawLength > USER_MESSAGE_BYTES_MAX ? FAULTS.tooLarge : structs.rawLength;
}

/** The application's bytes in a complete stream message of type user, as a view. */
export function decodeStreamUser(message: Uint8Array): Uint8Array | WireFault {
  const { structs } = new MessageDecoder();
  const length = readStreamUserLength(structs, message, 0, message.length);
  if (typeof length !== "number") return length;
  const end = structs.at + length;
  return end > message.length ? FAULTS.truncated : message.subarray(structs.at, end);
}

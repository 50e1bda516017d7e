import { FAULTS, type WireFault } from "./faults.ts";
import {
  ACK,
  ALIVE,
  DEAD,
  ERROR,
  type ErrorAnswer,
  INDIRECT_PING,
  NACK,
  type PacketMessage,
  PING,
  SUSPECT,
  USER,
} from "./messages.ts";
import {
  ACCUSATION_SCHEMA,
  ACK_SCHEMA,
  ALIVE_SCHEMA,
  ERROR_SCHEMA,
  INDIRECT_PING_SCHEMA,
  NACK_SCHEMA,
  PING_SCHEMA,
  StructReader,
} from "./struct-reader.ts";

/** Decodes messages, one at a time. */
export class MessageDecoder {
  /** The reader of structs, which readers of larger messages share. Its fields are valid until the next read. */
  readonly structs: StructReader = new StructReader();

  /**
   * Decodes one message without wrappers, from its type byte at `start` to `end`. Byte fields are views. Bytes after
   * the message are ignored, except that a user message reaches to `end`. Wrappers and push/pulls are refused as
   * "bad-type".
   */
  decode(bytes: Uint8Array, start: number, end: number): PacketMessage | ErrorAnswer | WireFault {
    if (start >= end) return FAULTS.empty;
    const body = start + 1;
    switch (bytes[start]) {
      case PING:
        return this.structs.read(PING_SCHEMA, bytes, body, end) ?? this.#ping();
      case INDIRECT_PING:
        return this.structs.read(INDIRECT_PING_SCHEMA, bytes, body, end) ?? this.#indirectPing();
      case ACK:
        return (
          this.structs.read(ACK_SCHEMA, bytes, body, end) ?? {
            type: ACK,
            seqNo: this.structs.seqNo,
            payload: this.structs.payload,
          }
        );
      case NACK:
        return this.structs.read(NACK_SCHEMA, bytes, body, end) ?? { type: NACK, seqNo: this.structs.seqNo };
      case SUSPECT:
        return this.structs.read(ACCUSATION_SCHEMA, bytes, body, end) ?? this.#accusation(SUSPECT);
      case DEAD:
        return this.structs.read(ACCUSATION_SCHEMA, bytes, body, end) ?? this.#accusation(DEAD);
      case ALIVE:
        return this.structs.read(ALIVE_SCHEMA, bytes, body, end) ?? this.#alive();
      case USER:
        return { type: USER, payload: bytes.subarray(body, end) };
      case ERROR:
        return this.structs.read(ERROR_SCHEMA, bytes, body, end) ?? { type: ERROR, error: this.structs.errorText };
      default:
        return FAULTS.badType;
    }
  }

  #ping(): PacketMessage {
    const read = this.structs;
    return {
      type: PING,
      node: read.node,
      seqNo: read.seqNo,
      sourceAddr: read.sourceAddr,
      sourcePort: read.sourcePort,
      sourceNode: read.sourceNode,
    };
  }

  #indirectPing(): PacketMessage {
    const read = this.structs;
    return {
      type: INDIRECT_PING,
      seqNo: read.seqNo,
      target: read.target,
      port: read.port,
      node: read.node,
      nack: read.flag,
      sourceAddr: read.sourceAddr,
      sourcePort: read.sourcePort,
      sourceNode: read.sourceNode,
    };
  }

  #accusation(type: typeof SUSPECT | typeof DEAD): PacketMessage {
    const read = this.structs;
    return { type, incarnation: read.incarnation, node: read.node, from: read.from };
  }

  #alive(): PacketMessage {
    const read = this.structs;
    return {
      type: ALIVE,
      incarnation: read.incarnation,
      node: read.node,
      addr: read.addr,
      port: read.port,
      meta: read.meta,
      vsn: read.vsn,
    };
  }
}

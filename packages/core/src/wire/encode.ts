import { head, key } from "./keys.ts";
import {
  ACK,
  ALIVE,
  type Alive,
  DEAD,
  type Dead,
  ERROR,
  INDIRECT_PING,
  type IndirectPing,
  type Message,
  NACK,
  PING,
  type Ping,
  type PushPullNode,
  SUSPECT,
  type Suspect,
  USER,
} from "./messages.ts";
import { PushPullWriter } from "./push-pull-writer.ts";
import { type SignedStyle, Writer } from "./writer.ts";

/** Encodes messages exactly as the reference does (docs/protocol/memberlist.md, sections 3.1 and 4). */
export class MessageEncoder {
  readonly #signed: SignedStyle;
  readonly #writer: Writer;

  /** The older style of signed integers exists for tests; every peer reads both. */
  constructor(signed: SignedStyle = "v2") {
    this.#signed = signed;
    this.#writer = new Writer(signed);
  }

  /** The bytes of a message, type byte first. They are borrowed: the next call overwrites them. */
  encode(message: Message): Uint8Array {
    this.#writer.reset();
    writeMessage(this.#writer, message);
    return this.#writer.borrow();
  }

  /** A whole push/pull, in memory of its own (section 7.3). `PushPullWriter` needs no node objects for it. */
  encodePushPull(
    header: { readonly join: boolean },
    nodes: readonly PushPullNode[],
    userState: Uint8Array,
  ): Uint8Array {
    const writer = new PushPullWriter(header.join, this.#signed);
    for (const node of nodes) {
      writer.node(node.name, node.addr, node.port, node.meta, node.incarnation, node.state, node.vsn);
    }
    return writer.finish(userState);
  }

  /** The application's message as a stream carries it, in memory of its own (section 7.5). */
  encodeStreamUser(payload: Uint8Array): Uint8Array {
    return encodeStreamUser(payload, this.#signed);
  }
}

/** The application's message as a stream carries it, in memory of its own (section 7.5). */
export function encodeStreamUser(payload: Uint8Array, signed: SignedStyle = "v2"): Uint8Array {
  const writer = new Writer(signed, payload.length + 32);
  writer.literal(STREAM_USER_HEAD);
  writer.int(payload.length);
  writer.raw(payload);
  return writer.copy();
}

/** The bytes of one message, type byte first, in memory of its own. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new Writer("v2", MESSAGE_BYTES_TYPICAL);
  writeMessage(writer, message);
  // The writer is not used again, so a view of its memory needs no copy.
  return writer.borrow();
}

/** Most messages need no more than this. */
const MESSAGE_BYTES_TYPICAL = 160;

const NODE_KEY = key("Node");
const SEQ_NO_KEY = key("SeqNo");
const SOURCE_ADDR_KEY = key("SourceAddr");
const SOURCE_NODE_KEY = key("SourceNode");
const SOURCE_PORT_KEY = key("SourcePort");
const PORT_KEY = key("Port");
const TARGET_KEY = key("Target");
const INCARNATION_KEY = key("Incarnation");
const META_KEY = key("Meta");
const VSN_KEY = key("Vsn");
const NACK_KEY = key("Nack");
const ACK_HEAD = head(ACK, 2, "Payload");
const NACK_HEAD = head(NACK, 1, "SeqNo");
const SUSPECT_HEAD = head(SUSPECT, 3, "From");
const DEAD_HEAD = head(DEAD, 3, "From");
const ALIVE_HEAD = head(ALIVE, 6, "Addr");
const ERROR_HEAD = head(ERROR, 1, "Error");
const STREAM_USER_HEAD = head(USER, 1, "UserMsgLen");

function writeMessage(writer: Writer, message: Message): void {
  switch (message.type) {
    case PING:
      writePing(writer, message);
      return;
    case INDIRECT_PING:
      writeIndirectPing(writer, message);
      return;
    case ACK:
      writer.literal(ACK_HEAD);
      writer.blob(message.payload);
      writer.literal(SEQ_NO_KEY);
      writer.uint(message.seqNo);
      return;
    case NACK:
      writer.literal(NACK_HEAD);
      writer.uint(message.seqNo);
      return;
    case SUSPECT:
    case DEAD:
      writeAccusation(writer, message);
      return;
    case ALIVE:
      writeAlive(writer, message);
      return;
    case USER:
      writer.byte(USER);
      writer.raw(message.payload);
      return;
    case ERROR:
      writer.literal(ERROR_HEAD);
      writer.name(message.error);
      return;
  }
}

function writePing(writer: Writer, ping: Ping): void {
  writer.byte(PING);
  writer.byte(0x82 + sourceCount(ping));
  writer.literal(NODE_KEY);
  writer.name(ping.node);
  writer.literal(SEQ_NO_KEY);
  writer.uint(ping.seqNo);
  writeSource(writer, ping);
}

function writeIndirectPing(writer: Writer, ping: IndirectPing): void {
  writer.byte(INDIRECT_PING);
  writer.byte(0x85 + sourceCount(ping));
  writer.literal(NACK_KEY);
  writer.bool(ping.nack);
  writer.literal(NODE_KEY);
  writer.name(ping.node);
  writer.literal(PORT_KEY);
  writer.uint(ping.port);
  writer.literal(SEQ_NO_KEY);
  writer.uint(ping.seqNo);
  writeSource(writer, ping);
  writer.literal(TARGET_KEY);
  writer.blobOrNil(ping.target);
}

/** How many of the three optional fields there are. */
function sourceCount(ping: Ping | IndirectPing): number {
  return (ping.sourceAddr.length > 0 ? 1 : 0) + (ping.sourceNode !== "" ? 1 : 0) + (ping.sourcePort > 0 ? 1 : 0);
}

function writeSource(writer: Writer, ping: Ping | IndirectPing): void {
  if (ping.sourceAddr.length > 0) {
    writer.literal(SOURCE_ADDR_KEY);
    writer.blob(ping.sourceAddr);
  }
  if (ping.sourceNode !== "") {
    writer.literal(SOURCE_NODE_KEY);
    writer.name(ping.sourceNode);
  }
  if (ping.sourcePort > 0) {
    writer.literal(SOURCE_PORT_KEY);
    writer.uint(ping.sourcePort);
  }
}

function writeAccusation(writer: Writer, accusation: Suspect | Dead): void {
  writer.literal(accusation.type === SUSPECT ? SUSPECT_HEAD : DEAD_HEAD);
  writer.name(accusation.from);
  writer.literal(INCARNATION_KEY);
  writer.uint(accusation.incarnation);
  writer.literal(NODE_KEY);
  writer.name(accusation.node);
}

function writeAlive(writer: Writer, alive: Alive): void {
  writer.literal(ALIVE_HEAD);
  writer.blobOrNil(alive.addr);
  writer.literal(INCARNATION_KEY);
  writer.uint(alive.incarnation);
  writer.literal(META_KEY);
  writer.blob(alive.meta);
  writer.literal(NODE_KEY);
  writer.name(alive.node);
  writer.literal(PORT_KEY);
  writer.uint(alive.port);
  writer.literal(VSN_KEY);
  writer.blobOrNil(alive.vsn);
}

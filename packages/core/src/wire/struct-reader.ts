import { EMPTY } from "../base/bytes.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import { key } from "./keys.ts";
import { type Keys, MsgpackReader } from "./msgpack-reader.ts";

const ADDR = 0;
const ALGO = 1;
const BUF = 2;
const ERROR_TEXT = 3;
const FROM = 4;
const INCARNATION = 5;
const JOIN = 6;
const META = 7;
const NACK_WANTED = 8;
const NAME = 9;
const NODE = 10;
const NODES = 11;
const PAYLOAD = 12;
const PORT = 13;
const SEQ_NO = 14;
const SOURCE_ADDR = 15;
const SOURCE_NODE = 16;
const SOURCE_PORT = 17;
const STATE = 18;
const TARGET = 19;
const USER_MSG_LEN = 20;
const USER_STATE_LEN = 21;
const VSN = 22;

const FIELD_BY_KEY = new Map<string, number>([
  ["Addr", ADDR],
  ["Algo", ALGO],
  ["Buf", BUF],
  ["Error", ERROR_TEXT],
  ["From", FROM],
  ["Incarnation", INCARNATION],
  ["Join", JOIN],
  ["Meta", META],
  ["Nack", NACK_WANTED],
  ["Name", NAME],
  ["Node", NODE],
  ["Nodes", NODES],
  ["Payload", PAYLOAD],
  ["Port", PORT],
  ["SeqNo", SEQ_NO],
  ["SourceAddr", SOURCE_ADDR],
  ["SourceNode", SOURCE_NODE],
  ["SourcePort", SOURCE_PORT],
  ["State", STATE],
  ["Target", TARGET],
  ["UserMsgLen", USER_MSG_LEN],
  ["UserStateLen", USER_STATE_LEN],
  ["Vsn", VSN],
]);

/** The fields of one kind of map. */
export interface StructSchema {
  /** Keys in wire order, which is ascending. */
  readonly keys: Keys;
  /** Fields in wire order. */
  readonly fields: readonly number[];
  /** Fields in the order of declaration, for structs that come as arrays (section 4.9). */
  readonly declared: readonly number[];
}

export const PING_SCHEMA: StructSchema = schema("SeqNo Node SourceAddr SourcePort SourceNode");
export const INDIRECT_PING_SCHEMA: StructSchema = schema(
  "SeqNo Target Port Node Nack SourceAddr SourcePort SourceNode",
);
export const ACK_SCHEMA: StructSchema = schema("SeqNo Payload");
export const NACK_SCHEMA: StructSchema = schema("SeqNo");
export const ACCUSATION_SCHEMA: StructSchema = schema("Incarnation Node From");
export const ALIVE_SCHEMA: StructSchema = schema("Incarnation Node Addr Port Meta Vsn");
export const ERROR_SCHEMA: StructSchema = schema("Error");
export const COMPRESS_SCHEMA: StructSchema = schema("Algo Buf");
export const PUSH_PULL_SCHEMA: StructSchema = schema("Nodes UserStateLen Join");
export const NODE_SCHEMA: StructSchema = schema("Name Addr Port Meta Incarnation State Vsn");
export const STREAM_USER_SCHEMA: StructSchema = schema("UserMsgLen");

/**
 * Reads the maps of the protocol into its own fields, from which the decoders make messages
 * (docs/protocol/memberlist.md, section 4). A field that is missing from a map has its zero value.
 */
export class StructReader {
  readonly #reader: MsgpackReader = new MsgpackReader();

  seqNo = 0;
  incarnation = 0;
  port = 0;
  sourcePort = 0;
  state = 0;
  algo = 0;
  /** The number of members in a push/pull header. */
  nodes = 0;
  /** Raw bytes that follow the map: UserStateLen or UserMsgLen. */
  rawLength = 0;
  /** Join or Nack. */
  flag = false;
  /** Node or Name. */
  node = "";
  from = "";
  sourceNode = "";
  errorText = "";
  addr: Uint8Array = EMPTY;
  sourceAddr: Uint8Array = EMPTY;
  target: Uint8Array = EMPTY;
  vsn: Uint8Array = EMPTY;
  meta: Uint8Array | null = null;
  /** Payload or Buf. */
  payload: Uint8Array | null = null;

  /** The end of the last struct read. */
  get at(): number {
    return this.#reader.at;
  }

  /** Reads the struct that begins at `start` and ignores what follows it. Returns its fault, or null. */
  read(struct: StructSchema, bytes: Uint8Array, start: number, end: number): WireFault | null {
    const reader = this.#reader;
    reader.open(bytes, start, end);
    this.#clear();
    const entries = reader.mapLength();
    if (entries >= 0) this.#readMap(struct, entries);
    else this.#readOther(struct, end);
    reader.close();
    return reader.fault;
  }

  #readMap(struct: StructSchema, entries: number): void {
    const reader = this.#reader;
    let expected = 0;
    for (let i = 0; i < entries && reader.fault === null; i++) {
      const index = reader.key(struct.keys, expected);
      if (reader.fault !== null) return;
      if (index < 0) {
        reader.skip(1);
      } else {
        this.#readField(struct.fields[index] as number);
        expected = index + 1;
      }
    }
  }

  /** Reads a struct encoded as an array, or nil in its place. */
  #readOther(struct: StructSchema, end: number): void {
    const reader = this.#reader;
    const entries = reader.arrayLength();
    if (entries < 0) {
      if (!reader.isNil()) reader.refuse(reader.at >= end ? FAULTS.truncated : FAULTS.badValue);
      return;
    }
    const known = Math.min(entries, struct.declared.length);
    for (let i = 0; i < known && reader.fault === null; i++) this.#readField(struct.declared[i] as number);
    if (reader.fault === null) reader.skip(entries - known);
  }

  #readField(field: number): void {
    const reader = this.#reader;
    switch (field) {
      case ADDR:
        this.addr = reader.blob() ?? EMPTY;
        return;
      case ALGO:
        this.algo = reader.uint(0xff);
        return;
      case BUF:
      case PAYLOAD:
        this.payload = reader.blob();
        return;
      case ERROR_TEXT:
        this.errorText = reader.name();
        return;
      case FROM:
        this.from = reader.name();
        return;
      case INCARNATION:
        this.incarnation = reader.uint(0xffff_ffff);
        return;
      case JOIN:
      case NACK_WANTED:
        this.flag = reader.bool();
        return;
      case META:
        this.meta = reader.blob();
        return;
      case NAME:
      case NODE:
        this.node = reader.name();
        return;
      case NODES:
        this.nodes = reader.int();
        return;
      default:
        this.#readLaterField(field);
    }
  }

  #readLaterField(field: number): void {
    const reader = this.#reader;
    switch (field) {
      case PORT:
        this.port = reader.uint(0xffff);
        return;
      case SEQ_NO:
        this.seqNo = reader.uint(0xffff_ffff);
        return;
      case SOURCE_ADDR:
        this.sourceAddr = reader.blob() ?? EMPTY;
        return;
      case SOURCE_NODE:
        this.sourceNode = reader.name();
        return;
      case SOURCE_PORT:
        this.sourcePort = reader.uint(0xffff);
        return;
      case STATE:
        this.state = reader.int();
        return;
      case TARGET:
        this.target = reader.blob() ?? EMPTY;
        return;
      case USER_MSG_LEN:
      case USER_STATE_LEN:
        this.rawLength = reader.int();
        return;
      case VSN:
        this.vsn = reader.blob() ?? EMPTY;
        return;
    }
  }

  #clear(): void {
    this.seqNo = 0;
    this.incarnation = 0;
    this.port = 0;
    this.sourcePort = 0;
    this.state = 0;
    this.algo = 0;
    this.nodes = 0;
    this.rawLength = 0;
    this.flag = false;
    this.node = "";
    this.from = "";
    this.sourceNode = "";
    this.errorText = "";
    this.addr = EMPTY;
    this.sourceAddr = EMPTY;
    this.target = EMPTY;
    this.vsn = EMPTY;
    this.meta = null;
    this.payload = null;
  }
}

/** Makes a schema from keys in their order of declaration. */
function schema(declaration: string): StructSchema {
  const declared = declaration.split(" ");
  const sorted = [...declared].sort();
  return { keys: sorted.map(key), fields: sorted.map(fieldOf), declared: declared.map(fieldOf) };
}

function fieldOf(key: string): number {
  return FIELD_BY_KEY.get(key) ?? -1;
}

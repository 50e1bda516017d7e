import {
  ACK,
  ALIVE,
  COMPOUND,
  COMPRESS,
  crc32,
  DEAD,
  decodeStreamUser,
  ENCRYPT,
  ERROR,
  type ErrorAnswer,
  HAS_CRC,
  HAS_LABEL,
  INDIRECT_PING,
  isFault,
  Keyring,
  LzwDecoder,
  MessageDecoder,
  NACK,
  openSealed,
  type PacketMessage,
  PING,
  PUSH_PULL,
  type PushPullNode,
  PushPullReader,
  SUSPECT,
  USER,
} from "@hearsay/core/wire";
import { toHex } from "./bytes.ts";
import { testCipher } from "./test-cipher.ts";

/** One layer of a vector, in the shape of its `decoded`. */
export type Layer = { readonly msg: string; readonly inner?: Layer; readonly parts?: readonly Layer[] } & {
  readonly [member: string]: unknown;
};

const EMPTY = new Uint8Array(0);
const decoder = new MessageDecoder();

/** Takes a vector's wrappers off one by one and describes them as the vectors do. Throws on what is refused. */
export class Walk {
  readonly #key: Uint8Array | null;
  readonly #label: Uint8Array;
  readonly #isStream: boolean;

  constructor(kind: "packet" | "stream", key: Uint8Array | null, label: Uint8Array) {
    this.#isStream = kind === "stream";
    this.#key = key;
    this.#label = label;
  }

  outermost(bytes: Uint8Array): Layer {
    if (bytes[0] !== HAS_LABEL) return this.#sealed(bytes);
    const end = 2 + at(bytes, 1);
    const label = Buffer.from(bytes.subarray(2, end)).toString("utf8");
    return { msg: "label", type: HAS_LABEL, label, inner: this.#sealed(bytes.subarray(end)) };
  }

  #sealed(bytes: Uint8Array): Layer {
    if (this.#key === null) return this.#inner(bytes);
    const blob = this.#isStream ? bytes.subarray(5) : bytes;
    const aad = this.#isStream ? Buffer.concat([bytes.subarray(0, 5), this.#label]) : this.#label;
    const plaintext = openSealed(testCipher(), new Keyring([], this.#key), blob, aad);
    if (isFault(plaintext)) throw new Error(plaintext.reason);
    const seal = {
      version: at(blob, 0),
      nonce: toHex(blob.subarray(1, 13)),
      aad: toHex(aad),
      plaintext: toHex(plaintext),
      inner: this.#inner(plaintext),
    };
    if (!this.#isStream) return { msg: "encryptedPacket", ...seal };
    return { msg: "encrypt", type: ENCRYPT, length: Buffer.from(bytes).readUInt32BE(1), ...seal };
  }

  #inner(bytes: Uint8Array): Layer {
    if (bytes.length === 0) return { msg: "empty" };
    switch (bytes[0]) {
      case HAS_CRC:
        return this.#checked(bytes);
      case COMPRESS:
        return this.#compressed(bytes);
      case COMPOUND:
        return this.#compound(bytes);
      case PUSH_PULL:
        return pushPull(bytes);
      case USER:
        return this.#isStream ? userStream(bytes) : bare(bytes);
      default:
        return bare(bytes);
    }
  }

  #checked(bytes: Uint8Array): Layer {
    const crc = toHex(bytes.subarray(1, 5));
    const message = bytes.subarray(5);
    const valid = crc32(message).toString(16).padStart(8, "0") === crc;
    const layer = { msg: "hasCrc", type: HAS_CRC, crc, valid };
    return valid ? { ...layer, inner: this.#inner(message) } : layer;
  }

  /** The form that every encoder of compress messages gives them: Algo 0, then Buf with a raw16 head. */
  #compressed(bytes: Uint8Array): Layer {
    const head = toHex(bytes.subarray(0, 13));
    if (!/^0982a4416c676f00a3427566(da|[ab])/.test(head)) throw new Error(`unusual compress message ${head}`);
    const buf = bytes.subarray(bytes[12] === 0xda ? 15 : 13);
    const lzw = new LzwDecoder();
    lzw.begin(buf, 1 << 20, 1 << 20);
    if (lzw.step(Number.POSITIVE_INFINITY) !== "done") throw new Error("bad LZW");
    const fields = { Algo: 0, Buf: byteString(buf) };
    return { msg: "compress", type: COMPRESS, fields, inner: this.#inner(lzw.result()) };
  }

  #compound(bytes: Uint8Array): Layer {
    const count = at(bytes, 1);
    const parts: Layer[] = [];
    let start = 2 + 2 * count;
    for (let i = 0; i < count; i++) {
      const end = start + 256 * at(bytes, 2 + 2 * i) + at(bytes, 3 + 2 * i);
      if (end > bytes.length) return { msg: "compound", type: COMPOUND, truncated: count - i, parts };
      parts.push(this.#inner(bytes.subarray(start, end)));
      start = end;
    }
    return { msg: "compound", type: COMPOUND, truncated: 0, parts };
  }
}

/** A bare message, decoded, in the shape of the vectors. */
function bare(bytes: Uint8Array): Layer {
  const message = decoder.decode(bytes, 0, bytes.length);
  if (isFault(message)) throw new Error(message.reason);
  return described(message);
}

/** A decoded message in the shape of the vectors. */
export function described(message: PacketMessage | ErrorAnswer): Layer {
  switch (message.type) {
    case PING:
      return {
        msg: "ping",
        type: PING,
        fields: { Node: message.node, SeqNo: message.seqNo, ...source(message) },
      };
    case INDIRECT_PING:
      return {
        msg: "indirectPing",
        type: INDIRECT_PING,
        fields: {
          Nack: message.nack,
          Node: message.node,
          Port: message.port,
          SeqNo: message.seqNo,
          ...source(message),
          Target: byteString(message.target),
        },
      };
    case ACK:
      return { msg: "ackResp", type: ACK, fields: { Payload: byteString(message.payload), SeqNo: message.seqNo } };
    case NACK:
      return { msg: "nackResp", type: NACK, fields: { SeqNo: message.seqNo } };
    case SUSPECT:
    case DEAD: {
      const fields = { From: message.from, Incarnation: message.incarnation, Node: message.node };
      return { msg: message.type === SUSPECT ? "suspect" : "dead", type: message.type, fields };
    }
    case ALIVE:
      return {
        msg: "alive",
        type: ALIVE,
        fields: {
          Addr: byteString(message.addr),
          Incarnation: message.incarnation,
          Meta: byteString(message.meta),
          Node: message.node,
          Port: message.port,
          Vsn: message.vsn.length === 0 ? null : byteString(message.vsn),
        },
      };
    case USER:
      return { msg: "user", type: USER, payload: byteString(message.payload) };
    case ERROR:
      return { msg: "err", type: ERROR, fields: { Error: message.error } };
  }
}

function source(ping: {
  readonly sourceAddr: Uint8Array;
  readonly sourceNode: string;
  readonly sourcePort: number;
}): Record<string, unknown> {
  return {
    ...(ping.sourceAddr.length > 0 ? { SourceAddr: byteString(ping.sourceAddr) } : {}),
    ...(ping.sourceNode !== "" ? { SourceNode: ping.sourceNode } : {}),
    ...(ping.sourcePort > 0 ? { SourcePort: ping.sourcePort } : {}),
  };
}

function pushPull(bytes: Uint8Array): Layer {
  const reader = new PushPullReader(bytes);
  if (isFault(reader.header)) throw new Error(reader.header.reason);
  const { join, nodes, userStateLength } = reader.header;
  const layer = {
    msg: "pushPull",
    type: PUSH_PULL,
    header: { Join: join, Nodes: nodes, UserStateLen: userStateLength },
  };
  const read = [...nodesOf(reader)];
  const userState = reader.userState();
  if (isFault(userState)) return { ...layer, incomplete: true };
  return { ...layer, nodes: read.map(describedNode), userState: byteString(userState) };
}

/** The members of a push/pull up to its end or the first fault. */
export function* nodesOf(reader: PushPullReader): Generator<PushPullNode> {
  for (let node = reader.next(); node !== null && !isFault(node); node = reader.next()) yield node;
}

function describedNode(node: PushPullNode): Record<string, unknown> {
  return {
    Addr: byteString(node.addr),
    Incarnation: node.incarnation,
    Meta: byteString(node.meta),
    Name: node.name,
    Port: node.port,
    State: node.state,
    Vsn: byteString(node.vsn),
  };
}

function userStream(bytes: Uint8Array): Layer {
  const payload = decodeStreamUser(bytes);
  if (isFault(payload)) throw new Error(payload.reason);
  return { msg: "userStream", type: USER, header: { UserMsgLen: payload.length }, payload: byteString(payload) };
}

function byteString(bytes: Uint8Array | null): { readonly bytes: string } | null {
  return bytes === null ? null : { bytes: toHex(bytes) };
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? EMPTY.length;
}

/** The layers from the outside in, without the parts of a compound. */
export function layersOf(layer: Layer): readonly Layer[] {
  return layer.inner === undefined ? [layer] : [layer, ...layersOf(layer.inner)];
}

/** A vector's `decoded` without what it tells for convenience about the application's bytes. */
export function withoutConveniences(decoded: unknown): unknown {
  if (Array.isArray(decoded)) return decoded.map(withoutConveniences);
  if (typeof decoded !== "object" || decoded === null) return decoded;
  const members = Object.entries(decoded).filter(([name]) => !["tags", "serf", "coordinate"].includes(name));
  return Object.fromEntries(members.map(([name, value]) => [name, withoutConveniences(value)]));
}

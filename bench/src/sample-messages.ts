import { type Address, addressFromText } from "@hearsay/core";
import {
  ACK,
  ALIVE,
  type Alive,
  DEAD,
  encodeMessage,
  INDIRECT_PING,
  type Message,
  NACK,
  PING,
  PushPullWriter,
  SUSPECT,
  USER,
} from "@hearsay/core/wire";
import { concatBytes } from "./concat-bytes.ts";

/** Versions of a memberlist node without a delegate. */
export const VERSIONS: Uint8Array = Uint8Array.of(1, 5, 2, 0, 0, 0);
/** Contents of metadata and payloads: neither uniform nor random. */
const FILLER = Uint8Array.from({ length: 1024 }, (_, i) => (i * i + 31 * i) & 0x7f);

export function address(host: string, port = 7946): Address {
  const made = addressFromText(host, port);
  if (made === null) throw new TypeError(`not an IP address: ${host}`);
  return made;
}

/** A name of 22 characters, like many real ones. */
export function nameOf(index: number): string {
  return `server-${String(index).padStart(6, "0")}-eu-west`;
}

/** The address of a member by its number, in a private network, for up to 2^16 members. */
export function hostOf(index: number): string {
  return `10.77.${(index >> 8) & 0xff}.${index & 0xff}`;
}

export function alive(index: number, metaBytes = 100, host: string = hostOf(index)): Alive {
  const { ip, port } = address(host);
  const meta = metaBytes === 0 ? null : FILLER.subarray(0, metaBytes);
  return { type: ALIVE, node: nameOf(index), addr: ip, port, incarnation: 7, meta, vsn: VERSIONS };
}

/** One message of each type, with names of 22 characters, 100 bytes of metadata, and full source fields. */
export const SAMPLES: readonly (readonly [string, Message])[] = [
  [
    "ping",
    {
      type: PING,
      node: nameOf(1),
      seqNo: 4711,
      sourceAddr: Uint8Array.of(10, 77, 0, 2),
      sourcePort: 7946,
      sourceNode: nameOf(2),
    },
  ],
  [
    "indirect ping",
    {
      type: INDIRECT_PING,
      node: nameOf(1),
      seqNo: 4711,
      target: Uint8Array.of(10, 77, 0, 1),
      port: 7946,
      nack: true,
      sourceAddr: Uint8Array.of(10, 77, 0, 2),
      sourcePort: 7946,
      sourceNode: nameOf(2),
    },
  ],
  ["ack", { type: ACK, seqNo: 4711, payload: null }],
  ["nack", { type: NACK, seqNo: 4711 }],
  ["suspect", { type: SUSPECT, node: nameOf(1), from: nameOf(2), incarnation: 7 }],
  ["dead", { type: DEAD, node: nameOf(1), from: nameOf(2), incarnation: 7 }],
  ["alive", alive(1)],
  ["user, 100 B", { type: USER, payload: FILLER.subarray(0, 100) }],
];

/** `count` alive members; the first of them is at `first` if that is given. */
export function members(count: number, metaBytes: number, first?: Address): Alive[] {
  return Array.from({ length: count }, (_, i) => {
    const member = alive(i, metaBytes);
    return i === 0 && first !== undefined ? { ...member, addr: first.ip, port: first.port } : member;
  });
}

/** The whole state of a node that lists these members. */
export function pushPull(of: readonly Alive[], join = true): Uint8Array {
  const writer = new PushPullWriter(join);
  for (const { node, addr, port, meta, incarnation, vsn } of of) {
    writer.node(node, addr, port, meta, incarnation, 0, vsn);
  }
  return writer.finish(new Uint8Array(0));
}

/** About 1,300 bytes of consecutive alive messages, which is what a full packet compresses. */
export function packetOfAlives(): Uint8Array {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let i = 0; bytes < 1300; i++) {
    const part = encodeMessage(alive(i, 40));
    parts.push(part);
    bytes += part.length;
  }
  return concatBytes(...parts).subarray(0, 1300);
}

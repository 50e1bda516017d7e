import {
  ACK,
  ALIVE,
  DEAD,
  decodeName,
  ERROR,
  INDIRECT_PING,
  type Message,
  NACK,
  PING,
  type PushPullNode,
  SUSPECT,
  USER,
} from "@hearsay/core/wire";
import fc from "fast-check";

/** An arbitrary of plain objects; by default some of fast-check's have no prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

/** Names as they come from the wire: any bytes. Lengths around the borders of the msgpack heads come often. */
export const name: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9.-]{1,20}$/).map((text) => Uint8Array.from(Buffer.from(text))) },
    {
      weight: 2,
      arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => Uint8Array.from(Buffer.from(text))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom(31, 32, 33, 255, 256).map((length) => new Uint8Array(length).fill(0x61)) },
  )
  .map((bytes) => decodeName(bytes, 0, bytes.length));

export const u16: fc.Arbitrary<number> = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 127, 128, 255, 256, 0xffff));

export const u32: fc.Arbitrary<number> = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.constantFrom(0, 127, 128, 255, 256, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
);

const ip = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }));
const maybeIp = fc.oneof(ip, fc.constant(new Uint8Array(0)));
const payload = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constant(new Uint8Array(70_000)));
const meta = fc.option(fc.uint8Array({ maxLength: 512 }));
const vsn = fc.uint8Array({ minLength: 6, maxLength: 6 });

export const message: fc.Arbitrary<Message> = fc.oneof(
  plain({
    type: fc.constant(PING),
    node: name,
    seqNo: u32,
    sourceAddr: maybeIp,
    sourcePort: u16,
    sourceNode: name,
  }),
  plain({
    type: fc.constant(INDIRECT_PING),
    seqNo: u32,
    target: ip,
    port: u16,
    node: name,
    nack: fc.boolean(),
    sourceAddr: maybeIp,
    sourcePort: u16,
    sourceNode: name,
  }),
  plain({ type: fc.constant(ACK), seqNo: u32, payload: fc.option(payload) }),
  plain({ type: fc.constant(NACK), seqNo: u32 }),
  plain({ type: fc.constant(SUSPECT), incarnation: u32, node: name, from: name }),
  plain({ type: fc.constant(DEAD), incarnation: u32, node: name, from: name }),
  plain({ type: fc.constant(ALIVE), incarnation: u32, node: name, addr: ip, port: u16, meta, vsn }),
  plain({ type: fc.constant(USER), payload }),
  plain({ type: fc.constant(ERROR), error: name }),
);

export const pushPullNode: fc.Arbitrary<PushPullNode> = plain({
  name,
  addr: ip,
  port: u16,
  meta,
  incarnation: u32,
  state: fc.oneof(
    { weight: 4, arbitrary: fc.nat(3) },
    { weight: 1, arbitrary: fc.maxSafeInteger() },
    { weight: 1, arbitrary: fc.constantFrom(-32, -33, -129, -32_769, 127, 128, 32_767, 32_768, 2 ** 31, 2 ** 32) },
  ),
  vsn,
});

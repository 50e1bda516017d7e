import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeMessage,
  Keyring,
  MessageDecoder,
  MessageEncoder,
  PACKET_BYTES_MAX,
  PacketCodec,
  type PacketMessage,
  PushPullReader,
  StreamCodec,
  type StreamSide,
  type WireOptions,
  wireOptions,
} from "@hearsay/core/wire";
import { loadVectors } from "@hearsay/testkit/vectors";
import fc from "fast-check";
import { ascii, fromHex, joined } from "./bytes.ts";
import { mutated } from "./mutated.ts";
import { testCipher } from "./test-cipher.ts";
import { nodesOf } from "./walk.ts";
import { compound, compress } from "./wrappers.ts";

const EMPTY = new Uint8Array(0);
const KEY = fromHex("000102030405060708090a0b0c0d0e0f");

const settings: readonly WireOptions[] = [
  wireOptions(),
  wireOptions({ label: ascii("dc1") }),
  wireOptions({ keyring: new Keyring([], KEY), cipher: testCipher() }),
  wireOptions({ keyring: new Keyring([], KEY), cipher: testCipher(), verifyIncoming: false }),
];

const vectors = loadVectors()
  .filter((vector) => vector.kind === "packet" || vector.kind === "stream")
  .map((vector) => fromHex(vector.hex));

const hostile = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated(fc.constantFrom(...vectors)));

/** Total length of the byte strings that a packet's messages hold. */
function bytesHeld(message: PacketMessage): number {
  return Object.values(message).reduce(
    (sum: number, field) => sum + (field instanceof Uint8Array ? field.length : 0),
    0,
  );
}

/** What a stream came to with `pieceBytes` bytes arriving at a time, and how many bytes the message has. */
function streamed(
  options: WireOptions,
  bytes: Uint8Array,
  side: StreamSide,
  pieceBytes: number,
): [string, string, number] {
  const decoder = new StreamCodec(options).decoder(side);
  let progress = decoder.step(1000);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
    do progress = decoder.step(1000);
    while (progress === "working");
  }
  decoder.end();
  do progress = decoder.step(1000);
  while (progress === "working");
  return [progress, decoder.fault?.reason ?? "", decoder.message.length];
}

/** What the decoder makes of the bytes from `start` to `end`, in a form that can be compared. */
function decoded(bytes: Uint8Array, start: number, end: number): string {
  return JSON.stringify(new MessageDecoder().decode(bytes, start, end), (_key, value) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}

describe("a part of a packet", () => {
  it("means the same whatever stands behind it", () => {
    fc.assert(
      fc.property(hostile, fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(400), (bytes, behind, cut) => {
        const part = bytes.subarray(0, cut);
        const whole = joined(part, behind);
        assert.equal(decoded(whole, 0, part.length), decoded(part, 0, part.length));
      }),
      { numRuns: 2000 },
    );
  });

  it("that ends where a value should begin is refused, although the next part begins with an array", () => {
    const packet = fromHex("070200020001028190");
    const faults: string[] = [];
    const refused = new PacketCodec(wireOptions()).unpack(packet, {
      message: () => assert.fail("there is no message in it"),
      fault: ({ reason }) => faults.push(reason),
    });
    assert.equal(refused, null);
    assert.deepEqual(faults, ["truncated", "bad-type"]);
  });
});

describe("hostile bytes", () => {
  it("never throw out of a packet, nor give more than a datagram can hold", () => {
    const codecs = settings.map((options) => new PacketCodec(options));
    fc.assert(
      fc.property(hostile, (bytes) => {
        for (const codec of codecs) {
          let held = 0;
          let calls = 0;
          codec.unpack(bytes, {
            message(message) {
              held += bytesHeld(message);
              calls++;
            },
            fault() {
              calls++;
            },
          });
          assert.ok(held <= bytes.length + PACKET_BYTES_MAX);
          assert.ok(calls <= bytes.length + PACKET_BYTES_MAX);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("never throw out of a stream, and mean the same byte by byte as all at once", () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom<StreamSide>("accept", "connect"), (bytes, side) => {
        for (const options of settings) {
          const whole = streamed(options, bytes, side, 1 << 20);
          assert.deepEqual(streamed(options, bytes, side, 1), whole);
          assert.notEqual(whole[0], "need-more");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never throw out of a push/pull, nor make more members than there are bytes", () => {
    const seed = new MessageEncoder().encodePushPull(
      { join: true },
      [{ name: "a", addr: new Uint8Array(4), port: 1, meta: null, incarnation: 1, state: 0, vsn: new Uint8Array(6) }],
      ascii("state"),
    );
    fc.assert(
      fc.property(fc.oneof(hostile, fc.tuple(fc.nat(seed.length - 1), fc.nat(255))), (input) => {
        let bytes: Uint8Array;
        if (input instanceof Uint8Array) bytes = joined(Uint8Array.of(6), input);
        else bytes = seed.with(input[0], input[1]);
        const reader = new PushPullReader(bytes);
        assert.ok([...nodesOf(reader)].length <= bytes.length);
        reader.userState();
      }),
      { numRuns: 2000 },
    );
  });

  it("cannot make a message out of a length that they only claim", () => {
    const decoder = new MessageDecoder();
    for (const head of ["dbffffffff", "c6ffffffff", "ddffffffff", "dfffffffff", "c9ffffffff"]) {
      for (const prefix of ["0281a75061796c6f6164", "0281a158", "02", "0281", "0d81a54572726f72", "0492a161"]) {
        const bytes = fromHex(`${prefix}${head}`);
        const result = decoder.decode(bytes, 0, bytes.length);
        assert.equal(result.type, -1, `${prefix} ${head}`);
      }
    }
  });

  it("nested without end are read without a stack", () => {
    const decoder = new MessageDecoder();
    const deep = joined(fromHex("0281a158"), new Uint8Array(1_000_000).fill(0x91), fromHex("05"));
    assert.deepEqual(decoder.decode(deep, 0, deep.length), { type: 2, seqNo: 0, payload: null });
  });
});

describe("a bomb", () => {
  it("in a packet is refused at 65,535 bytes, and so are many small ones together", () => {
    const codec = new PacketCodec(wireOptions());
    const reasons: string[] = [];
    const sink = {
      message: () => reasons.push("message"),
      fault: (fault: { readonly reason: string }) => reasons.push(fault.reason),
    };
    const user = (length: number) => encodeMessage({ type: 8, payload: new Uint8Array(length - 1) });
    assert.equal(codec.unpack(compress(user(65_535)), sink), null);
    assert.equal(codec.unpack(compress(user(65_536)), sink)?.reason, "too-large");
    reasons.length = 0;
    const half = compress(user(30_000));
    assert.equal(codec.unpack(compound(half, half, half, half), sink), null);
    assert.deepEqual(reasons, ["message", "message", "too-large", "too-large"]);
    // The next packet starts afresh.
    assert.equal(codec.unpack(half, sink), null);
  });

  it("of compounds in compounds gives no more parts than it has bytes", () => {
    let bytes: Uint8Array = EMPTY;
    for (let depth = 0; depth < 4; depth++)
      bytes = compound(...Array.from({ length: depth < 2 ? 60 : 4 }, () => bytes));
    let calls = 0;
    new PacketCodec(wireOptions()).unpack(bytes, { message: () => calls++, fault: () => calls++ });
    assert.equal(calls, 4 * 4 * 60 * 60);
    assert.ok(calls <= bytes.length);
  });

  it("in a stream is refused at 40 MiB, a slice of work at a time", () => {
    const wrap = new StreamCodec(wireOptions()).wrap(new Uint8Array(41_943_041), "connect");
    while (!wrap.step(1 << 20));
    const decoder = new StreamCodec(wireOptions()).decoder("accept");
    decoder.push(wrap.result());
    let steps = 1;
    for (; decoder.step(1 << 20) === "working"; steps++);
    assert.equal(decoder.fault?.reason, "too-large");
    assert.equal(decoder.answer, "decompressed message is larger than the limit");
    assert.ok(steps >= 40);
  });
});

describe("a stream", () => {
  const claims: readonly (readonly [hex: string, reason: string])[] = [
    ["0a01400001", "encrypted"],
    ["0982a4416c676f00a3427566db02800001", "too-large"],
    ["0881aa557365724d73674c656ece01400001", "too-large"],
    ["0683a44a6f696ec2a54e6f646573ce00100001ac5573657253746174654c656e00", "too-large"],
    ["0683a44a6f696ec2a54e6f64657301ac5573657253746174654c656ece01400001", "too-large"],
    ["00dfffffffff", "too-large"],
    ["00ddffffffff", "too-large"],
    ["0081a158c6ffffffff", "too-large"],
    ["0081a158c9ffffffff", "too-large"],
    ["00c1", "bad-value"],
  ];

  it("refuses lengths beyond the limits when they are claimed, before the bytes come", () => {
    for (const [hex, reason] of claims) {
      const decoder = new StreamCodec(wireOptions()).decoder("accept");
      decoder.push(fromHex(hex));
      assert.equal(decoder.step(1000), "failed", hex);
      assert.equal(decoder.fault?.reason, reason, hex);
    }
  });

  it("holds no more than one message, however much is pushed", () => {
    const decoder = new StreamCodec(wireOptions()).decoder("accept");
    decoder.push(fromHex("0881aa557365724d73674c656ece01400000"));
    assert.equal(decoder.step(1000), "need-more");
    for (let i = 0; i < 6; i++) decoder.push(new Uint8Array(10_000_000));
    assert.equal(decoder.step(1000), "failed");
    assert.equal(decoder.fault?.reason, "too-large");
  });

  it("takes a time that grows with its length, even one byte at a time", () => {
    // A header whose unknown key holds nearly all the bytes: looking at it again from the start would be quadratic.
    const length = 400_000;
    const bytes = joined(
      fromHex("0882a158dd"),
      Uint8Array.of(0, length >> 16, length >> 8, length),
      new Uint8Array(length),
      fromHex("aa557365724d73674c656e00"),
    );
    const decoder = new StreamCodec(wireOptions()).decoder("accept");
    const started = process.cpuUsage();
    let progress = decoder.step(1000);
    for (let at = 0; at < bytes.length; at++) {
      decoder.push(bytes.subarray(at, at + 1));
      progress = decoder.step(1000);
    }
    assert.equal(progress, "message");
    // About a tenth of a second; quadratic work would be 80 billion looks at a byte.
    assert.ok(process.cpuUsage(started).user < 10_000_000);
  });
});

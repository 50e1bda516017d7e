import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { below, Sfc32 } from "@hearsay/core";
import {
  ALIVE,
  COMPRESS,
  encodeMessage,
  HAS_CRC,
  Keyring,
  NACK,
  PacketCodec,
  type PacketMessage,
  USER,
  type WireFault,
  type WireOptions,
  wireOptions,
} from "@hearsay/core/wire";
import fc from "fast-check";
import { message } from "./arbitraries.ts";
import { ascii, fromHex, joined, toHex } from "./bytes.ts";
import { testCipher } from "./test-cipher.ts";
import { compound, compress } from "./wrappers.ts";

const EMPTY = new Uint8Array(0);
const KEY = new Uint8Array(16).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);

function codec(given: Partial<WireOptions> = {}): PacketCodec {
  return new PacketCodec(wireOptions({ cipher: testCipher(), ...given }));
}

function packet(packets: PacketCodec, messages: readonly PacketMessage[], withCrc = false): Uint8Array {
  packets.begin();
  for (const one of messages) assert.ok(packets.add(encodeMessage(one)));
  return packets.finish(withCrc).slice();
}

/** What a packet gave: its messages and the faults of its parts, and what became of the whole. */
function unpacked(
  packets: PacketCodec,
  bytes: Uint8Array,
): { readonly messages: PacketMessage[]; readonly faults: string[]; readonly whole: string | null } {
  const messages: PacketMessage[] = [];
  const faults: string[] = [];
  const whole = packets.unpack(bytes, {
    message: (one: PacketMessage) => messages.push(one),
    fault: (fault: WireFault) => faults.push(fault.reason),
  });
  return { messages, faults, whole: whole === null ? null : whole.reason };
}

/** A user message that no compression makes shorter. */
function incompressible(length: number, seed = 1): PacketMessage {
  const random = new Sfc32(seed);
  return { type: USER, payload: Uint8Array.from({ length: length - 1 }, () => below(random, 256)) };
}

function nack(seqNo: number): PacketMessage {
  return { type: NACK, seqNo };
}

describe("packets", () => {
  it("unpack to the messages that went in, in any combination of wrappers", () => {
    const settings = fc.record({
      label: fc.constantFrom(EMPTY, ascii("dc1"), new Uint8Array(255).fill(0x4c)),
      compression: fc.boolean(),
      packetCompressionMinBytes: fc.constantFrom(0, 300),
      encryptionVersion: fc.constantFrom<0 | 1>(0, 1),
      keyring: fc.constantFrom(null, new Keyring(), new Keyring([], KEY), new Keyring([KEY], OTHER_KEY)),
      verifyOutgoing: fc.boolean(),
    });
    fc.assert(
      fc.property(settings, fc.array(message, { minLength: 1, maxLength: 12 }), fc.boolean(), (given, all, withCrc) => {
        const packets = codec({ ...given, packetBytes: 60_000, verifyIncoming: given.verifyOutgoing });
        const messages = all.filter((one): one is PacketMessage => one.type !== 13 && encodeMessage(one).length < 3000);
        if (messages.length === 0) return;
        assert.deepEqual(unpacked(packets, packet(packets, messages, withCrc)), { messages, faults: [], whole: null });
      }),
    );
  });

  it("never exceed the size aimed at when messages keep to the room there is", () => {
    const settings = fc.record({
      packetBytes: fc.integer({ min: 400, max: 2000 }),
      label: fc.uint8Array({ maxLength: 40 }),
      keyring: fc.constantFrom(null, new Keyring([], KEY)),
      encryptionVersion: fc.constantFrom<0 | 1>(0, 1),
    });
    fc.assert(
      fc.property(settings, fc.array(fc.integer({ min: 2, max: 300 }), { minLength: 1 }), (given, lengths) => {
        const packets = codec(given);
        packets.begin();
        let seed = 0;
        for (const length of lengths) {
          const room = packets.room();
          assert.equal(packets.add(encodeMessage(incompressible(length, seed++))), length <= room);
        }
        if (packets.room() >= 2) assert.ok(packets.add(encodeMessage(incompressible(packets.room(), seed))));
        assert.ok(packets.finish(true).length <= given.packetBytes);
      }),
    );
  });

  it("can be filled to the last byte", () => {
    for (const [given, overhead] of [
      [{}, 5],
      [{ label: ascii("dc1") }, 5 + 5],
      [{ keyring: new Keyring([], KEY) }, 5 + 29],
      [{ keyring: new Keyring([], KEY), encryptionVersion: 0 as const }, 5 + 45],
      [{ keyring: new Keyring([], KEY), verifyOutgoing: false }, 5 + 29],
    ] as const) {
      const packets = codec(given);
      packets.begin();
      assert.equal(packets.room(), 1400 - 2 - 2 - overhead);
      packets.add(new Uint8Array(100).fill(8));
      assert.equal(packets.room(), 1400 - 2 - 2 - 102 - overhead);
    }
    const packets = codec({ keyring: new Keyring([], KEY), label: ascii("dc1") });
    packets.begin();
    packets.add(encodeMessage(incompressible(600)));
    packets.add(encodeMessage(incompressible(packets.room(), 2)));
    assert.equal(packets.finish(true).length, 1400);
  });

  it("take a first message as large as a datagram, and nothing more then", () => {
    const packets = codec();
    const largest = encodeMessage(incompressible(65_507 - 5));
    packets.begin();
    assert.equal(packets.add(encodeMessage(incompressible(65_507 - 4))), false);
    assert.equal(packets.add(largest), true);
    assert.equal(packets.room(), 0);
    assert.equal(packets.add(Uint8Array.of(8)), false);
    assert.equal(packets.finish(true).length, 65_507);
  });

  it("take 255 messages and no empty one", () => {
    const packets = codec({ packetBytes: 60_000 });
    packets.begin();
    assert.equal(packets.add(EMPTY), false);
    for (let i = 0; i < 255; i++) assert.equal(packets.add(Uint8Array.of(8)), true);
    assert.equal(packets.room(), 0);
    assert.equal(packets.add(Uint8Array.of(8)), false);
    assert.equal(packets.count, 255);
    assert.equal(unpacked(packets, packets.finish(false)).messages.length, 255);
  });

  it("may be finished twice", () => {
    const packets = codec({ packetCompressionMinBytes: 0 });
    const alive = {
      type: ALIVE,
      incarnation: 1,
      node: "a",
      addr: KEY,
      port: 1,
      meta: null,
      vsn: new Uint8Array(6),
    } as const;
    const plain = packet(packets, [alive, alive, alive]);
    const withCrc = packets.finish(true).slice();
    assert.deepEqual(packets.finish(false).slice(), plain);
    assert.deepEqual(withCrc.subarray(5), plain);
    assert.equal(withCrc[0], HAS_CRC);
  });

  it("are compressed only when they are long enough and that makes them shorter", () => {
    const zeros = (length: number): PacketMessage => ({ type: USER, payload: new Uint8Array(length - 1) });
    assert.equal(packet(codec(), [zeros(299)])[0], USER);
    assert.equal(packet(codec(), [zeros(300)])[0], COMPRESS);
    assert.equal(packet(codec({ compression: false }), [zeros(300)])[0], USER);
    assert.equal(packet(codec({ packetCompressionMinBytes: 0 }), [zeros(100)])[0], COMPRESS);
    assert.equal(packet(codec({ packetCompressionMinBytes: 0 }), [zeros(20)])[0], USER);
    assert.equal(packet(codec(), [incompressible(1000)])[0], USER);
  });

  it("give views that hold together until the next packet", () => {
    const parts = [1, 2, 3].map((fill) =>
      compress(encodeMessage({ type: USER, payload: new Uint8Array(50).fill(fill) })),
    );
    const { messages } = unpacked(codec(), compound(...parts));
    assert.deepEqual(
      messages.map((one) => (one.type === USER ? one.payload.slice() : null)),
      [1, 2, 3].map((fill) => new Uint8Array(50).fill(fill)),
    );
  });
});

describe("the memory for packets", () => {
  it("is no more than the longest packet needs, with room for what may stand before it", () => {
    const packets = codec({ compression: false, packetBytes: 65_507 });
    let held = 0;
    for (const length of [40_000, 50_000, 65_000]) {
      packets.begin();
      assert.ok(packets.add(encodeMessage(incompressible(length))));
      held = packets.finish(false).buffer.byteLength;
    }
    assert.ok(held >= 65_000 && held < 65_507 + 1024, `${held} bytes`);
  });
});

describe("a message", () => {
  it("comes with the bytes that it was read from", () => {
    const messages = [nack(1), incompressible(40), nack(2)].map(encodeMessage);
    const seen: string[] = [];
    const sink = {
      message: (_: PacketMessage, bytes: Uint8Array, start: number, end: number) => {
        seen.push(toHex(bytes.subarray(start, end)));
      },
      fault: () => assert.fail("nothing is wrong with it"),
    };
    const bytes = compound(...messages.slice(0, 2), compress(messages[2] ?? EMPTY));
    assert.equal(codec().unpack(bytes, sink), null);
    assert.deepEqual(seen, messages.map(toHex));
  });
});

describe("parts of a compound", () => {
  it("count although others are bad", () => {
    const bytes = compound(
      encodeMessage(nack(1)),
      fromHex("63"),
      EMPTY,
      fromHex("0b81a55365714e6fff"),
      encodeMessage(nack(2)),
    );
    assert.deepEqual(unpacked(codec(), bytes), {
      messages: [nack(1), nack(2)],
      faults: ["bad-type", "empty", "bad-integer"],
      whole: null,
    });
  });

  it("may be compressed, and compounds themselves, up to a depth of four", () => {
    const inner = encodeMessage(nack(1));
    const four = compound(compress(compound(compress(inner))));
    assert.deepEqual(unpacked(codec(), four).messages, [nack(1)]);
    assert.deepEqual(unpacked(codec(), compound(four, inner)), {
      messages: [nack(1)],
      faults: ["too-deep"],
      whole: null,
    });
    assert.equal(unpacked(codec(), compress(four)).whole, null);
    assert.deepEqual(unpacked(codec(), compress(four)).faults, ["too-deep"]);
  });

  it("cannot be what only stands outermost", () => {
    const inner = encodeMessage(nack(1));
    for (const outer of ["0c", "f4016f", "0a", "06", "0d80"]) {
      assert.deepEqual(unpacked(codec(), compound(joined(fromHex(outer), inner))).faults, ["bad-type"], outer);
    }
  });

  it("after an incomplete one are dropped with it", () => {
    const bytes = compound(encodeMessage(nack(1)), encodeMessage(nack(2)), encodeMessage(nack(3)));
    const cut = unpacked(codec(), bytes.subarray(0, bytes.length - 10));
    assert.deepEqual(cut, { messages: [nack(1)], faults: ["truncated"], whole: null });
  });
});

describe("labels of packets", () => {
  const plain = encodeMessage(nack(1));
  const labelled = (text: string): Uint8Array => joined(Uint8Array.of(244, text.length), ascii(text), plain);

  it("must be ours, neither another's nor missing", () => {
    const ours = codec({ label: ascii("dc1") });
    assert.equal(unpacked(ours, labelled("dc1")).whole, null);
    assert.equal(unpacked(ours, labelled("dc2")).whole, "label-mismatch");
    assert.equal(unpacked(ours, labelled("dc")).whole, "label-mismatch");
    assert.equal(unpacked(ours, plain).whole, "label-mismatch");
    assert.equal(unpacked(codec(), labelled("dc1")).whole, "label-mismatch");
    assert.equal(unpacked(codec(), plain).whole, null);
  });

  it("must be absent when another layer takes them off", () => {
    const ours = codec({ label: ascii("dc1"), skipInboundLabelCheck: true });
    assert.equal(unpacked(ours, plain).whole, null);
    assert.equal(unpacked(ours, labelled("dc1")).whole, "double-label");
    assert.equal(unpacked(ours, labelled("dc2")).whole, "label-mismatch");
    const sealed = packet(codec({ label: ascii("dc1"), keyring: new Keyring([], KEY) }), [nack(1)]);
    const opening = codec({ label: ascii("dc1"), keyring: new Keyring([], KEY), skipInboundLabelCheck: true });
    assert.equal(unpacked(opening, sealed.subarray(5)).whole, null);
  });

  it("must be whole, and only one", () => {
    const ours = codec({ label: ascii("dc1") });
    for (const bytes of ["f4", "f400", "f4036463", "f403"])
      assert.equal(unpacked(ours, fromHex(bytes)).whole, "bad-label");
    assert.equal(unpacked(ours, joined(labelled("dc1").subarray(0, 5), labelled("dc1"))).whole, "bad-type");
  });
});

describe("encrypted packets", () => {
  const oldRing = new Keyring([], KEY);
  const newRing = new Keyring([KEY], OTHER_KEY);

  it("open with any key of the ring, and with no other", () => {
    assert.equal(unpacked(codec({ keyring: newRing }), packet(codec({ keyring: oldRing }), [nack(1)])).whole, null);
    assert.equal(
      unpacked(codec({ keyring: oldRing }), packet(codec({ keyring: newRing }), [nack(1)])).whole,
      "cannot-decrypt",
    );
  });

  it("follow a keyring that changes between two packets", () => {
    const ring = new Keyring();
    const packets = codec({ keyring: ring });
    const plain = packet(packets, [nack(1)]);
    assert.equal(plain[0], NACK);
    ring.add(KEY);
    const sealed = packet(packets, [nack(1)]);
    assert.equal(sealed.length, plain.length + 29);
    assert.equal(unpacked(packets, sealed).whole, null);
    assert.equal(unpacked(packets, plain).whole, "bad-version");
  });

  it("may be missing only while that is allowed", () => {
    const user = encodeMessage(incompressible(100));
    const plain = joined(user, EMPTY);
    assert.equal(unpacked(codec({ keyring: oldRing, verifyIncoming: false }), plain).whole, null);
    assert.equal(unpacked(codec({ keyring: oldRing }), plain).whole, "bad-version");
    // The first bytes of plain pings look like encryption versions.
    const ping = { type: 0, node: "", seqNo: 1, sourceAddr: EMPTY, sourcePort: 0, sourceNode: "" } as const;
    assert.deepEqual(unpacked(codec({ keyring: oldRing, verifyIncoming: false }), encodeMessage(ping)).messages, [
      ping,
    ]);
  });

  it("of version 0 must have a padding that can be one", () => {
    const cipher = testCipher();
    const paddedWith = (count: number): string | null => {
      const plaintext = new Uint8Array(32).fill(count);
      plaintext.set(encodeMessage(nack(1)));
      const bytes = new Uint8Array(29 + 32);
      cipher.seal(KEY, plaintext, EMPTY, bytes, 1);
      return unpacked(codec({ keyring: oldRing }), bytes).whole;
    };
    assert.equal(paddedWith(16), null);
    assert.equal(paddedWith(1), null);
    assert.equal(paddedWith(0), "cannot-decrypt");
    assert.equal(paddedWith(17), "cannot-decrypt");
    assert.equal(paddedWith(255), "cannot-decrypt");
  });
});

describe("checksums", () => {
  it("come from the host when it brings a faster one", () => {
    const seen: string[] = [];
    const crc32 = (bytes: Uint8Array): number => {
      seen.push(toHex(bytes));
      return 0xdead_beef;
    };
    const packets = codec({ crc32 });
    const bytes = packet(packets, [nack(1)], true);
    assert.equal(toHex(bytes.subarray(0, 5)), "0cdeadbeef");
    assert.equal(unpacked(packets, bytes).whole, null);
    assert.deepEqual(seen, [toHex(encodeMessage(nack(1))), toHex(encodeMessage(nack(1)))]);
  });

  it("that are not the packet's own refuse it", () => {
    const bytes = packet(codec(), [nack(1), nack(2)], true).slice();
    assert.equal(unpacked(codec(), bytes).whole, null);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    assert.equal(unpacked(codec(), bytes).whole, "bad-crc");
  });

  it("need five bytes to be one", () => {
    assert.equal(unpacked(codec(), fromHex("0c000000")).whole, "bad-type");
    assert.equal(unpacked(codec(), fromHex("0c00000000")).whole, "empty");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeMessage,
  Keyring,
  type Message,
  MessageEncoder,
  StreamCodec,
  type StreamDecoder,
  type StreamSide,
  type WireOptions,
  wireOptions,
} from "@hearsay/core/wire";
import fc from "fast-check";
import { pushPullNode } from "./arbitraries.ts";
import { ascii, fromHex, joined, toHex } from "./bytes.ts";
import { testCipher } from "./test-cipher.ts";

const EMPTY = new Uint8Array(0);
const ring = new Keyring([], new Uint8Array(16).fill(1));
const PING: Message = { type: 0, node: "b", seqNo: 1, sourceAddr: EMPTY, sourcePort: 0, sourceNode: "" };
const ENOUGH = 1 << 26;

function codec(given: Partial<WireOptions> = {}): StreamCodec {
  return new StreamCodec(wireOptions({ cipher: testCipher(), streamCompressionMinBytes: 0, ...given }));
}

function wrapped(streams: StreamCodec, message: Uint8Array, side: StreamSide = "connect", budget = ENOUGH): Uint8Array {
  const wrap = streams.wrap(message, side);
  while (!wrap.step(budget));
  assert.equal(wrap.fault, null);
  return wrap.result();
}

/** What a side makes of bytes that arrive in pieces and then end. */
function received(
  bytes: Uint8Array,
  given: Partial<WireOptions> = {},
  side: StreamSide = "accept",
  pieceBytes = ENOUGH,
  budget = ENOUGH,
): {
  readonly progress: string;
  readonly message: string;
  readonly fault: string | null;
  readonly answer: string | null;
} {
  const decoder = codec(given).decoder(side);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
    drain(decoder, budget);
  }
  decoder.end();
  const progress = drain(decoder, budget);
  return { progress, message: toHex(decoder.message), fault: decoder.fault?.reason ?? null, answer: decoder.answer };
}

function drain(decoder: StreamDecoder, budget: number): string {
  let progress = decoder.step(budget);
  while (progress === "working") progress = decoder.step(budget);
  return progress;
}

function failed(
  bytes: Uint8Array,
  given: Partial<WireOptions> = {},
  side: StreamSide = "accept",
): [string | null, string | null] {
  const { progress, fault, answer } = received(bytes, given, side);
  assert.equal(progress, "failed");
  return [fault, answer];
}

describe("streams", () => {
  const settings = fc.record({
    label: fc.constantFrom(EMPTY, ascii("dc1")),
    compression: fc.boolean(),
    keyring: fc.constantFrom(null, ring),
    encryptionVersion: fc.constantFrom<0 | 1>(0, 1),
  });
  const request = fc
    .tuple(fc.boolean(), fc.array(pushPullNode, { maxLength: 10 }), fc.uint8Array({ maxLength: 100 }))
    .map(([join, nodes, state]) => new MessageEncoder().encodePushPull({ join }, nodes, state));

  it("carry the same message in both directions, whatever pieces they arrive in and however the work is cut", () => {
    fc.assert(
      fc.property(
        settings,
        request,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        (given, message, piece, budget) => {
          const expected = { progress: "message", message: toHex(message), fault: null, answer: null };
          for (const side of ["connect", "accept"] as const) {
            const other = side === "connect" ? "accept" : "connect";
            const bytes = wrapped(codec(given), message, side, budget);
            assert.deepEqual(received(bytes, given, other), expected);
            assert.deepEqual(received(bytes, given, other, piece, budget), expected);
          }
        },
      ),
    );
  });

  it("end with the message and leave alone what follows it", () => {
    fc.assert(
      fc.property(request, fc.uint8Array({ minLength: 1, maxLength: 50 }), (message, rest) => {
        assert.equal(received(joined(message, rest)).message, toHex(message));
      }),
    );
    const user = new MessageEncoder().encodeStreamUser(ascii("hello"));
    assert.equal(received(joined(user, user)).message, toHex(user));
  });

  it("are compressed from a length on, as the node's settings say", () => {
    const limited = codec({ streamCompressionMinBytes: 100 });
    const user = (bytes: number): Uint8Array => new MessageEncoder().encodeStreamUser(new Uint8Array(bytes));
    const head = user(80).length - 80;
    assert.deepEqual(wrapped(limited, user(99 - head)), user(99 - head));
    assert.ok(wrapped(limited, user(100 - head)).length < 100);
    assert.equal(wireOptions().streamCompressionMinBytes, 14_000);
  });

  it("are compressed even when that is longer, and labelled by the connecting side only", () => {
    const ack = encodeMessage({ type: 2, seqNo: 1, payload: null });
    const label = ascii("dc1");
    assert.ok(wrapped(codec(), ack).length > ack.length);
    assert.deepEqual(wrapped(codec({ compression: false }), ack), ack);
    assert.deepEqual(wrapped(codec({ compression: false, label }), ack), joined(Uint8Array.of(244, 3), label, ack));
    assert.deepEqual(wrapped(codec({ compression: false, label }), ack, "accept"), ack);
  });

  it("take each side only what it has a use for", () => {
    const state = new MessageEncoder().encodePushPull({ join: false }, [], EMPTY);
    const all = [encodeMessage(PING), state, new MessageEncoder().encodeStreamUser(ascii("x"))];
    const answers = [
      encodeMessage({ type: 2, seqNo: 1, payload: null }),
      state,
      encodeMessage({ type: 13, error: "no" }),
    ];
    for (const message of all) assert.equal(received(message).progress, "message");
    for (const message of answers) assert.equal(received(message, {}, "connect").progress, "message");
    for (const message of [
      answers[0] ?? EMPTY,
      answers[2] ?? EMPTY,
      fromHex("0b81a55365714e6f09"),
      fromHex("63"),
      fromHex("0701"),
    ]) {
      assert.deepEqual(failed(message), ["bad-type", null]);
      // Inside a wrapper nothing else is allowed.
      assert.deepEqual(failed(wrapped(codec(), message)), ["bad-type", null]);
      assert.deepEqual(failed(wrapped(codec({ keyring: ring }), message), { keyring: ring }), ["bad-type", null]);
    }
    assert.deepEqual(failed(encodeMessage(PING), {}, "connect"), ["bad-type", null]);
  });

  it("unwrap one level of compression, and no empty message", () => {
    const twice = wrapped(codec(), wrapped(codec(), encodeMessage(PING)));
    assert.deepEqual(failed(twice), ["bad-type", null]);
    assert.deepEqual(failed(wrapped(codec(), EMPTY)), ["empty", "decompressed message is empty"]);
    assert.deepEqual(failed(fromHex("0982a4416c676f01a3427566a20001")), [
      "bad-compression",
      "cannot decode the compressed message",
    ]);
    assert.deepEqual(failed(fromHex("0982a4416c676f00a3427566a20001")), [
      "bad-compression",
      "cannot decompress the message",
    ]);
  });
});

describe("the end of a stream", () => {
  it("is no fault before any byte, or right after the label", () => {
    assert.equal(received(EMPTY).progress, "closed");
    assert.equal(received(EMPTY, {}, "connect").progress, "closed");
    assert.equal(received(fromHex("f403646331"), { label: ascii("dc1") }).progress, "closed");
  });

  it("inside anything else is a fault, which only wrappers have answered", () => {
    assert.deepEqual(failed(fromHex("f40364"), { label: ascii("dc1") }), ["bad-label", null]);
    assert.deepEqual(failed(fromHex("0a000000"), { keyring: ring }), ["truncated", "unexpected EOF"]);
    assert.deepEqual(failed(fromHex("0982a4416c676f00"), {}), ["truncated", "unexpected EOF"]);
    assert.deepEqual(failed(fromHex("0082a44e6f6465")), ["truncated", null]);
    assert.deepEqual(failed(fromHex("0881aa557365724d73674c656e05 6869")), ["truncated", null]);
  });
});

describe("labels of streams", () => {
  const labelled = fromHex(`f403646331 ${toHex(encodeMessage(PING))}`);
  const plain = encodeMessage(PING);

  it("follow the rules of packets and are refused without a word", () => {
    const label = ascii("dc1");
    assert.equal(received(labelled, { label }).progress, "message");
    assert.equal(received(plain, { label, skipInboundLabelCheck: true }).progress, "message");
    assert.deepEqual(failed(plain, { label }), ["label-mismatch", null]);
    assert.deepEqual(failed(labelled, {}), ["label-mismatch", null]);
    assert.deepEqual(failed(labelled, { label: ascii("dc2") }), ["label-mismatch", null]);
    assert.deepEqual(failed(labelled, { label, skipInboundLabelCheck: true }), ["double-label", null]);
    assert.deepEqual(failed(fromHex("f400"), { label }), ["bad-label", null]);
    assert.deepEqual(failed(joined(labelled.subarray(0, 5), labelled), { label }), ["bad-type", null]);
  });
});

describe("encryption of streams", () => {
  const plain = encodeMessage(PING);
  const sealed = wrapped(codec({ keyring: ring }), plain);

  it("answers what it refuses with the reference's texts", () => {
    assert.deepEqual(failed(sealed), ["encrypted", "remote state is encrypted and encryption is not configured"]);
    assert.deepEqual(failed(plain, { keyring: ring }), [
      "not-encrypted",
      "encryption is configured but remote state is not encrypted",
    ]);
    const otherRing = new Keyring([], new Uint8Array(16).fill(9));
    assert.deepEqual(failed(sealed, { keyring: otherRing }), [
      "cannot-decrypt",
      "no installed keys could decrypt the message",
    ]);
    const versionSeven = sealed.slice();
    versionSeven[5] = 7;
    assert.deepEqual(failed(versionSeven, { keyring: ring }), ["bad-version", "unsupported encryption version 7"]);
    assert.deepEqual(failed(fromHex("0a01400001"), { keyring: ring }), [
      "too-large",
      "remote node state is larger than limit (20971521)",
    ]);
    assert.deepEqual(failed(fromHex("0a00000000"), { keyring: ring }), [
      "too-short",
      "payload is too small to decrypt",
    ]);
  });

  it("has no answer for the side that only reads one", () => {
    assert.deepEqual(failed(sealed, {}, "connect"), ["encrypted", null]);
    const error = encodeMessage({ type: 13, error: "no" });
    assert.deepEqual(failed(error, { keyring: ring }, "connect"), ["not-encrypted", null]);
  });

  it("yields to the switches for migration", () => {
    assert.equal(received(plain, { keyring: ring, verifyIncoming: false }).progress, "message");
    assert.equal(received(sealed, { keyring: ring, verifyIncoming: false }).progress, "message");
    const inClear = wrapped(codec({ keyring: ring, verifyOutgoing: false, compression: false }), plain);
    assert.deepEqual(inClear, plain);
  });

  it("binds the label although answers do not carry it", () => {
    const label = ascii("dc1");
    const ack = encodeMessage({ type: 2, seqNo: 1, payload: null });
    const answer = wrapped(codec({ keyring: ring, label }), ack, "accept");
    assert.equal(received(answer, { keyring: ring, label }, "connect").progress, "message");
    for (const other of ["", "dc2"]) {
      assert.deepEqual(failed(answer, { keyring: ring, label: ascii(other) }, "connect"), ["cannot-decrypt", null]);
    }
  });

  it("seals nothing that no peer would take", () => {
    const wrap = codec({ keyring: ring, compression: false }).wrap(new Uint8Array(20_971_520), "connect");
    assert.ok(wrap.step(ENOUGH));
    assert.equal(wrap.fault?.reason, "too-large");
    assert.equal(wrap.result().length, 0);
    assert.equal(
      wrapped(codec({ keyring: ring, compression: false }), new Uint8Array(20_971_520 - 29)).length,
      20_971_525,
    );
  });
});

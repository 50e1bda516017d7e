import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { below, Sfc32 } from "@hearsay/core";
import { MessageEncoder, StreamCodec, type StreamDecoder, type StreamProgress, wireOptions } from "@hearsay/core/wire";
import fc from "fast-check";

const MIB = 1 << 20;
const SLICE_BYTES = 64 * 1024;

/** What a stream has of 128 MiB that 1,280 of them share evenly, and what a single one can have of it. */
const EVEN_BYTES = 13_107;
const SINGLE_BYTES = 64 * MIB;

const streams = new StreamCodec(wireOptions({ streamCompressionMinBytes: 0 }));

function wrapped(payload: Uint8Array): Uint8Array {
  const wrap = streams.wrap(new MessageEncoder().encodeStreamUser(payload), "connect");
  while (!wrap.step(MIB));
  return wrap.result().slice();
}

function noise(length: number, alphabet: number): Uint8Array {
  const random = new Sfc32(length);
  return Uint8Array.from({ length }, () => below(random, alphabet));
}

/** Reads a stream that comes in pieces, as far as there is room. */
function read(decoder: StreamDecoder, bytes: Uint8Array, pieceBytes: number): StreamProgress {
  let progress: StreamProgress = "need-more";
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    if (!decoder.push(piece)) return "no-room";
    do progress = decoder.step(SLICE_BYTES);
    while (progress === "working");
    if (progress !== "need-more") return progress;
  }
  return progress;
}

describe("the room that a stream asks for", () => {
  it("is an even part for a short message, compressed too, while there is no more", () => {
    for (const payload of [noise(3000, 256), noise(4000, 16), new Uint8Array(4000), new Uint8Array(49)]) {
      const decoder = streams.decoder("accept", (bytes) => bytes <= EVEN_BYTES);
      assert.equal(read(decoder, wrapped(payload), 1400), "message");
      assert.deepEqual(decoder.message.slice(-payload.length), payload);
    }
  });

  it("is half of all for a long one that does not compress, and comes in pieces", () => {
    const payload = noise(12 * MIB, 256);
    const decoder = streams.decoder("accept", (bytes) => bytes <= SINGLE_BYTES);
    assert.equal(read(decoder, wrapped(payload), SLICE_BYTES), "message");
    assert.equal(Buffer.compare(decoder.message.subarray(-payload.length), payload), 0);
  });

  it("is what a long message waits for: with it, it goes on and waits for nothing more at once", () => {
    const bytes = wrapped(noise(200_000, 256));
    let limit = Number.POSITIVE_INFINITY;
    let refused = 0;
    const decoder = streams.decoder("accept", (wanted) => {
      if (wanted <= limit) return true;
      refused = wanted;
      return false;
    });
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) decoder.push(bytes.subarray(at, at + SLICE_BYTES));
    // There is as much as has come.
    limit = bytes.length;
    let progress: StreamProgress = "working";
    while (progress === "working") progress = decoder.step(SLICE_BYTES);
    assert.equal(progress, "no-room");
    limit = refused;
    assert.equal(decoder.step(SLICE_BYTES), "working");
  });

  it("counts the table of 24 KiB by which a long message is decompressed", () => {
    const bytes = wrapped(noise(200_000, 3));
    let held = 0;
    const refused: number[] = [];
    const decoder = streams.decoder("accept", (wanted) => {
      if (wanted > bytes.length) return refused.push(wanted) < 0;
      held = wanted;
      return true;
    });
    decoder.push(bytes);
    while (decoder.step(SLICE_BYTES) === "working");
    // It asks for room for three times the input and then for half of that, first without a table and then with one: twice
    // the one less the other is what comes on top.
    const tables = [0, 4].map((at) => 2 * (refused[at + 1] ?? 0) - (refused[at] ?? 0) - held);
    assert.ok(
      Math.abs(tables[0] ?? Number.NaN) <= 2 && Math.abs((tables[1] ?? Number.NaN) - 24 * 1024) <= 2,
      `${refused}`,
    );
  });

  it("is never exceeded, and the message is the same whenever there was none", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300_000 }),
        fc.constantFrom(1, 3, 256),
        fc.integer({ min: 100, max: 70_000 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (length, alphabet, pieceBytes, seed) => {
          const random = new Sfc32(seed);
          const payload = noise(length, alphabet);
          const bytes = wrapped(payload);
          let held = 0;
          // Now and then there is no room for more than there is already.
          const decoder = streams.decoder("accept", (wanted) => {
            if (wanted > held && below(random, 3) === 0) return false;
            held = wanted;
            return true;
          });
          let progress: StreamProgress = "need-more";
          for (let at = 0; at < bytes.length; at += pieceBytes) {
            while (!decoder.push(bytes.subarray(at, at + pieceBytes)));
          }
          do progress = decoder.step(SLICE_BYTES);
          while (progress === "working" || progress === "no-room");
          assert.equal(progress, "message");
          assert.equal(Buffer.compare(decoder.message.subarray(-length), payload), 0);
          assert.ok(held >= decoder.message.length || decoder.message.length <= 1024);
        },
      ),
      { numRuns: 60 },
    );
  });
});

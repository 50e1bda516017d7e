import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ACK,
  encodeMessage,
  isFault,
  type Message,
  MessageDecoder,
  MessageEncoder,
  PushPullReader,
  PushPullWriter,
  type SignedStyle,
} from "@hearsay/core/wire";
import fc from "fast-check";
import { message, name, pushPullNode } from "./arbitraries.ts";
import { ascii, fromHex, joined, toHex } from "./bytes.ts";
import { nodesOf } from "./walk.ts";

const decoder = new MessageDecoder();

function decoded(hex: string): ReturnType<MessageDecoder["decode"]> {
  const bytes = fromHex(hex);
  return decoder.decode(bytes, 0, bytes.length);
}

/** An ack from its map: hex of the entries, text for what is in quotes. */
function ack(entries: string): string {
  return `02 ${entries.replaceAll(/"(\w+)"/g, (_, key: string) => toHex(ascii(key)))}`;
}

function reasonOf(hex: string): string {
  const result = decoded(hex);
  return isFault(result) ? result.reason : "accepted";
}

function seqNoOf(hex: string): number {
  const result = decoded(hex);
  assert.ok(!isFault(result) && result.type === ACK, isFault(result) ? result.reason : "not an ack");
  return result.seqNo;
}

describe("messages", () => {
  it("read back as they were written, wherever in the bytes they stand", () => {
    fc.assert(
      fc.property(message, fc.nat(8), (original: Message, offset) => {
        const encoded = encodeMessage(original);
        const bytes = joined(new Uint8Array(offset), encoded);
        assert.deepEqual(decoder.decode(bytes, offset, bytes.length), original);
      }),
    );
  });

  it("are refused when any of their bytes is missing, but for user messages, whose bytes are the application's", () => {
    fc.assert(
      fc.property(message, fc.double({ min: 0, max: 1, noNaN: true }), (original, part) => {
        const bytes = encodeMessage(original);
        if (bytes[0] === 8) return;
        const end = Math.floor(part * (bytes.length - 1));
        const result = decoder.decode(bytes, 0, end);
        assert.ok(isFault(result));
        assert.equal(result.reason, end === 0 ? "empty" : "truncated");
      }),
    );
  });

  it("borrowed bytes are the same as fresh ones", () => {
    const encoder = new MessageEncoder();
    fc.assert(
      fc.property(message, (original) => assert.deepEqual(encoder.encode(original).slice(), encodeMessage(original))),
    );
  });

  it("view the bytes that they came from instead of copying them", () => {
    const bytes = encodeMessage({ type: ACK, seqNo: 1, payload: Uint8Array.of(1, 2, 3) });
    const result = decoder.decode(bytes, 0, bytes.length);
    assert.ok(!isFault(result) && result.type === ACK && result.payload !== null);
    assert.equal(result.payload.buffer, bytes.buffer);
  });
});

describe("a lenient decoder", () => {
  it("takes integers in every width that fits, signed or not", () => {
    for (const value of ["2a", "cc2a", "cd002a", "ce0000002a", "cf000000000000002a"]) {
      assert.equal(seqNoOf(ack(`81 a5"SeqNo" ${value}`)), 42);
    }
    for (const value of ["d02a", "d1002a", "d20000002a", "d3000000000000002a"]) {
      assert.equal(seqNoOf(ack(`81 a5"SeqNo" ${value}`)), 42);
    }
    assert.equal(seqNoOf(ack('81 a5"SeqNo" ceffffffff')), 0xffff_ffff);
    assert.equal(seqNoOf(ack('81 a5"SeqNo" d300000000ffffffff')), 0xffff_ffff);
  });

  it("refuses integers that do not fit, and other things in their place", () => {
    for (const value of [
      "cf0000000100000000",
      "cfffffffffffffffff",
      "ff",
      "d0ff",
      "d1ffff",
      "d2ffffffff",
      "d3ffffffffffffffff",
    ]) {
      assert.equal(reasonOf(ack(`81 a5"SeqNo" ${value}`)), "bad-integer", value);
    }
    for (const value of ["ca00000000", "cb0000000000000000", "a131", "c2", "c3", "90", "80", "c401 31", "c1"]) {
      assert.equal(reasonOf(ack(`81 a5"SeqNo" ${value}`)), "bad-value", value);
    }
    assert.equal(reasonOf("04 81 a4 506f7274 ce00010000"), "bad-integer");
    assert.equal(reasonOf("04 81 a3 56736e 92 01 cd0100"), "bad-integer");
  });

  it("takes booleans from 0, 1 and nil, and from nothing else", () => {
    const nacks = ["c3", "c2", "01", "00", "c0"].map((value) => {
      const result = decoded(`01 81 a4 4e61636b ${value}`);
      return "nack" in result ? result.nack : result;
    });
    assert.deepEqual(nacks, [true, false, true, false, false]);
    for (const value of ["cc01", "02", "ff", "a101"]) {
      assert.equal(reasonOf(`01 81 a4 4e61636b ${value}`), "bad-value", value);
    }
  });

  it("takes byte strings and strings as raw, str8, bin or an array of integers", () => {
    const forms = ["a2 6f6b", "d902 6f6b", "da0002 6f6b", "db00000002 6f6b", "c402 6f6b", "c50002 6f6b"];
    for (const form of [...forms, "c600000002 6f6b", "92 6f 6b", "dc0002 cc6f 6b", "dd00000002 6f cd006b"]) {
      assert.deepEqual(decoded(ack(`81 a7"Payload" ${form}`)), { type: ACK, seqNo: 0, payload: ascii("ok") }, form);
      assert.deepEqual(decoded(`0d 81 a5 4572726f72 ${form}`), { type: 13, error: "ok" }, form);
    }
  });

  it("takes keys in any order, twice, in any string form, and passes over unknown ones", () => {
    const payload = 'a7"Payload" a2 6f6b';
    const seqNo = 'a5"SeqNo" 05';
    const expected = { type: ACK, seqNo: 5, payload: ascii("ok") };
    assert.deepEqual(decoded(ack(`82 ${payload} ${seqNo}`)), expected);
    assert.deepEqual(decoded(ack(`82 ${seqNo} ${payload}`)), expected);
    assert.deepEqual(decoded(ack(`83 a5"SeqNo" 07 ${payload} ${seqNo}`)), expected);
    assert.deepEqual(decoded(ack(`82 ${payload} d905"SeqNo" 05`)), expected);
    assert.deepEqual(decoded(ack(`82 ${payload} c405"SeqNo" 05`)), expected);
    assert.deepEqual(decoded(ack(`82 ${payload} 95 53 65 71 4e 6f 05`)), expected);
    assert.deepEqual(decoded(ack(`de0002 ${payload} ${seqNo}`)), expected);
    assert.deepEqual(decoded(ack(`df00000002 ${payload} ${seqNo}`)), expected);
    const unknowns = [
      "01",
      "c0",
      "cb0000000000000000",
      "a161",
      "c70105 00",
      "d4 05 00",
      "d8 05 00000000000000000000000000000000",
    ];
    for (const unknown of [...unknowns, "81 a161 92 01 81 01 02", "dc0003 01 02 03", "de0001 01 02", "c403 010203"]) {
      assert.deepEqual(decoded(ack(`83 a1"X" ${unknown} ${payload} ${seqNo}`)), expected, unknown);
      assert.deepEqual(decoded(ack(`83 a5"seqno" ${unknown} ${payload} ${seqNo}`)), expected, unknown);
    }
  });

  it("refuses keys that are no strings", () => {
    for (const key of ["01", "c0", "c3", "80", "cc05", "ca00000000"])
      assert.equal(reasonOf(ack(`81 ${key} 05`)), "bad-key", key);
  });

  it("gives missing and nil fields their zero value, the last of two values winning", () => {
    const zero = { type: ACK, seqNo: 0, payload: null };
    assert.deepEqual(decoded("02 80"), zero);
    assert.deepEqual(decoded("02 c0"), zero);
    assert.deepEqual(decoded("02 90"), zero);
    assert.deepEqual(decoded(ack('82 a7"Payload" c0 a5"SeqNo" c0')), zero);
    assert.deepEqual(decoded(ack('82 a5"SeqNo" 05 a5"SeqNo" c0')), zero);
  });

  it("takes structs as arrays in the order of declaration, short or long", () => {
    assert.deepEqual(decoded("02 91 05"), { type: ACK, seqNo: 5, payload: null });
    assert.deepEqual(decoded("02 92 05 a0"), { type: ACK, seqNo: 5, payload: new Uint8Array(0) });
    assert.deepEqual(decoded("02 94 05 c0 81 01 02 a3 616263"), { type: ACK, seqNo: 5, payload: null });
    assert.deepEqual(decoded("03 93 07 a1 62 a1 61"), { type: 3, incarnation: 7, node: "b", from: "a" });
    assert.deepEqual(decoded("01 98 05 a4 0a000001 cd1f0a a1 62 c3 a4 0a000002 07 a1 61"), {
      type: 1,
      seqNo: 5,
      target: Uint8Array.of(10, 0, 0, 1),
      port: 7946,
      node: "b",
      nack: true,
      sourceAddr: Uint8Array.of(10, 0, 0, 2),
      sourcePort: 7,
      sourceNode: "a",
    });
    assert.deepEqual(decoded("04 96 01 a1 61 a4 0a000001 02 c0 a6 010502020505"), {
      type: 4,
      incarnation: 1,
      node: "a",
      addr: Uint8Array.of(10, 0, 0, 1),
      port: 2,
      meta: null,
      vsn: Uint8Array.of(1, 5, 2, 2, 5, 5),
    });
  });

  it("refuses anything else as a struct", () => {
    for (const body of ["05", "c3", "a161", "c40161", "ca00000000", "c1"])
      assert.equal(reasonOf(`02 ${body}`), "bad-value");
    assert.equal(reasonOf("02"), "truncated");
    assert.equal(reasonOf("02 81 a1 61 c1"), "bad-value");
  });
});

describe("push/pulls", () => {
  it("take no more memory than was expected, and some for the header", () => {
    const bytes = new PushPullWriter(true, "v2", 100_000).finish(new Uint8Array(99_000));
    assert.ok(bytes.buffer.byteLength < 100_000 + 64, `${bytes.buffer.byteLength} bytes`);
  });

  it("read back as they were written, in both styles of signed integers", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(pushPullNode, { maxLength: 40 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom<SignedStyle>("v2", "v0.5.5"),
        (join, nodes, userState, style) => {
          const bytes = new MessageEncoder(style).encodePushPull({ join }, nodes, userState);
          const reader = new PushPullReader(bytes);
          assert.deepEqual(reader.header, { join, nodes: nodes.length, userStateLength: userState.length });
          assert.deepEqual([...nodesOf(reader)], nodes);
          assert.equal(reader.remaining, 0);
          assert.equal(reader.next(), null);
          assert.deepEqual(reader.userState(), userState);
        },
      ),
    );
  });

  it("may share their decoder with other messages between two members", () => {
    const node = {
      name: "a",
      addr: new Uint8Array(4),
      port: 1,
      meta: null,
      incarnation: 1,
      state: 0,
      vsn: new Uint8Array(6),
    };
    const nodes = [node, { ...node, name: "b" }];
    const reader = new PushPullReader(
      new MessageEncoder().encodePushPull({ join: true }, nodes, new Uint8Array(0)),
      decoder,
    );
    assert.deepEqual(reader.next(), nodes[0]);
    assert.equal(reasonOf("02 c1"), "bad-value");
    assert.deepEqual(reader.next(), nodes[1]);
  });

  it("end with a fault where their bytes end", () => {
    const nodes = [
      { name: "a", addr: new Uint8Array(4), port: 1, meta: null, incarnation: 1, state: 0, vsn: new Uint8Array(6) },
    ];
    const bytes = new MessageEncoder().encodePushPull({ join: true }, nodes, ascii("state"));
    for (let end = 0; end < bytes.length; end++) {
      const reader = new PushPullReader(bytes.subarray(0, end));
      for (let i = 0; i < 3; i++) reader.next();
      assert.ok(isFault(reader.userState()), `cut at ${end}`);
    }
  });

  it("claim no more members and bytes than the limits allow", () => {
    const header = (nodes: string, length: string) =>
      fromHex(`06 82 a5 4e6f646573 ${nodes} ac 5573657253746174654c656e ${length}`);
    const reason = (nodes: string, length: string) => {
      const { header: read } = new PushPullReader(header(nodes, length));
      return isFault(read) ? read.reason : "accepted";
    };
    assert.equal(reason("ce00100000", "ce01400000"), "accepted");
    assert.equal(reason("ce00100001", "00"), "too-large");
    assert.equal(reason("00", "ce01400001"), "too-large");
    assert.equal(reason("ff", "00"), "bad-integer");
    assert.equal(reason("00", "d3ffffffffffffffff"), "bad-integer");
    assert.equal(reason("cfffffffffffffffff", "00"), "bad-integer");
  });
});

describe("error answers", () => {
  it("carry any text", () => {
    fc.assert(
      fc.property(name, (error) => {
        const bytes = encodeMessage({ type: 13, error });
        assert.deepEqual(decoder.decode(bytes, 0, bytes.length), { type: 13, error });
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { type Outbox, presetConfig, Sfc32, Swim } from "@hearsay/core";
import { MemberTable, memberRecord, Selection } from "@hearsay/core/internal";
import { encodeMessage, PacketCodec, PING, wireOptions } from "@hearsay/core/wire";
import { address } from "./support/lone-node.js";

// Code makes more garbage until it is optimised, 840 bytes a ping instead of 456 to 480. On a busy machine the threads that
// optimise come late; so this one does it, after as many calls each time.
setFlagsFromString("--no-concurrent-recompilation");

const ROUNDS = 20_000;
const MEASUREMENTS = 5;

/** Counts what a node sends, and keeps nothing. */
class Sink implements Outbox {
  datagrams = 0;
  datagram(): void {
    this.datagrams++;
  }
  exchange(): void {}
  cancelExchange(): void {}
  answer(): void {}
  event(): void {}
}

/** A node, and a datagram in which another one pings it. */
function pinged(): { ping: () => void; out: Sink } {
  const packets = new PacketCodec(wireOptions({ compression: false }));
  const own = address("10.0.0.1");
  const from = address("10.0.0.2");
  const swim = new Swim({ name: "self", address: own, config: presetConfig("lan"), packets, random: new Sfc32(1) });
  const out = new Sink();
  swim.start(0, out);
  const { ip: sourceAddr, port: sourcePort } = from;
  const message = { type: PING, seqNo: 70_000, node: "self", sourceAddr, sourcePort, sourceNode: "other" } as const;
  const codec = new PacketCodec(wireOptions({ compression: false }));
  codec.begin();
  codec.add(encodeMessage(message));
  const datagram = codec.finish(false).slice();
  return { ping: () => swim.receive(1, from, datagram, out), out };
}

/** Bytes left on the heap by `rounds` calls. No collection may run meanwhile, so the young generation must hold them. */
function garbage(call: () => void, rounds: number): number {
  assert.ok(globalThis.gc, "run with --expose-gc, as npm test does");
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < rounds; i++) call();
  const bytes = process.memoryUsage().heapUsed - before;
  assert.ok(bytes >= 0, `a collection ran while it was measured (${bytes})`);
  return bytes;
}

/** Bytes of garbage that one call makes once its code is optimised: the least of some measurements. */
function settledGarbage(call: () => void): number {
  return Math.min(...Array.from({ length: MEASUREMENTS }, () => garbage(call, ROUNDS) / ROUNDS));
}

describe("garbage", () => {
  it("answering a ping makes at most 512 bytes of it", () => {
    const { ping, out } = pinged();
    const perPing = settledGarbage(ping);
    assert.equal(out.datagrams, MEASUREMENTS * ROUNDS, "each ping is answered");
    assert.ok(perPing <= 512, `${perPing} bytes a ping`);
  });

  it("choosing three of a thousand members makes at most 128 bytes of it", () => {
    const random = new Sfc32(2);
    const table = new MemberTable(random);
    for (let i = 0; i < 1000; i++) {
      const own = address(`10.1.${i >> 8}.${i & 0xff}`);
      table.add(memberRecord(`member-${i}`, own, new Uint8Array(0), Uint8Array.of(1, 5, 2, 0, 0, 0), true), 0, 1, 0);
    }
    const selection = new Selection(table, random);
    let chosen = 0;
    const perChoice = settledGarbage(() => {
      chosen += selection.alive(3, 0);
    });
    assert.equal(chosen, MEASUREMENTS * 3 * ROUNDS);
    assert.ok(perChoice <= 128, `${perChoice} bytes a choice`);
  });

  it("the meter sees an object of known size", () => {
    const kept: Uint32Array[] = [];
    const bytes = garbage(() => kept.push(new Uint32Array(8)), 1000) / 1000;
    assert.ok(bytes >= 32 && bytes < 1024, `${bytes} bytes an array`);
  });
});

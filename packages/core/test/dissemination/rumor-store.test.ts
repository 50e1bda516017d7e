import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  APPLICATION,
  BULK,
  FAILURES,
  JOINS,
  newRumor,
  type Rumor,
  type RumorClass,
  RumorStore,
  URGENT,
} from "@hearsay/core/internal";
import fc from "fast-check";

let lastId = 0;

function rumor(rumorClass: RumorClass, bytes: number, subject = ""): Rumor {
  const id = ++lastId;
  return newRumor({ bytes: new Uint8Array(bytes).fill(id), rumorClass, subject, id, ticket: 0, source: "" });
}

class Packet {
  readonly taken: Uint8Array[] = [];
  #room: number;
  constructor(room: number) {
    this.#room = room;
  }
  room(): number {
    return this.#room - 2;
  }
  add(message: Uint8Array): boolean {
    if (message.length > this.room()) return false;
    this.#room -= message.length + 2;
    this.taken.push(message);
    return true;
  }
}

function store(capacity = 10_000): { store: RumorStore; ended: [Rumor, string][] } {
  const ended: [Rumor, string][] = [];
  return { store: new RumorStore(capacity, { finished: (rumor, reason) => ended.push([rumor, reason]) }), ended };
}

describe("the rumor store", () => {
  it("sends every rumor exactly as often as the limit says", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(URGENT, FAILURES, JOINS, APPLICATION, BULK), fc.integer({ min: 1, max: 300 })),
          {
            maxLength: 40,
          },
        ),
        fc.integer({ min: 1, max: 12 }),
        (list, limit) => {
          const { store: rumors, ended } = store();
          const sent = new Map<Uint8Array, number>();
          const all = list.map(([rumorClass, bytes]) => rumor(rumorClass, bytes));
          for (const one of all) rumors.put(one);
          for (let packets = 0; rumors.size > 0; packets++) {
            assert.ok(packets < 10_000, "the store never empties");
            const packet = new Packet(1398);
            rumors.fill(packet, limit);
            assert.equal(new Set(packet.taken).size, packet.taken.length, "a packet carries a rumor twice");
            for (const bytes of packet.taken) sent.set(bytes, (sent.get(bytes) ?? 0) + 1);
          }
          for (const one of all) assert.equal(sent.get(one.bytes), limit);
          assert.equal(ended.length, all.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives every class its share of a packet while all of them have more to say than fits", () => {
    const { store: rumors } = store();
    const classes: RumorClass[] = [URGENT, FAILURES, JOINS, APPLICATION, BULK];
    const owner = new Map<Uint8Array, RumorClass>();
    for (const rumorClass of classes) {
      for (let i = 0; i < 2000; i++) {
        const one = rumor(rumorClass, 20);
        owner.set(one.bytes, rumorClass);
        rumors.put(one);
      }
    }
    const bytes = [0, 0, 0, 0, 0];
    for (let packets = 0; packets < 100; packets++) {
      const packet = new Packet(1398);
      rumors.fill(packet, 8);
      for (const taken of packet.taken) {
        const rumorClass = owner.get(taken) ?? 0;
        bytes[rumorClass] = (bytes[rumorClass] ?? 0) + taken.length;
      }
    }
    const total = bytes.reduce((sum, part) => sum + part, 0);
    for (const [rumorClass, share] of [20, 35, 20, 15, 10].entries()) {
      const part = (100 * (bytes[rumorClass] ?? 0)) / total;
      assert.ok(part > share * 0.85, `class ${rumorClass} got ${part.toFixed(1)} % of ${share} %`);
    }
  });

  it("lets the share that a class does not use flow to the others", () => {
    const { store: rumors } = store();
    for (let i = 0; i < 200; i++) rumors.put(rumor(BULK, 20));
    const packet = new Packet(1398);
    rumors.fill(packet, 8);
    assert.equal(packet.taken.length, Math.floor(1398 / 22));
  });

  it("does not starve a rumor that is longer than its class's share", () => {
    const { store: rumors } = store(20_000);
    for (let i = 0; i < 5000; i++) rumors.put(rumor(FAILURES, 40));
    for (let i = 0; i < 5000; i++) rumors.put(rumor(URGENT, 40));
    for (let i = 0; i < 5000; i++) rumors.put(rumor(JOINS, 40));
    const long = rumor(APPLICATION, 1000);
    rumors.put(long);
    let packets = 0;
    for (; long.transmits === 0; packets++) {
      assert.ok(packets < 20, "the long rumor starves");
      rumors.fill(new Packet(1398), 8);
    }
  });

  it("lets a class save up for a long rumor although many packets have too little room for it", () => {
    const { store: rumors } = store(20_000);
    const long = rumor(BULK, 1200);
    rumors.put(long);
    for (let packets = 0; long.transmits === 0; packets++) {
      assert.ok(packets < 40, "the long rumor starves");
      for (let i = 0; i < 40; i++) rumors.put(rumor(FAILURES, 60));
      rumors.fill(new Packet(packets % 2 === 0 ? 1398 : 400), 8);
    }
  });

  it("tells the least told first, and of those the newest", () => {
    const { store: rumors } = store();
    const old = rumor(JOINS, 600);
    rumors.put(old);
    rumors.fill(new Packet(1398), 8);
    const first = rumor(JOINS, 600);
    const second = rumor(JOINS, 600);
    rumors.put(first);
    rumors.put(second);
    const packet = new Packet(1398);
    rumors.fill(packet, 8);
    assert.deepEqual(packet.taken, [second.bytes, first.bytes]);
  });

  it("replaces a rumor by a newer one of the same subject", () => {
    const { store: rumors, ended } = store();
    const suspect = rumor(FAILURES, 10, "a");
    const dead = rumor(FAILURES, 11, "a");
    rumors.put(suspect);
    rumors.put(dead);
    assert.equal(rumors.size, 1);
    assert.deepEqual(ended, [[suspect, "superseded"]]);
  });

  it("forgets a rumor once enough copies of it have come back, and not for another message about the same subject", () => {
    const { store: rumors, ended } = store();
    const alive = rumor(JOINS, 10, "a");
    rumors.put(alive);
    const other = new Uint8Array(10);
    let datagram = 0;
    const hear = (raw: Uint8Array, isSameDatagram = false): void => {
      if (!isSameDatagram) datagram++;
      rumors.heardAgain("a", { raw, rawStart: 0, rawEnd: raw.length }, datagram, 4);
    };
    rumors.fill(new Packet(1398), 8);
    for (let i = 0; i < 10; i++) hear(other);
    assert.equal(rumors.size, 1);
    for (let i = 0; i < 10; i++) hear(alive.bytes, i > 0);
    assert.equal(rumors.size, 1, "copies in one datagram count as one");
    for (let i = 0; i < 2; i++) hear(alive.bytes);
    assert.equal(rumors.size, 1);
    hear(alive.bytes);
    assert.equal(rumors.size, 0);
    assert.deepEqual(ended, [[alive, "known"]]);
  });

  it("forgets what the application told up to a rumor, and nothing else", () => {
    const { store: rumors, ended } = store();
    const told = [rumor(URGENT, 10), rumor(APPLICATION, 10), rumor(BULK, 10)];
    const kept = [rumor(FAILURES, 10), rumor(JOINS, 10)];
    const newer = rumor(APPLICATION, 10);
    for (const one of [...told, ...kept, newer]) rumors.put(one);
    rumors.forget(newer.id - 1);
    assert.deepEqual(
      ended,
      told.map((one) => [one, "dropped"]),
    );
    assert.equal(rumors.size, 3);
  });

  it("holds no more than its capacity and gives up the least pressing first", () => {
    const { store: rumors, ended } = store(10);
    for (let i = 0; i < 10; i++) rumors.put(rumor(BULK, 10));
    for (let i = 0; i < 5; i++) rumors.put(rumor(FAILURES, 10));
    assert.equal(rumors.size, 10);
    assert.equal(ended.length, 5);
    assert.ok(ended.every(([gone, reason]) => gone.rumorClass === BULK && reason === "dropped"));
  });
});

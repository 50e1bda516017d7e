import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ALL_KINDS,
  APPLICATION,
  BULK,
  FAILURES,
  JOINS,
  newRumor,
  PLAIN,
  type Rumor,
  type RumorClass,
  RumorStore,
  type TransmitLimits,
  URGENT,
} from "@hearsay/core/internal";
import fc from "fast-check";

let lastId = 0;

function rumor(rumorClass: RumorClass, bytes: number, subject = "", isExtension = false): Rumor {
  const id = ++lastId;
  const message = new Uint8Array(bytes).fill(id);
  return newRumor({
    bytes: message,
    rumorClass,
    subject,
    id,
    onDone: null,
    source: "",
    isExtension,
    isPressing: false,
  });
}

function extension(rumorClass: RumorClass, bytes: number): Rumor {
  return rumor(rumorClass, bytes, "", true);
}

/** The same limit for all rumors. */
function limits(limit: number): TransmitLimits {
  return { plain: limit, extension: limit };
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
            rumors.fill(packet, limits(limit), ALL_KINDS);
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
      rumors.fill(packet, limits(8), ALL_KINDS);
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
    rumors.fill(packet, limits(8), ALL_KINDS);
    assert.equal(packet.taken.length, Math.floor(1398 / 22));
  });

  it("has a long rumor wait for as many packets as its class needs to save up for it", () => {
    const classes: RumorClass[] = [URGENT, FAILURES, JOINS, APPLICATION, BULK];
    const waits = classes.map((own) => {
      const { store: rumors } = store(20_000);
      for (const other of classes) if (other !== own) for (let i = 0; i < 2000; i++) rumors.put(rumor(other, 40));
      const long = rumor(own, 1000);
      rumors.put(long);
      for (let packets = 1; packets < 100; packets++) {
        const packet = new Packet(1398);
        rumors.fill(packet, limits(100), ALL_KINDS);
        if (packet.taken.includes(long.bytes)) return packets;
      }
      return Number.NaN;
    });
    // 1,000 bytes of 1,396, at 20, 35, 20, 15 and 10 percent of each packet.
    assert.deepEqual(waits, [4, 3, 4, 5, 8]);
  });

  it("gives up on a class for a packet when eight of its rumors have been too long", () => {
    const isTaken = (tooLong: number): boolean => {
      const { store: rumors } = store();
      const short = rumor(JOINS, 20);
      rumors.put(short);
      for (let i = 0; i < tooLong; i++) rumors.put(rumor(JOINS, 300));
      const packet = new Packet(100);
      rumors.fill(packet, limits(8), ALL_KINDS);
      return packet.taken.includes(short.bytes);
    };
    assert.deepEqual([8, 9].map(isTaken), [true, false]);
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
      rumors.fill(new Packet(1398), limits(8), ALL_KINDS);
    }
  });

  it("lets a class save up for a long rumor although many packets have too little room for it", () => {
    const { store: rumors } = store(20_000);
    const long = rumor(BULK, 1200);
    rumors.put(long);
    for (let packets = 0; long.transmits === 0; packets++) {
      assert.ok(packets < 40, "the long rumor starves");
      for (let i = 0; i < 40; i++) rumors.put(rumor(FAILURES, 60));
      rumors.fill(new Packet(packets % 2 === 0 ? 1398 : 400), limits(8), ALL_KINDS);
    }
  });

  it("tells the least told first, and of those the newest", () => {
    const { store: rumors } = store();
    const old = rumor(JOINS, 600);
    rumors.put(old);
    rumors.fill(new Packet(1398), limits(8), ALL_KINDS);
    const first = rumor(JOINS, 600);
    const second = rumor(JOINS, 600);
    rumors.put(first);
    rumors.put(second);
    const packet = new Packet(1398);
    rumors.fill(packet, limits(8), ALL_KINDS);
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
    const other = alive.bytes.map((byte) => byte ^ 1);
    let datagram = 0;
    const hear = (raw: Uint8Array, isSameDatagram = false): void => {
      if (!isSameDatagram) datagram++;
      rumors.heardAgain("a", { raw, rawStart: 0, rawEnd: raw.length }, datagram, limits(4));
    };
    rumors.fill(new Packet(1398), limits(8), ALL_KINDS);
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
    rumors.forget(newer.id - 1, 0);
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

  it("puts no extension into a packet for who can't read it, and all of them into packets for who can", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(URGENT, APPLICATION, BULK), fc.integer({ min: 1, max: 300 }), fc.boolean()), {
          maxLength: 40,
        }),
        fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }),
        (list, isCapable) => {
          const { store: rumors } = store();
          const all = list.map(([rumorClass, bytes, isExtension]) => rumor(rumorClass, bytes, "", isExtension));
          for (const one of all) rumors.put(one);
          const sent = new Map<Uint8Array, number>();
          const spent = { plain: 3, extension: 2 };
          for (const capable of isCapable) {
            const packet = new Packet(1398);
            rumors.fill(packet, spent, capable ? ALL_KINDS : PLAIN);
            for (const bytes of packet.taken) {
              sent.set(bytes, (sent.get(bytes) ?? 0) + 1);
              assert.ok(capable || all.some((one) => one.bytes === bytes && !one.isExtension));
            }
          }
          // With 400 packets, some of which are for capable members, everything has gone out as often as it may.
          const isSpent = isCapable.filter((capable) => capable).length > 100;
          for (const { bytes, isExtension } of all) {
            if (isSpent) assert.equal(sent.get(bytes), isExtension ? 2 : 3);
          }
          assert.equal(rumors.size > 0, !isSpent && rumors.extensions > 0);
        },
      ),
    );
  });

  it("tells the least told of both kinds first, and of those the newest", () => {
    const { store: rumors } = store();
    const old = rumor(APPLICATION, 400);
    const middle = extension(APPLICATION, 400);
    const late = rumor(APPLICATION, 400);
    for (const one of [old, middle, late]) rumors.put(one);
    const order: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      const packet = new Packet(500);
      rumors.fill(packet, limits(1), ALL_KINDS);
      order.push(...packet.taken);
    }
    assert.deepEqual(order, [late.bytes, middle.bytes, old.bytes]);
  });

  it("shares what a class is sure of between extensions and the others, and saves none of it up where neither can go", () => {
    const { store: rumors } = store();
    const accusations = new Set<Uint8Array>();
    for (let i = 0; i < 200; i++) {
      rumors.put(extension(APPLICATION, 40));
      const accusation = rumor(FAILURES, 40);
      accusations.add(accusation.bytes);
      rumors.put(accusation);
    }
    for (let i = 0; i < 20; i++) rumors.fill(new Packet(1398), limits(100), PLAIN);
    const packet = new Packet(1398);
    rumors.fill(packet, limits(100), ALL_KINDS);
    const failures = packet.taken.filter((bytes) => accusations.has(bytes)).length;
    assert.ok(failures > packet.taken.length / 2);
  });

  it("forgets extensions and the others apart", () => {
    const { store: rumors } = store();
    rumors.put(rumor(APPLICATION, 40));
    rumors.put(extension(BULK, 40));
    rumors.forget(0, lastId);
    assert.deepEqual([rumors.size, rumors.extensions], [1, 0]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamRoom } from "../../dist/node/stream-room.js";
import { Turns } from "../../dist/node/turns.js";

/** What was put off until the next turn. */
class Later {
  readonly #tasks: (() => void)[] = [];
  readonly soon = (task: () => void): void => void this.#tasks.push(task);

  turn(): void {
    for (const task of this.#tasks.splice(0)) task();
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }
}

describe("the room for what streams hold", () => {
  it("gives a host half of what is shared, the next one half of the rest, and one stream as much as half of all", () => {
    const room = new StreamRoom(3200, 1000, () => {});
    const [a, b, c] = ["a", "b", "c"].map((host) => room.open(host));
    assert.ok(a && b && c);
    assert.equal(a.hold(600), true);
    assert.equal(b.hold(300), true);
    assert.equal(c.hold(151), true);
    // That was more than half of what was left: it is the one that stands apart.
    assert.equal(c.hold(1600), true);
    assert.equal(c.hold(1601), false);
    assert.equal(room.bytes, 2500);
    assert.equal(a.hold(601), false);
    c.close();
    assert.equal(a.hold(601), true);
    assert.equal(room.bytes, 901);
  });

  it("gives each stream an even part of an eighth, however much others hold", () => {
    const room = new StreamRoom(8000, 10, () => {});
    const greedy = Array.from({ length: 9 }, () => room.open("a"));
    for (const share of greedy) share.hold(4100);
    for (const share of greedy) while (share.hold(share.bytes + 1));
    const modest = room.open("a");
    assert.equal(modest.hold(100), true);
    assert.equal(modest.hold(101), false);
    assert.ok(room.bytes <= 8000, String(room.bytes));
  });

  it("never holds more than it may, whatever is asked", () => {
    const room = new StreamRoom(1000, 40, () => {});
    const shares = Array.from({ length: 40 }, (_, i) => room.open(`host-${i % 7}`));
    for (let i = 0; i < 2000; i++) {
      shares[(i * 13) % 40]?.hold((i * 37) % 600);
      assert.ok(room.bytes <= 1000, String(room.bytes));
    }
    for (const share of shares) share.close();
    assert.equal(room.bytes, 0);
  });

  it("lets those who wait ask again in the order in which they came, once something was given back", () => {
    const later = new Later();
    const room = new StreamRoom(540, 1000, later.soon);
    const [holder, single, first, second] = Array.from({ length: 4 }, () => room.open("a"));
    assert.ok(holder && single && first && second);
    assert.ok(holder.hold(100) && single.hold(150));
    const served: string[] = [];
    const want = (name: string, share: typeof first): void => {
      if (share.hold(100)) served.push(name);
      else share.whenRoom(() => want(name, share));
    };
    want("first", first);
    want("second", second);
    assert.deepEqual([served, room.waiting, room.counters.streamsHeldBack], [[], 2, 2]);
    single.close();
    later.turn();
    assert.deepEqual([served, room.waiting], [["first"], 1]);
    holder.close();
    later.turn();
    assert.deepEqual(served, ["first", "second"]);
  });

  it("has the half that stands apart free again as soon as its stream needs it no more", () => {
    for (const answerBytes of [1, 40]) {
      const later = new Later();
      const room = new StreamRoom(3200, 100, later.soon);
      const [asker, other] = ["a", "b"].map((host) => room.open(host));
      assert.ok(asker && other);
      assert.equal(asker.hold(1600), true);
      assert.equal(other.hold(1500), false);
      let isServed = false;
      other.whenRoom(() => {
        isServed = other.hold(1500);
      });
      // The request has been read; its peer may take long over the answer.
      asker.hold(answerBytes);
      later.turn();
      assert.equal(isServed, true, `${answerBytes} bytes`);
      asker.close();
      other.close();
      assert.equal(room.bytes, 0);
      assert.equal(room.open("c").hold(600), true);
    }
  });

  it("has that half free, where an answer of it is only to be taken, once others leave room for that answer", () => {
    for (const isSettled of [true, false]) {
      const later = new Later();
      const room = new StreamRoom(3200, 1000, later.soon);
      const [holder, asker, waiter] = ["a", "b", "c"].map((host) => room.open(host));
      assert.ok(holder && asker && waiter);
      assert.equal(holder.hold(600), true);
      assert.equal(asker.hold(1600), true);
      if (isSettled) asker.settle(500);
      else asker.hold(500);
      assert.equal(waiter.hold(1500), false);
      let isServed = false;
      waiter.whenRoom(() => {
        isServed = true;
      });
      holder.close();
      later.turn();
      // Who reads still may need the half again, and has it until the end.
      assert.equal(isServed, isSettled);
    }
  });

  it("lets nobody wait who has got what was asked for, or asks for nothing any more", () => {
    const room = new StreamRoom(1000, 1000, () => {});
    const [single, share] = [room.open("a"), room.open("b")];
    assert.ok(single.hold(500));
    assert.equal(share.hold(400), false);
    share.whenRoom(() => assert.fail("it waits no more"));
    share.whenRoom(() => assert.fail("it waits no more"));
    assert.deepEqual([room.waiting, room.counters.streamsHeldBack], [1, 1]);
    share.hold(0);
    assert.equal(room.waiting, 0);
  });

  it("tells who will never get what was asked for", () => {
    const share = new StreamRoom(1000, 1000, () => {}).open("a");
    assert.equal(share.hold(501), false);
    assert.equal(share.isHopeless, true);
    assert.equal(share.hold(500), true);
    assert.equal(share.isHopeless, false);
  });
});

describe("turns that are shared", () => {
  it("have no more work in them than they may, in the order in which it was asked for", () => {
    const later = new Later();
    const turns = new Turns(later.soon, 10);
    const done: number[] = [];
    for (let i = 0; i < 7; i++) turns.run(4, () => done.push(i));
    assert.deepEqual(done, [0, 1, 2]);
    later.turn();
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5]);
    later.turn();
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(turns.waiting, 0);
  });

  it("come round to everybody who has more to do, and end when nobody has", () => {
    const later = new Later();
    const turns = new Turns(later.soon, 1);
    const done: string[] = [];
    const work = (name: string, slices: number): void =>
      turns.run(1, () => {
        done.push(name);
        if (slices > 1) work(name, slices - 1);
      });
    for (const name of ["a", "b", "c"]) work(name, 3);
    while (!later.isEmpty) later.turn();
    // The first slice was done at once; from then on nobody has two before another has one.
    assert.equal(done.join(""), "aabcabcbc");
  });
});

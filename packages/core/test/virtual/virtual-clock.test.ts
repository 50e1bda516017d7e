import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvariantError } from "@hearsay/core";
import { VirtualClock } from "@hearsay/core/virtual";
import fc from "fast-check";

describe("virtual time", () => {
  it("passes only when told to", () => {
    const clock = new VirtualClock(100);
    const ran: number[] = [];
    clock.at(150, () => ran.push(clock.now()));
    assert.deepEqual([clock.now(), clock.pending, clock.nextAt()], [100, 1, 150]);
    clock.runUntil(149);
    assert.deepEqual([clock.now(), ran], [149, []]);
    clock.runUntil(150);
    assert.deepEqual([ran, clock.pending, clock.nextAt()], [[150], 0, Number.POSITIVE_INFINITY]);
  });

  it("runs what is due in order of time, and of entry where that is the same", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 200 }), (times) => {
        const clock = new VirtualClock();
        const ran: [number, number][] = [];
        for (const [entry, time] of times.entries()) clock.at(time, () => ran.push([time, entry]));
        clock.runUntil(10);
        const expected = times.map((time, entry): [number, number] => [time, entry]);
        assert.deepEqual(
          ran,
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
        );
      }),
    );
  });

  it("agrees with a plain sorted list about any mixture of entering, cancelling and running", () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant("at" as const), time: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ do: fc.constant("cancel" as const), time: fc.nat() }),
      fc.record({ do: fc.constant("run" as const), time: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 600 }), (actions) => {
        const clock = new VirtualClock();
        const timers: ReturnType<VirtualClock["at"]>[] = [];
        const ran: number[] = [];
        let model: { at: number; id: number }[] = [];
        const expected: number[] = [];
        for (const { do: what, time } of actions) {
          if (what === "at") {
            const id = timers.length;
            model.push({ at: clock.now() + time, id });
            timers.push(clock.at(clock.now() + time, () => ran.push(id)));
          } else if (what === "cancel") {
            const id = timers.length === 0 ? -1 : time % timers.length;
            const timer = timers[id];
            if (timer) clock.cancel(timer);
            model = model.filter((entry) => entry.id !== id);
          } else {
            const until = clock.now() + time;
            const due = model.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.id - b.id);
            expected.push(...due.map(({ id }) => id));
            model = model.filter(({ at }) => at > until);
            clock.runUntil(until);
          }
          assert.equal(clock.pending, model.length);
        }
        assert.deepEqual(ran, expected);
      }),
    );
  });

  it("runs what gets due meanwhile, and what is late at once, after all that is due", () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.at(10, () => {
      ran.push("first");
      clock.at(5, () => ran.push(`late at ${clock.now()}`));
      clock.at(15, () => ran.push("later"));
    });
    clock.at(10, () => ran.push("second"));
    clock.runUntil(20);
    assert.deepEqual(ran, ["first", "second", "late at 10", "later"]);
  });

  it("goes on after something threw", () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    clock.at(1, () => assert.fail("thrown"));
    clock.at(2, () => ran.push(2));
    assert.throws(() => clock.runUntil(3), /thrown/);
    assert.equal(clock.now(), 1);
    clock.runUntil(3);
    assert.deepEqual(ran, [2]);
  });

  it("steps from one timer to the next, over cancelled ones", () => {
    const clock = new VirtualClock();
    const timer = clock.at(1, () => assert.fail("was cancelled"));
    const kept = clock.at(2, () => {});
    clock.cancel(timer);
    clock.cancel(timer);
    assert.deepEqual([timer.isPending, kept.isPending, clock.pending], [false, true, 1]);
    assert.equal(clock.runNext(), true);
    assert.deepEqual([clock.now(), kept.isPending], [2, false]);
    assert.equal(clock.runNext(), false);
    clock.cancel(kept);
    assert.equal(clock.pending, 0);
  });

  it("lets a timer cancel one that is due at the same time", () => {
    const clock = new VirtualClock();
    clock.at(1, () => clock.cancel(second));
    const second = clock.at(1, () => assert.fail("was cancelled"));
    clock.runUntil(2);
  });

  it("does not keep cancelled timers: entering and cancelling for ever needs no memory", () => {
    const clock = new VirtualClock();
    for (let i = 0; i < 1000; i++) clock.at(1e9, () => {});
    for (let i = 0; i < 1_000_000; i++) clock.cancel(clock.at(1e6 + i, () => {}));
    assert.equal(clock.pending, 1000);
    assert.equal(clock.nextAt(), 1e9);
  });

  it("refuses a time that is no finite number", () => {
    const clock = new VirtualClock();
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => clock.at(time, () => {}), InvariantError);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settlesWithin } from "../../dist/base/settles-within.js";

/** A clock whose one timer fires by hand. */
class OneTimer {
  delayMs = Number.NaN;
  isCancelled = false;
  fire: () => void = () => {};

  after(delayMs: number, fn: () => void): () => void {
    this.delayMs = delayMs;
    this.fire = fn;
    return () => {
      this.isCancelled = true;
    };
  }
}

describe("work that has a time", () => {
  it("is told to be done in time, and its timer is gone", async () => {
    const clock = new OneTimer();
    assert.equal(await settlesWithin(Promise.resolve("done"), 50, clock), true);
    assert.equal(clock.delayMs, 50);
    assert.equal(clock.isCancelled, true);
  });

  it("is told to be late when its time is over, and may fail later without harm", async () => {
    const clock = new OneTimer();
    let fail = (_: Error): void => {};
    const work = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const isInTime = settlesWithin(work, 50, clock);
    clock.fire();
    assert.equal(await isInTime, false);
    fail(new Error("too late for anybody"));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("fails as the work does", async () => {
    const clock = new OneTimer();
    await assert.rejects(settlesWithin(Promise.reject(new Error("broken")), 50, clock), /broken/);
    assert.equal(clock.isCancelled, true);
  });
});

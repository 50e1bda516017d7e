import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { HandlersAtWork } from "../../dist/base/handlers-at-work.js";
import { Listeners } from "../../dist/base/listeners.js";

/** A guard that notes what failed, and for which item. */
function guard() {
  const failures: string[] = [];
  const failed = (error: unknown, item: string): void => void failures.push(`${(error as Error).message} of ${item}`);
  return { atWork: new HandlersAtWork(), failed, failures };
}

/** Lets all promises that can settle do so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("listeners", () => {
  it("are told in the order in which they were added, a function that was added twice twice", () => {
    const listeners = new Listeners<string>();
    const told: string[] = [];
    const twice = (item: string): void => void told.push(`twice ${item}`);
    const removeFirst = listeners.add(twice, guard());
    listeners.add((item) => told.push(`other ${item}`), guard());
    listeners.add(twice, guard());
    listeners.tell("a");
    assert.deepEqual(told.splice(0), ["twice a", "other a", "twice a"]);
    removeFirst();
    removeFirst();
    assert.equal(listeners.size, 2);
    listeners.tell("b");
    assert.deepEqual(told, ["other b", "twice b"]);
  });

  it("hear nothing once one before them has removed them, and only the next item if it has added them", () => {
    const listeners = new Listeners<string>();
    const told: string[] = [];
    let isFirst = true;
    listeners.add(() => {
      removeSecond();
      if (isFirst) listeners.add((item) => told.push(`added ${item}`), guard());
      isFirst = false;
    }, guard());
    const removeSecond = listeners.add((item) => told.push(`removed ${item}`), guard());
    listeners.tell("a");
    assert.deepEqual(told, []);
    listeners.tell("b");
    assert.deepEqual(told, ["added b"]);
  });

  it("may throw or reject: their guard gets the error with its item, and the others hear all the same", async () => {
    const listeners = new Listeners<string>();
    const watched = guard();
    const told: string[] = [];
    listeners.add(() => {
      throw new Error("now");
    }, watched);
    listeners.add(() => Promise.reject(new Error("later")), watched);
    // One of another realm is no `Promise` of this one.
    listeners.add(() => runInNewContext('Promise.reject(new Error("foreign"))'), watched);
    listeners.add((item) => told.push(item), watched);
    listeners.tell("a");
    await turn();
    assert.deepEqual(told, ["a"]);
    assert.deepEqual(watched.failures.sort(), ["foreign of a", "later of a", "now of a"]);
  });

  it("are at work for as long as what they return is pending", async () => {
    const listeners = new Listeners<string>();
    const watched = guard();
    const ends: (() => void)[] = [];
    listeners.add(() => new Promise<void>((resolve) => ends.push(resolve)), watched);
    listeners.add(() => "no promise", watched);
    listeners.tell("a");
    listeners.tell("b");
    assert.equal(watched.atWork.count, 2);
    for (const end of ends) end();
    await turn();
    assert.equal(watched.atWork.count, 0);
  });
});

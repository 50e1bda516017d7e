import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TurnQueue } from "../../../dist/base/turn-queue.js";
import { ByteBudget } from "../../../dist/faces/rpc/byte-budget.js";
import { Fanout } from "../../../dist/faces/rpc/fanout.js";

const LIMIT = 64_000;

/** What was put off until later turns. */
class Later {
  readonly #tasks: (() => void)[] = [];
  readonly soon = (task: () => void): void => void this.#tasks.push(task);

  all(): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
  }
}

describe("the bytes that all clients of the RPC hold", () => {
  it("leave room for answers, however many streams and queries there are, and how large the requests", () => {
    const budget = new ByteBudget(LIMIT, () => {});
    const accounts = Array.from({ length: 4 }, () => budget.open());
    for (const account of accounts) {
      while (account.hasRoomForLasting(512)) account.addLasting(512);
      for (let bytes = 1000; account.holdRequests(bytes, 0); bytes += 1000);
    }
    assert.equal(budget.hasRoomForAnswer(), true);
    accounts[0]?.add(LIMIT / 4);
    assert.equal(budget.hasRoomForAnswer(), false);
    for (const account of accounts) account.close();
    assert.deepEqual([budget.held, budget.hasRoomForAnswer()], [0, true]);
  });

  it("let those go on who wait for room, in a turn of their own, and not those who are gone", () => {
    const later = new Later();
    const budget = new ByteBudget(LIMIT, later.soon);
    const account = budget.open();
    account.add(LIMIT / 4);
    const served: string[] = [];
    const withdraw = budget.onceRoom(() => served.push("gone"));
    budget.onceRoom(() => served.push("here"));
    withdraw();
    assert.equal(budget.waiting, 1);
    account.release(1);
    assert.deepEqual(served, []);
    later.all();
    assert.deepEqual(served, ["here"]);
  });

  it("are given up record by record for who waits, however many they are", () => {
    const later = new Later();
    const budget = new ByteBudget(LIMIT, later.soon);
    let records = 60_000;
    const follower = budget.open({
      get droppableBytes() {
        return records;
      },
      drop(bytes) {
        for (const left = records - bytes; records > left && records > 0; records--) follower.release(1);
      },
    });
    follower.add(records);
    const asker = budget.open();
    // Answers are kept whatever they come to: there are more bytes than there may be.
    asker.add(14_000);
    let isServed = false;
    budget.onceRoom(() => {
      isServed = true;
    });
    asker.release(1);
    later.all();
    assert.equal(isServed, true);
    assert.ok(budget.held < LIMIT);
  });
});

describe("what is handed to all who follow", () => {
  it("is all that happens, also while room that it frees lets somebody go on", () => {
    const later = new Later();
    const turns = new TurnQueue(later.soon, 1000);
    turns.run(1000, () => {});
    const budget = new ByteBudget(LIMIT, later.soon);
    const fanout = new Fanout<string>(turns, budget.open());
    const heard: string[] = [];
    fanout.follow((text) => {
      heard.push(text);
      return 1;
    });
    // Whoever waits for room publishes in the moment in which the first is through.
    const other = budget.open();
    other.add(LIMIT / 4 - 100);
    fanout.publish("one", 100);
    budget.onceRoom(() => fanout.publish("two", 1));
    later.all();
    fanout.publish("three", 1);
    later.all();
    assert.deepEqual(heard, ["one", "two", "three"]);
  });
});

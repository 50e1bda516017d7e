import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Feed } from "../../dist/base/feed.js";
import { HandlersAtWork } from "../../dist/base/handlers-at-work.js";

const DONE = { done: true, value: undefined };

const GUARD = { atWork: new HandlersAtWork(), failed: (error: unknown) => assert.fail(String(error)) };

/** A feed whose readers lose the oldest, and how many they have lost. */
function lossyFeed(queueMax: number) {
  const counted = { dropped: 0 };
  const feed = new Feed<number>({ atBound: "drop-oldest", queueMax, dropped: () => counted.dropped++ });
  return { feed, counted };
}

/** A feed of the numbers from 1 on, whose snapshot is how many have come. */
class CountingFeed {
  count = 0;
  readonly feed: Feed<number, { count: number; reason: string }>;

  constructor(queueMax: number) {
    const snapshot = (reason: string) => ({ count: this.count, reason });
    this.feed = new Feed({ atBound: "resnapshot", queueMax, snapshot, settled: (act) => act() });
  }

  push(): void {
    this.feed.push(++this.count);
  }
}

/** What waits for a reader of a feed that has been closed. */
async function drain<T>(reader: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of reader) items.push(item);
  return items;
}

/** What a promise comes to without any time passing. */
function soon<T>(promise: Promise<T>): Promise<T | "pending"> {
  return Promise.race([promise, new Promise<"pending">((resolve) => setImmediate(() => resolve("pending")))]);
}

const steps = fc.array(fc.constantFrom("push" as const, "next" as const), { maxLength: 40 });

describe("a reader", () => {
  it("below its bound gets everything, in order, however pushes and reads alternate", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (actions) => {
        const { feed, counted } = lossyFeed(40);
        const reader = feed.read();
        const read: Promise<IteratorResult<number>>[] = [];
        let pushed = 0;
        for (const action of actions) {
          if (action === "push") feed.push(++pushed);
          else read.push(reader.next());
        }
        feed.close();
        const values = (await Promise.all(read)).flatMap((result) => (result.done === true ? [] : [result.value]));
        values.push(...(await drain(reader)));
        assert.deepEqual(
          values,
          Array.from({ length: pushed }, (_, i) => i + 1),
        );
        assert.equal(counted.dropped, 0);
      }),
    );
  });

  it("at its bound loses the oldest, and the counter is what is missing", async () => {
    let drops = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (actions, queueMax) => {
        const { feed, counted } = lossyFeed(100);
        const reader = feed.read({ queueMax });
        const read: Promise<IteratorResult<number>>[] = [];
        // What is to be read, by the words of the rule.
        const expected: number[] = [];
        const waiting: number[] = [];
        let pushed = 0;
        for (const action of actions) {
          if (action === "next") {
            read.push(reader.next());
            const next = waiting.shift();
            if (next !== undefined) expected.push(next);
          } else {
            feed.push(++pushed);
            if (expected.length < read.length) expected.push(pushed);
            else waiting.push(pushed);
            if (waiting.length > queueMax) waiting.shift();
          }
        }
        feed.close();
        const values = (await Promise.all(read)).flatMap((result) => (result.done === true ? [] : [result.value]));
        values.push(...(await drain(reader)));
        assert.deepEqual(values, [...expected, ...waiting]);
        assert.equal(counted.dropped, pushed - values.length);
        drops += counted.dropped;
      }),
    );
    assert.ok(drops > 0, "some runs should have dropped something");
  });

  it("that starts from a snapshot knows the state, without a gap, whatever it misses", async () => {
    let overflows = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (actions, queueMax) => {
        const counting = new CountingFeed(100);
        const reader = counting.feed.read({ queueMax });
        let known = Number.NaN;
        const apply = (item: number | { count: number; reason: string }): void => {
          if (typeof item === "number") {
            assert.equal(item, known + 1);
            known = item;
          } else {
            assert.equal(item.reason, Number.isNaN(known) ? "start" : "overflow");
            assert.ok(!(item.count < known));
            if (!Number.isNaN(known)) overflows++;
            known = item.count;
          }
        };
        for (const action of actions) {
          if (action === "push") counting.push();
          else if (!(known === counting.count)) {
            const result = await reader.next();
            assert.ok(result.done !== true);
            apply(result.value);
          }
        }
        counting.feed.close();
        for (const item of await drain(reader)) apply(item);
        assert.equal(known, counting.count);
      }),
    );
    assert.ok(overflows > 0, "some runs should have overflowed");
  });

  it("that is behind is counted until it takes its snapshot, which is as of then", async () => {
    const counting = new CountingFeed(2);
    const [slow, unread] = [counting.feed.read(), counting.feed.read()];
    assert.deepEqual(await slow.next(), { done: false, value: { count: 0, reason: "start" } });
    for (let i = 0; i < 3; i++) counting.push();
    // The other one has missed nothing: it has not begun.
    assert.equal(counting.feed.readersBehind, 1);
    counting.push();
    assert.deepEqual(await slow.next(), { done: false, value: { count: 4, reason: "overflow" } });
    assert.equal(counting.feed.readersBehind, 0);
    assert.deepEqual(await unread.next(), { done: false, value: { count: 4, reason: "start" } });
  });

  it("of what is kept gets all of it, whenever it begins, also after the end", async () => {
    const feed = new Feed<number>({ atBound: "keep-all" });
    const early = feed.read();
    for (let i = 0; i < 2000; i++) feed.push(i);
    const middle = feed.read();
    feed.push(2000);
    feed.close();
    feed.push(2001);
    const all = Array.from({ length: 2001 }, (_, i) => i);
    for (const reader of [early, middle, feed.read()]) assert.deepEqual(await drain(reader), all);
  });

  it("gets only what it wants, and nothing else counts against its bound", async () => {
    const { feed, counted } = lossyFeed(2);
    const even = feed.read({ where: (item) => item % 2 === 0 });
    for (let i = 1; i <= 6; i++) feed.push(i);
    feed.close();
    assert.deepEqual(await drain(even), [4, 6]);
    assert.equal(counted.dropped, 1);
  });

  it("that a handler begins is past the handler's item, whatever the policy", async () => {
    for (const atBound of ["drop-oldest", "keep-all"] as const) {
      const feed = new Feed<number>({ atBound, queueMax: 9, dropped: () => {} });
      const readers: AsyncIterable<number>[] = [];
      feed.on(() => readers.push(feed.read()), GUARD);
      feed.push(1);
      feed.push(2);
      feed.close();
      const read = await Promise.all(readers.map(drain));
      assert.deepEqual(
        read,
        atBound === "keep-all"
          ? [
              [1, 2],
              [1, 2],
            ]
          : [[2], []],
      );
    }
  });

  it("gets items in the order of their pushes, also of those that a handler makes", async () => {
    const { feed } = lossyFeed(9);
    const reader = feed.read();
    feed.on((item) => item === 1 && feed.push(2), GUARD);
    feed.push(1);
    feed.close();
    assert.deepEqual(await drain(reader), [1, 2]);
  });
});

describe("the end of a feed", () => {
  it("wakes each that waits, once, and an error goes to one of each reader's", async () => {
    const failure = new Error("gone");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 4 }), fc.boolean(), async (waits, fails) => {
        const { feed } = lossyFeed(9);
        const readers = waits.map((count) => ({ count, reader: feed.read() }));
        const waiting = readers.map(({ count, reader }) => Array.from({ length: count }, () => reader.next()));
        feed.close(fails ? failure : null);
        feed.close(new Error("too late"));
        feed.push(1);
        assert.equal(feed.size, 0);
        for (const [i, { reader, count }] of readers.entries()) {
          const settled = await soon(Promise.allSettled([...(waiting[i] ?? []), reader.next(), reader.next()]));
          assert.ok(settled !== "pending");
          const reasons = settled.map((outcome) => (outcome.status === "rejected" ? outcome.reason : outcome.value));
          assert.deepEqual(reasons, [fails ? failure : DONE, ...Array.from({ length: count + 1 }, () => DONE)]);
        }
      }),
    );
  });

  it("comes after what waits, and to those too who begin after it", async () => {
    const failure = new Error("gone");
    const { feed } = lossyFeed(9);
    const reader = feed.read();
    feed.push(1);
    feed.close(failure);
    feed.close(new Error("too late"));
    assert.deepEqual(await reader.next(), { done: false, value: 1 });
    for (const one of [reader, feed.read(), feed.read({ signal: AbortSignal.abort() })]) {
      await assert.rejects(one.next(), failure);
      assert.deepEqual(await one.next(), DONE);
    }
  });

  it("leaves a last snapshot to a reader that is behind, or has not begun", async () => {
    const counting = new CountingFeed(1);
    const [behind, unread] = [counting.feed.read(), counting.feed.read()];
    await behind.next();
    for (let i = 0; i < 3; i++) counting.push();
    counting.feed.close();
    assert.deepEqual(await drain(behind), [{ count: 3, reason: "overflow" }]);
    assert.deepEqual(await drain(unread), [{ count: 3, reason: "start" }]);
  });

  it("doesn't keep an abort from dropping changes that still wait", async () => {
    const counting = new CountingFeed(9);
    const abort = new AbortController();
    const reader = counting.feed.read({ signal: abort.signal });
    await reader.next();
    counting.push();
    counting.push();
    counting.feed.close();
    assert.deepEqual(await reader.next(), { done: false, value: 1 });
    abort.abort();
    assert.deepEqual(await reader.next(), DONE);
  });

  it("is the end of the handlers", () => {
    const { feed } = lossyFeed(9);
    const heard: number[] = [];
    feed.on((item) => heard.push(item), GUARD);
    feed.push(1);
    feed.close();
    feed.on((item) => heard.push(item), GUARD);
    feed.push(2);
    assert.deepEqual(heard, [1]);
    assert.equal(feed.size, 0);
  });
});

describe("a reader that starts with a snapshot", () => {
  it("follows nobody until it reads, since the snapshot will show what came before", async () => {
    const counting = new CountingFeed(1);
    const abort = new AbortController();
    const [reader, never] = [counting.feed.read(), counting.feed.read({ signal: abort.signal })];
    for (let i = 0; i < 3; i++) counting.push();
    assert.deepEqual([counting.feed.size, counting.feed.readersBehind], [0, 0]);
    assert.deepEqual(await reader.next(), { done: false, value: { count: 3, reason: "start" } });
    assert.equal(counting.feed.size, 1);
    counting.push();
    assert.deepEqual(await reader.next(), { done: false, value: 4 });
    abort.abort();
    assert.deepEqual(await never.next(), DONE);
    assert.equal(counting.feed.size, 1);
  });
});

describe("a reader that leaves", () => {
  it("ends what waits at once, drops what came, and is forgotten", async () => {
    for (const leave of ["return", "throw", "dispose"] as const) {
      const { feed, counted } = lossyFeed(1);
      const [waiting, full] = [feed.read(), feed.read()];
      const next = waiting.next();
      await Promise.all(
        [waiting, full].map(async (reader) => {
          if (reader === full) feed.push(1);
          if (leave === "return") assert.deepEqual(await reader.return(), DONE);
          else if (leave === "throw") await assert.rejects(reader.throw(new Error("enough")), { message: "enough" });
          else await reader[Symbol.asyncDispose]();
        }),
      );
      assert.deepEqual(await soon(next), DONE);
      for (const reader of [waiting, full]) assert.deepEqual(await reader.next(), DONE);
      feed.push(2);
      assert.equal(feed.size, 0);
      assert.equal(counted.dropped, 0);
    }
  });

  it("by its signal still reads messages that came, but no states that would follow", async () => {
    const { feed } = lossyFeed(9);
    const counting = new CountingFeed(9);
    const controller = new AbortController();
    const { signal } = controller;
    const [messages, changes, unread] = [
      feed.read({ signal }),
      counting.feed.read({ signal }),
      counting.feed.read({ signal }),
    ];
    await changes.next();
    const waiting = feed.read({ signal, where: () => false }).next();
    feed.push(1);
    counting.push();
    controller.abort();
    feed.push(2);
    assert.deepEqual(await soon(waiting), DONE);
    assert.deepEqual([await drain(messages), await drain(changes), await drain(unread)], [[1], [], []]);
    assert.equal(feed.size + counting.feed.size, 0);
  });

  it("before it begins, since its signal was aborted, gets nothing", async () => {
    const signal = AbortSignal.abort();
    const [lossy, counting] = [lossyFeed(9).feed, new CountingFeed(9).feed];
    assert.deepEqual(await lossy.read({ signal }).next(), DONE);
    assert.deepEqual(await counting.read({ signal }).next(), DONE);
    assert.equal(lossy.size + counting.size, 0);
  });
});

describe("the source of a feed", () => {
  it("runs from the first that follows to the last, and again, and not after the end", async () => {
    const log: string[] = [];
    const feed = new Feed<number>({
      atBound: "drop-oldest",
      queueMax: 9,
      dropped: () => {},
      source: () => {
        log.push("starts");
        return () => log.push("stops");
      },
    });
    const stop = feed.on(() => {}, GUARD);
    const reader = feed.read();
    stop();
    stop();
    assert.deepEqual(log, ["starts"]);
    await reader.return();
    await reader.return();
    assert.deepEqual(log, ["starts", "stops"]);
    feed.on(() => {}, GUARD)();
    assert.deepEqual(log.splice(0), ["starts", "stops", "starts", "stops"]);
    feed.on(() => {}, GUARD);
    feed.read();
    feed.close();
    feed.read();
    feed.on(() => {}, GUARD);
    assert.deepEqual(log, ["starts", "stops"]);
  });
});

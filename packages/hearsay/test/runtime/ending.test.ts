import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HandlersAtWork } from "../../dist/base/handlers-at-work.js";
import { Lifecycle } from "../../dist/base/lifecycle.js";
import { Ending } from "../../dist/runtime/ending.js";

describe("what a node gives back at its end", () => {
  it("is closed all at a time, so that a port that hangs takes no time from the files", async () => {
    const waits: (() => void)[] = [];
    const clock = {
      now: () => 0,
      wallNow: () => 0,
      after: (_delayMs: number, fn: () => void) => {
        waits.push(fn);
        return () => {};
      },
      soon: (fn: () => void) => queueMicrotask(fn),
    };
    const warnings: string[] = [];
    const closed: string[] = [];
    const log = { warn: (text: string) => void warnings.push(text), error: assert.fail } as never;
    const ending = new Ending({
      lifecycle: new Lifecycle(),
      clock,
      log,
      handlersAtWork: new HandlersAtWork(),
      handlerTimeoutMs: 0,
      stopWork() {},
      sayGoodbye() {},
      repliesSent: async () => {},
      stop() {},
      close: [
        ["the files", async () => void closed.push("the files")],
        ["the port", () => new Promise<void>(() => {})],
        ["the rest", async () => void closed.push("the rest")],
      ],
      ended: () => {},
    });
    const over = ending.end(null);
    assert.deepEqual(closed, ["the files", "the rest"]);
    await new Promise((resolve) => setImmediate(resolve));
    for (const end of waits) end();
    await over;
    assert.deepEqual(warnings, ["closing the port takes too long; it is not waited for"]);
  });
});

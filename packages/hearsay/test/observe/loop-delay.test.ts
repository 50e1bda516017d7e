import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopDelayMonitor } from "../../dist/observe/loop-delay.js";

describe("the delay of the event loop", () => {
  it("is seen when the loop was blocked, and only once", async () => {
    const monitor = new LoopDelayMonitor(5);
    monitor.start();
    try {
      await turns(5);
      const end = performance.now() + 120;
      while (performance.now() < end);
      await turns(3);
      const { maxMs, p99Ms, meanMs } = monitor.read();
      assert.ok(maxMs >= 80, `${maxMs} ms`);
      assert.ok(maxMs >= p99Ms && p99Ms >= 0 && meanMs >= 0);
    } finally {
      monitor.stop();
    }
    assert.deepEqual(monitor.read(), { meanMs: 0, p99Ms: 0, maxMs: 0 });
  });
});

/** Lets the loop go round with timers of its own pace. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

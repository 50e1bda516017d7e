import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCluster } from "../../dist/index.js";
import { LoopDelayWindow } from "../../dist/node/loop-delay.js";
import { testNetwork } from "../../dist/testing/index.js";
import { eventually } from "../cluster/support.js";

const NOTHING = { meanMs: 0, p99Ms: 0, maxMs: 0 };

describe("the delay of the event loop", () => {
  it("is what any number of readers see, however often they look", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    await network.advance("10s");
    const two = network.node("node-2");
    assert.deepEqual(two.self.loopDelay, NOTHING);
    network.pause("node-2");
    await network.advance("700ms");
    network.resume("node-2");
    await network.advance("1s");
    const page = two.self.loopDelay;
    const probe = two.self.loopDelay;
    assert.deepEqual(probe, page);
    assert.ok(page.maxMs >= 300 && page.maxMs <= 700, `${page.maxMs} ms`);
    assert.deepEqual(network.node("node-1").self.loopDelay, NOTHING);
  });

  it("is what the detector found, though an answer that waited is heard before the deadlines are met", async () => {
    const options = { timings: { gossipInterval: 0 } };
    let found = 0;
    // Some of these blocks begin while a ping is on its way, and then only the deadline for its answer falls into them.
    for (let at = 0; at < 1000; at += 100) {
      await using network = await testNetwork({ nodes: 2, latencyMs: 100, options });
      await network.until(() => network.converged());
      await network.advance(5000 + at);
      const two = network.node("node-2");
      network.pause(two);
      await network.advance("990ms");
      network.resume(two);
      await network.advance("50ms");
      const isFound = two.stats().counters.lateCalls > 0;
      if (isFound) found++;
      assert.equal(two.self.loopDelay.maxMs > 250, isFound, `${at} ms: ${two.self.loopDelay.maxMs} ms`);
    }
    assert.ok(found >= 8, `${found} of 10`);
  });

  it("is of the last minute, and given as the reason only while it is", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    for (let i = 0; i < 10; i++) {
      network.pause("node-2");
      await network.advance("700ms");
      network.resume("node-2");
      await network.advance("100ms");
    }
    assert.match(network.node("node-2").self.reason ?? "", /event loop was late by up to \d{3} ms/);
    await network.advance("80s");
    assert.deepEqual(network.node("node-2").self.loopDelay, NOTHING);
    assert.equal(network.node("node-2").self.reason, null);
  });

  it("is seen when the loop of a process was blocked, without a timer of its own", async () => {
    await using cluster = await createCluster({ bind: "127.0.0.1:0" });
    await eventually(() => cluster.stats().counters.rumorsQueued > 0, "it runs");
    const end = performance.now() + 1000;
    while (performance.now() < end);
    await eventually(() => cluster.self.loopDelay.maxMs >= 250, "a block of a second");
  });
});

describe("a window of delays", () => {
  it("has mean, 99th percentile and maximum of all that it was told", () => {
    const window = new LoopDelayWindow();
    assert.deepEqual(window.read(0), NOTHING);
    for (let i = 0; i < 198; i++) window.note(100 * i, 2);
    window.note(20_000, 102);
    window.note(20_100, 502);
    const { meanMs, p99Ms, maxMs } = window.read(20_200);
    assert.equal(meanMs, 5);
    assert.equal(maxMs, 502);
    assert.ok(p99Ms >= 2 && p99Ms < 3, `${p99Ms} ms`);
    window.note(20_300, 102);
    assert.ok(window.read(20_300).p99Ms >= 102);
  });

  it("forgets what is older than a minute, slice by slice", () => {
    const window = new LoopDelayWindow();
    window.note(5000, 70);
    window.note(35_000, 30);
    assert.equal(window.read(65_000).maxMs, 70);
    assert.equal(window.read(75_000).maxMs, 30);
    assert.deepEqual(window.read(105_000), NOTHING);
    window.note(145_000, 7);
    assert.deepEqual(window.read(145_000), { meanMs: 7, p99Ms: 7, maxMs: 7 });
  });

  it("takes delays of any length", () => {
    const window = new LoopDelayWindow();
    window.note(0, 1e9);
    assert.deepEqual(window.read(0), { meanMs: 1e9, p99Ms: 1e9, maxMs: 1e9 });
  });
});

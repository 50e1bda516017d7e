import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SwimConfig } from "@hearsay/core";
import { type HearsayError, isHearsayError, type LiveTimingOptions } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

describe("timings that change while a node runs", () => {
  it("move by a factor of two at the most, a step every ten seconds", async () => {
    await using network = await testNetwork({ nodes: 3 });
    const [cluster] = network.nodes;
    assert.ok(cluster !== undefined);
    const seen = async (key: keyof SwimConfig, wanted: LiveTimingOptions): Promise<number[]> => {
      const values = [cluster.timings[key]];
      let isReached = false;
      void cluster.setTimings(wanted).then(() => {
        isReached = true;
      });
      for (let step = 0; !isReached; step++) {
        assert.ok(step < 20);
        values.push(cluster.timings[key]);
        await network.advance("9999ms");
        assert.equal(cluster.timings[key], values.at(-1), "before the ten seconds are over");
        await network.advance("1ms");
      }
      if (values.at(-1) !== cluster.timings[key]) values.push(cluster.timings[key]);
      // The last step has its time, too.
      await network.advance("10s");
      return values;
    };
    assert.deepEqual(await seen("probeIntervalMs", { probeInterval: "5s" }), [1000, 2000, 4000, 5000]);
    assert.deepEqual(await seen("probeIntervalMs", { probeInterval: "1s" }), [5000, 2500, 1250, 1000]);
    assert.deepEqual(await seen("gossipNodes", { gossipNodes: 10 }), [3, 6, 10]);
    assert.deepEqual(await seen("gossipNodes", { gossipNodes: 1 }), [10, 5, 3, 2, 1]);
    assert.deepEqual(await seen("gossipNodes", { gossipNodes: 0 }), [1, 0]);
    assert.deepEqual(await seen("gossipNodes", { gossipNodes: 3 }), [0, 1, 2, 3]);
    // A fixed time and a computed one have no factor between them.
    assert.deepEqual(await seen("suspicionTimeoutMs", { suspicionTimeout: "20s" }), [0, 20_000]);
    assert.deepEqual(await seen("suspicionTimeoutMs", { suspicionTimeout: 0 }), [20_000, 0]);
  });

  it("are not hurried by several calls in a row", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const [cluster] = network.nodes;
    assert.ok(cluster !== undefined);
    const calls = ["2s", "4s", "8s"].map((probeInterval) => cluster.setTimings({ probeInterval }));
    assert.equal(cluster.timings.probeIntervalMs, 2000);
    await network.advance("9999ms");
    assert.equal(cluster.timings.probeIntervalMs, 2000);
    await network.advance("1ms");
    assert.equal(cluster.timings.probeIntervalMs, 4000);
    await network.run(Promise.all(calls));
    assert.equal(cluster.timings.probeIntervalMs, 8000);
    // What changes nothing has no time to wait for.
    await network.advance("10s");
    await cluster.setTimings({ probeInterval: "8s" });
    void cluster.setTimings({ probeInterval: "4s" });
    assert.equal(cluster.timings.probeIntervalMs, 4000);
  });

  it("take effect: what was slow to notice a crash notices it in time", async () => {
    const timings = { probeInterval: "20s", probeTimeout: "10s", suspicionMult: 1 } as const;
    await using network = await testNetwork({ nodes: 3, options: { timings } });
    const isNoticed = async (): Promise<number> => {
      const [first, , third] = network.nodes;
      assert.ok(first !== undefined && third !== undefined);
      await network.until(() => network.converged(), "10m");
      const start = network.nowMs;
      network.crash(third);
      const isFailed = (): boolean => first.member(third.self.name)?.status === "failed";
      await network.until(isFailed, "10m");
      const took = network.nowMs - start;
      await network.restart(third);
      return took;
    };
    const slow = await isNoticed();
    const quick = { probeInterval: "500ms", probeTimeout: "200ms" };
    await network.run(Promise.all(network.nodes.map((node) => node.setTimings(quick))), "10m");
    const soon = await isNoticed();
    assert.ok(slow > 10_000 && soon < 5000, `${slow} ms, then ${soon} ms`);
  });

  it("go to the newest target, and stop with the node", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const [cluster] = network.nodes;
    assert.ok(cluster !== undefined);
    const first = cluster.setTimings({ probeInterval: "16s" });
    await network.advance("11s");
    assert.equal(cluster.timings.probeIntervalMs, 4000);
    const second = cluster.setTimings({ probeInterval: "2s", probeTimeout: "1s" });
    await network.advance("10s");
    await network.run(Promise.all([first, second]));
    assert.deepEqual([cluster.timings.probeIntervalMs, cluster.timings.probeTimeoutMs], [2000, 1000]);
    await network.advance("10s");
    const third = cluster.setTimings({ probeInterval: "16s" });
    await network.run(cluster.close());
    await third;
    assert.equal(cluster.timings.probeIntervalMs, 4000);
    await assert.rejects(cluster.setTimings({}), (error) => isHearsayError(error, "ERR_CLOSED"));
  });

  it("are refused, all together, if they are wrong, or are read at the start only", async () => {
    await using network = await testNetwork({ nodes: 1, options: { timings: { gossipInterval: 0 } } });
    const [cluster] = network.nodes;
    assert.ok(cluster !== undefined);
    const before = cluster.timings;
    const wrong = {
      probeInterval: 0,
      probeTimeout: "soon",
      gossipInterval: "1s",
      membersMax: 5,
      streamTimeout: "10s",
      suspicionTimeout: "1s",
      suspicionMult: 2,
      nope: 1,
    };
    await assert.rejects(Reflect.apply(cluster.setTimings, cluster, [wrong]), (error) => {
      assert.ok(isHearsayError(error, "ERR_CONFIG"));
      const { faults } = (error as HearsayError<"ERR_CONFIG">).data;
      assert.deepEqual(faults.map(({ key }) => key).sort(), [
        ...["timings.gossipInterval", "timings.membersMax", "timings.nope", "timings.probeInterval"],
        ...["timings.probeTimeout", "timings.suspicionTimeout"],
      ]);
      return true;
    });
    assert.throws(
      () => Reflect.apply(cluster.checkTimings, cluster, [wrong]),
      (error) => isHearsayError(error, "ERR_CONFIG"),
    );
    cluster.checkTimings({ probeInterval: "2s" });
    assert.deepEqual(cluster.timings, before);
    await assert.rejects(Reflect.apply(cluster.setTimings, cluster, []), (error) =>
      isHearsayError(error, "ERR_CONFIG"),
    );
  });
});

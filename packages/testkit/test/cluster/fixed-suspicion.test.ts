import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";

const SUSPICION_MS = 5000;

/** Longbow's timings: a probe every 200 ms, and five seconds for a refutation, whatever the size of the pool. */
const TIMINGS = { probeIntervalMs: 200, probeTimeoutMs: 100, suspicionTimeoutMs: SUSPICION_MS };

/** Its advice for slow networks, which makes the timeout of a probe as long as the interval between two. */
const SLOW = { ...TIMINGS, probeTimeoutMs: 200 };

/** When each other node suspected a crashed one, and when it marked it as failed, from the crash on. */
function crashIn(nodes: number, seed: number, config: typeof TIMINGS): { suspected: number[]; failed: number[] } {
  const cluster = new SimCluster({ nodes, seed, config });
  const suspected: number[] = [];
  const failed: number[] = [];
  cluster.run(2000);
  const victim = cluster.node(nodes - 1);
  const crashedAt = cluster.now;
  cluster.observe({
    event: (_node, event) => {
      if (event.type !== "member") return;
      assert.equal(event.member.name, victim.name, "somebody else changed");
      if (event.kind === "suspected") suspected.push(cluster.now - crashedAt);
      if (event.kind === "failed") failed.push(cluster.now - crashedAt);
    },
  });
  cluster.crash(victim);
  assert.ok(
    cluster.runUntil(() => failed.length === nodes - 1, 30_000),
    "not all noticed the crash",
  );
  return { suspected, failed };
}

function expectFixedTime(config: typeof TIMINGS): void {
  for (const [nodes, seeds] of [
    [3, 20],
    [100, 5],
    [1000, 1],
  ] as const) {
    for (let seed = 1; seed <= seeds; seed++) {
      const { suspected, failed } = crashIn(nodes, seed, config);
      const first = Math.min(...suspected);
      assert.ok(Math.abs(Math.min(...failed) - first - SUSPICION_MS) < 1, `${nodes} nodes, seed ${seed}`);
      // The news of the failure ends the suspicions that began later.
      assert.ok(Math.max(...failed) <= first + SUSPICION_MS + 100, `${nodes} nodes, seed ${seed}`);
    }
  }
}

describe("with a fixed time for suspicions", () => {
  it("nodes mark a crashed one as failed that long after the first suspicion, in pools of 3, 100 and 1000", () => {
    expectFixedTime(TIMINGS);
  });

  it("so they do with probes that overlap", () => {
    expectFixedTime(SLOW);
  });
});

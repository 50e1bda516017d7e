import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { below, Sfc32 } from "@hearsay/core";
import { SerfPool } from "./serf-pool.ts";

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const SEEDS = [1, 2, 3, 4, 5];

describe("user events in a pool", () => {
  it("reach every node once, whatever is lost: push/pull brings what gossip doesn't", () => {
    for (const seed of SEEDS) {
      const pool = new SerfPool({ nodes: 30, seed, network: { loss: 0.25 } });
      const random = new Sfc32(seed);
      pool.cluster.run(2000);
      for (let i = 0; i < 40; i++) {
        pool.fire(below(random, 30), `event ${i}`);
        pool.cluster.run(below(random, 100));
      }
      pool.cluster.run(180_000);
      for (let i = 0; i < 40; i++) {
        const heard = pool.heard(`event ${i}`).sort((a, b) => a - b);
        assert.deepEqual(heard, indices(30), `event ${i}, seed ${seed}`);
      }
    }
  });

  it("are ordered by their times wherever one was heard before the next was told", () => {
    const pool = new SerfPool({ nodes: 10, seed: 1 });
    pool.cluster.run(2000);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      pool.fire(i % 10, `event ${i}`);
      pool.cluster.run(1000);
      const one = pool.events.find(({ event }) => event.type === "user-event" && event.name === `event ${i}`);
      assert.ok(one?.event.type === "user-event");
      times.push(one.event.lTime);
    }
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.equal(new Set(times).size, 20);
  });

  it("told on either side of a partition are heard on both once it has healed", () => {
    const pool = new SerfPool({ nodes: 12, seed: 3 });
    const { cluster } = pool;
    cluster.run(2000);
    cluster.partition([cluster.nodes.slice(0, 5)]);
    cluster.run(60_000);
    pool.fire(0, "left");
    pool.fire(11, "right");
    cluster.run(10_000);
    assert.equal(pool.heard("left").length, 5);
    assert.equal(pool.heard("right").length, 7);
    cluster.heal();
    assert.ok(cluster.runUntil(() => pool.heard("left").length + pool.heard("right").length === 24, 180_000));
    cluster.run(60_000);
    assert.equal(pool.heard("left").length + pool.heard("right").length, 24);
  });
});

describe("queries in a pool", () => {
  it("are answered by all, each once, also by the one who asks", () => {
    const pool = new SerfPool({ nodes: 20, seed: 1 });
    pool.answerAll();
    pool.cluster.run(2000);
    const { query } = pool.ask(4, { relayFactor: 2 });
    pool.cluster.run(10_000);
    const all = pool.cluster.nodes.map(({ name }) => name).sort();
    assert.deepEqual(pool.came("query-acked", query).sort(), all);
    assert.deepEqual(pool.came("query-answered", query).sort(), all);
  });

  it("lose fewer answers with relays than without, and count none twice", () => {
    const lost = { 0: 0, 3: 0 };
    for (const relayFactor of [0, 3] as const) {
      for (const seed of SEEDS) {
        const pool = new SerfPool({ nodes: 30, seed, network: { loss: 0.3 } });
        pool.answerAll();
        pool.cluster.run(2000);
        const { query } = pool.ask(0, { relayFactor });
        pool.cluster.run(10_000);
        const answered = pool.came("query-answered", query);
        assert.equal(new Set(answered).size, answered.length);
        lost[relayFactor] += 30 - answered.length;
      }
    }
    assert.ok(lost[3] * 4 < lost[0], `${lost[3]} lost with relays, ${lost[0]} without`);
  });
});

describe("leaving a pool", () => {
  it("is never shown as failing, whatever is lost and however many leave at once", () => {
    for (const seed of SEEDS) {
      const pool = new SerfPool({ nodes: 24, seed, network: { loss: 0.1 } });
      const { cluster } = pool;
      cluster.run(2000);
      for (const index of [3, 8, 13, 18, 23]) cluster.leave(cluster.node(index));
      const staying = indices(24).filter((index) => index % 5 !== 3);
      const names = [3, 8, 13, 18, 23].map((index) => `n${index}`);
      const isDone = (): boolean => names.every((name) => pool.allSee(name, "left", staying));
      assert.ok(cluster.runUntil(isDone, 60_000), `seed ${seed}`);
      cluster.run(60_000);
      const failed = pool.changes("failed");
      assert.deepEqual(failed, [], `seed ${seed}`);
    }
  });

  it("is a leave for agents that follow the reference, too", () => {
    for (const seed of SEEDS) {
      const pool = new SerfPool({ nodes: 24, seed, isCapable: (index) => index % 2 === 0 });
      const { cluster } = pool;
      cluster.run(2000);
      cluster.leave(cluster.node(8));
      const staying = indices(24).filter((index) => index !== 8);
      assert.ok(
        cluster.runUntil(() => pool.allSee("n8", "left", staying), 60_000),
        `seed ${seed}`,
      );
      assert.deepEqual(pool.changes("failed"), [], `seed ${seed}`);
    }
  });

  it("and coming back shows the member alive again, and lets it leave once more", () => {
    const pool = new SerfPool({ nodes: 8, seed: 2 });
    const { cluster } = pool;
    const others = indices(7);
    cluster.run(2000);
    for (let round = 0; round < 3; round++) {
      cluster.leave(cluster.node(7));
      assert.ok(cluster.runUntil(() => pool.allSee("n7", "left", others) && !cluster.node(7).isUp, 60_000));
      pool.rejoin(7, 0);
      assert.ok(
        cluster.runUntil(() => pool.allSee("n7", "alive", others), 60_000),
        `round ${round}`,
      );
      cluster.run(5000);
      assert.ok(pool.allSee("n7", "alive", others));
    }
    assert.deepEqual(pool.changes("failed"), []);
  });

  it("by force makes a dead member one that left, on all nodes, and a live one refutes it", () => {
    const pool = new SerfPool({ nodes: 10, seed: 4 });
    const { cluster } = pool;
    const others = indices(9);
    cluster.run(2000);
    cluster.crash(cluster.node(9));
    assert.ok(cluster.runUntil(() => pool.allSee("n9", "failed", others), 60_000));
    cluster.node(0).call((now, out) => void pool.serf(0).forceLeave(now, 0, "n9", false, out));
    assert.ok(cluster.runUntil(() => pool.allSee("n9", "left", others), 10_000));
    cluster.node(0).call((now, out) => void pool.serf(0).forceLeave(now, 0, "n5", true, out));
    cluster.run(5000);
    assert.ok(pool.allSee("n5", "alive", others));
    cluster.run(60_000);
    assert.ok(pool.allSee("n5", "alive", others));
  });
});

describe("a pool where everything happens", () => {
  it("comes to one view, holds no more than its limits, and repeats itself with the same seed", () => {
    const history = (seed: number): string => {
      const pool = new SerfPool({ nodes: 16, seed, network: { loss: 0.1, duplication: 0.05 } });
      const { cluster } = pool;
      const random = new Sfc32(seed, 5);
      pool.answerAll();
      cluster.run(2000);
      for (let step = 0; step < 150; step++) {
        act(pool, random);
        cluster.run(below(random, 800));
      }
      for (const node of cluster.nodes) {
        if (node.isPaused) cluster.resume(node);
        if (!node.isUp) pool.rejoin(node.index, node.index === 0 ? 1 : 0);
      }
      const names = cluster.nodes.map(({ name }) => name);
      const isOne = (): boolean =>
        cluster.nodes.every(({ isUp }) => isUp) && names.every((name) => pool.allSee(name, "alive", indices(16)));
      const up = cluster.runUntil(() => {
        for (const node of cluster.nodes) if (!node.isUp) pool.rejoin(node.index, node.index === 0 ? 1 : 0);
        return isOne();
      }, 600_000);
      const odd = cluster.nodes.flatMap(({ index, name }) =>
        names.flatMap((other) => {
          const status = pool.serf(index).member(other)?.status ?? "unknown";
          return status === "alive" ? [] : [`${name} sees ${other} as ${status}`];
        }),
      );
      assert.ok(up, `seed ${seed}: ${odd.join(", ")}`);
      for (const { index } of cluster.nodes) {
        const { serfMembers, recentIntents, queriesAsked } = pool.serf(index).occupancy;
        assert.ok(serfMembers === 16 && recentIntents <= 16 && queriesAsked <= 150);
      }
      return JSON.stringify([cluster.now, pool.events.length, pool.serf(3).clocks]);
    };
    for (const seed of [1, 2, 3]) assert.equal(history(seed), history(seed));
  });
});

function act(pool: SerfPool, random: Sfc32): void {
  const { cluster } = pool;
  const node = cluster.node(below(random, 16));
  // Somebody has to be there to come back to.
  const isNeeded = node.index < 2;
  switch (below(random, 7)) {
    case 0:
      return pool.fire(node.index, `event ${below(random, 1000)}`);
    case 1:
      if (node.isRunning) pool.ask(node.index, { relayFactor: below(random, 3) });
      return;
    case 2:
      return isNeeded ? undefined : cluster.leave(node);
    case 3:
      return isNeeded ? undefined : cluster.crash(node);
    case 4:
      return node.isUp ? undefined : pool.rejoin(node.index, below(random, 2));
    case 5:
      return node.isPaused ? cluster.resume(node) : isNeeded ? undefined : cluster.pause(node);
    default:
      node.call((now, out) => void pool.serf(node.index).forceLeave(now, 0, `n${below(random, 16)}`, false, out));
  }
}

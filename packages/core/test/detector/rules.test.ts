import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SwimConfig } from "@hearsay/core";
import { RULES, type Rules } from "@hearsay/core/internal";
import { ACK, INDIRECT_PING, PING, SUSPECT } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "../support/lone-node.ts";
import { suspect } from "../support/messages.ts";

const A = address("10.0.0.2");
const QUIET = { gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

/** A node by our rules but for some, with members at 10.0.0.2 and on that nobody answers for. */
function by(rules: Partial<Rules>, members = 4, config: Partial<SwimConfig> = {}): LoneNode {
  const node = new LoneNode({ streamPings: false, rules: { ...RULES.hearsay, ...rules } }, { ...QUIET, ...config });
  for (let i = 2; i < members + 2; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
  return node.clear();
}

/** When probes began, and of whom. */
function probes(node: LoneNode): { at: number; name: string; seqNo: number }[] {
  return node.sent.flatMap(({ at, messages: [first] }) =>
    first?.type === PING ? [{ at, name: first.node, seqNo: first.seqNo }] : [],
  );
}

/** Lets time pass in which each ping is answered at once. */
function answeredUntil(node: LoneNode, time: number): LoneNode {
  const answered = new Set<number>();
  while (node.now < time) {
    node.until(node.now + 10);
    for (const { seqNo } of probes(node)) {
      if (!answered.has(seqNo)) node.receive(A, { type: ACK, seqNo, payload: null });
      answered.add(seqNo);
    }
  }
  return node;
}

function gaps(node: LoneNode): number[] {
  const times = probes(node).map(({ at }) => at);
  return times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
}

/** Has the node take itself for slow, so that its score is 1. */
function slowed(node: LoneNode): LoneNode {
  node.now = node.swim.nextDeadline() + 300;
  node.swim.advance(node.now, node);
  assert.equal(node.swim.awareness, 1);
  return node;
}

describe("probes", () => {
  it("come at intervals that vary by a tenth with jitter, and at equal ones without", () => {
    const varied = gaps(answeredUntil(by({}), 30_000));
    assert.ok(varied.length > 20 && varied.every((gap) => gap >= 900 && gap <= 1100) && new Set(varied).size > 10);
    const equal = gaps(answeredUntil(by({ jitter: false }), 30_000));
    assert.ok(equal.length > 20 && equal.every((gap) => gap === 1000));
  });

  it("go round the list, or wherever chance says", () => {
    const first = (rules: Partial<Rules>): string[] =>
      probes(answeredUntil(by(rules, 12), 20_000))
        .slice(0, 12)
        .map(({ name }) => name);
    assert.equal(new Set(first({ probeOrder: "round-robin" })).size, 12);
    assert.ok(new Set(first({ probeOrder: "random" })).size < 12);
  });

  it("that overlap begin at a pace which local health stretches; others wait for each other, and make up for one", () => {
    const pace = (overlappingProbes: boolean): number[] =>
      gaps(slowed(by({ overlappingProbes, jitter: false, verdict: "count", localHealth: false })).until(12_000));
    assert.ok(
      pace(true).every((gap) => gap === 2000),
      "a score of 1 doubles it",
    );
    assert.ok(
      pace(false).every((gap) => gap === 1000),
      "probes take the interval without local health",
    );
    const one = { overlappingProbes: false, jitter: false, verdict: "count", localHealth: false } as const;
    const slow = by(one, 4, { probeTimeoutMs: 1250 });
    // Each takes two timeouts, so that ticks find it under way, and the next begins as it ends.
    const waiting = gaps(slow.until(12_000));
    assert.ok(waiting.length >= 3 && waiting.every((gap) => gap === 2500), waiting.join());
    const overlapping = by({ jitter: false, verdict: "count", localHealth: false }, 4, { probeTimeoutMs: 1250 });
    assert.ok(gaps(overlapping.until(12_000)).every((gap) => gap === 1000));
  });

  it("that overlap are not made up for where 64 are under way", () => {
    const node = by({ verdict: "count", localHealth: false }, 4, { probeTimeoutMs: 40_000 }).until(100_000);
    const times = probes(node).map(({ at }) => at);
    assert.ok(times.length > 70);
    // A probe ends after two timeouts, and the next one waits for a tick.
    assert.deepEqual(
      times.filter((at) => times.includes(at - 80_000)),
      [],
    );
  });

  it("that fail or succeed move the score of local health, and nothing without it", () => {
    assert.equal(by({}, 1).until(2500).swim.awareness, 1);
    assert.equal(by({ localHealth: false }, 1).until(2500).swim.awareness, 0);
    assert.equal(answeredUntil(slowed(by({})), 6000).swim.awareness, 0);
    assert.equal(answeredUntil(slowed(by({ localHealth: false })), 6000).swim.awareness, 1);
  });

  it("last as much longer as the score says, with local health", () => {
    const accusedAfter = (localHealth: boolean): number => {
      const node = slowed(by({ localHealth }, 1)).clear();
      node.untilSo(() => probes(node).length > 0);
      const [{ at } = { at: 0 }] = probes(node);
      return node.untilSo(() => node.swim.statusOf("n2") !== "alive").now - at;
    };
    assert.ok(Math.abs(accusedAfter(true) - 2000) < 50);
    assert.ok(Math.abs(accusedAfter(false) - 1000) < 50);
  });

  it("ask for nacks with local health alone, which they are for", () => {
    const wanted = (localHealth: boolean): Set<boolean> => {
      const node = by({ localHealth });
      node.untilSo(() => node.messages(INDIRECT_PING).length > 0);
      return new Set(node.messages(INDIRECT_PING).map(({ nack }) => nack));
    };
    assert.deepEqual([wanted(true), wanted(false)], [new Set([true]), new Set([false])]);
  });

  it("tell a suspect that it is one, by the buddy system", () => {
    const told = (buddy: boolean): boolean => {
      const node = by({ buddy }, 1, { eagerPacketsPerSecond: 0, suspicionMult: 64 });
      node.receive(A, suspect("n2", "n9")).until(30_000);
      // Rumors that ride along are spent by then.
      node.clear().untilSo(() => node.messages(PING).length > 0);
      return node.messages(SUSPECT).some(({ node: name, from }) => name === "n2" && from === "self");
    };
    assert.deepEqual([told(true), told(false)], [true, false]);
  });

  it("that fail lead to a suspicion, to a death, or to a count and nothing else", () => {
    const status = (verdict: Rules["verdict"]): unknown[] => {
      const node = by({ verdict }, 1).until(2500);
      return [node.swim.statusOf("n2"), node.swim.counters.probesFailed > 0];
    };
    assert.deepEqual(status("suspect"), ["suspect", true]);
    assert.deepEqual(status("dead"), ["failed", true]);
    assert.deepEqual(status("count"), ["alive", true]);
  });
});

describe("a suspicion", () => {
  it("lasts its least time from the start where nobody can confirm it", () => {
    const diesAt = (confirmations: boolean): number => {
      const node = by({ confirmations }, 6, { probeIntervalMs: 0 }).receive(A, suspect("n2", "n3"));
      return node.untilSo(() => node.swim.statusOf("n2") === "failed").now;
    };
    assert.deepEqual([diesAt(true), diesAt(false)], [24_000, 4000]);
  });

  it("of this node that it refutes tells against its health, where that counts", () => {
    const score = (localHealth: boolean): number =>
      by({ localHealth }, 3, { probeIntervalMs: 0 }).receive(A, suspect("self", "n2")).swim.awareness;
    assert.deepEqual([score(true), score(false)], [1, 0]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sfc32 } from "@hearsay/core";
import { SUSPECT } from "@hearsay/core/wire";
import fc from "fast-check";
import { address, alive, entry, LoneNode, quiet } from "../support/lone-node.ts";
import { dead, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");

/** In a view of six, with the LAN's settings: 4 s if two others confirm it, 24 s if nobody does. */
function suspected(): LoneNode {
  const node = quiet();
  for (const name of ["a", "b", "c", "d", "e"]) node.receive(A, alive(name, `10.0.1.${name.charCodeAt(0)}`));
  return node.receive(A, suspect("a", "b"));
}

/** When the member is declared dead, to the millisecond. */
function diesAt(node: LoneNode): number {
  node.untilSo(() => node.swim.statusOf("a") !== "suspect", 1);
  assert.equal(node.swim.statusOf("a"), "failed");
  return node.now;
}

describe("a suspicion", () => {
  it("lasts longest while nobody confirms it", () => {
    assert.equal(diesAt(suspected()), 24_000);
  });

  it("is shortened by each further accuser, down to the least", () => {
    assert.equal(diesAt(suspected().receive(A, suspect("a", "c"))), 11_381);
    assert.equal(diesAt(suspected().receive(A, suspect("a", "c"), suspect("a", "d"))), 4_000);
    assert.equal(diesAt(suspected().receive(A, suspect("a", "c"), suspect("a", "d"), suspect("a", "e"))), 4_000);
  });

  it("is not shortened by an accuser who has spoken before", () => {
    assert.equal(diesAt(suspected().receive(A, suspect("a", "b"))), 24_000);
    assert.equal(diesAt(suspected().receive(A, suspect("a", "c"), suspect("a", "c"))), 11_381);
  });

  it("ends at once when enough accusers come late", () => {
    const node = suspected().until(9_000).receive(A, suspect("a", "c"), suspect("a", "d")).until(9_000);
    assert.equal(node.swim.statusOf("a"), "failed");
  });
});

describe("a suspicion of a fixed time", () => {
  const FIXED_MS = 5000;
  const FIXED = { suspicionTimeoutMs: FIXED_MS, probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 };

  /** A node that knows of so many members, itself included: m1, m2 and so on. */
  function inPoolOf(members: number): LoneNode {
    const node = new LoneNode({ random: new Sfc32(members) }, FIXED);
    const others = Array.from({ length: members - 1 }, (_, i) => entry(`m${i + 1}`, `10.1.${i >> 8}.${i & 255}`));
    node.pushPull(A, others, false);
    return node.clear();
  }

  it("lasts that long from the first accusation, among 3, 100 and 1000, whoever confirms it and when", () => {
    for (const members of [3, 100, 1000]) {
      const times = fc.array(fc.integer({ min: 0, max: FIXED_MS - 1 }), { maxLength: 6 });
      const law = fc.property(times, (confirmedAfter) => {
        const node = inPoolOf(members);
        const accusedAt = node.until(1234).now;
        node.receive(A, suspect("m1", "m2"));
        for (const [i, ms] of [...confirmedAfter].sort((a, b) => a - b).entries()) {
          node.until(accusedAt + ms).receive(A, suspect("m1", `accuser-${i}`));
        }
        node.until(accusedAt + FIXED_MS - 1);
        assert.equal(node.swim.statusOf("m1"), "suspect");
        node.until(accusedAt + FIXED_MS);
        assert.equal(node.swim.statusOf("m1"), "failed");
      });
      fc.assert(law, { numRuns: members === 1000 ? 20 : 100 });
    }
  });

  it("ends with a refutation, and a new accusation has the whole time again", () => {
    for (const members of [3, 100, 1000]) {
      const node = inPoolOf(members).receive(A, suspect("m1", "m2"));
      node
        .until(4000)
        .receive(A, alive("m1", "10.1.0.0", 2))
        .until(FIXED_MS);
      assert.equal(node.swim.statusOf("m1"), "alive");
      node
        .until(6000)
        .receive(A, suspect("m1", "m2", 2))
        .until(10_999);
      assert.equal(node.swim.statusOf("m1"), "suspect");
      assert.equal(node.until(11_000).swim.statusOf("m1"), "failed");
    }
  });

  it("passes the first accusation on, and no confirmations", () => {
    const node = new LoneNode({}, { ...FIXED, gossipIntervalMs: 200 });
    node.pushPull(
      A,
      ["m1", "m2", "m3", "m4"].map((name, i) => entry(name, `10.1.0.${i}`)),
      false,
    );
    node.clear().receive(A, suspect("m1", "m2"), suspect("m1", "m3")).until(3000);
    assert.deepEqual([...new Set(node.messages(SUSPECT).map(({ from }) => from))], ["m2"]);
  });
});

describe("the status of a member", () => {
  it("has the time at which it began, whatever is heard in between", () => {
    const node = quiet().until(100).receive(A, alive("a", "10.0.0.2"));
    const since = (): number | undefined => node.swim.member("a")?.sinceMs;
    assert.equal(since(), 100);
    assert.equal(node.until(200).receive(A, alive("a", "10.0.0.2", 2)) && since(), 100);
    assert.equal(node.until(300).receive(A, suspect("a", "b", 2)) && since(), 300);
    assert.equal(node.until(400).receive(A, suspect("a", "c", 2)) && since(), 300);
    assert.equal(node.until(500).receive(A, alive("a", "10.0.0.2", 3)) && since(), 500);
    assert.equal(node.until(600).receive(A, dead("a", "b", 3)) && since(), 600);
    assert.equal(node.until(700).receive(A, dead("a", "c", 3)) && since(), 600);
  });

  it("changes once, however often a death is told", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2")).clear();
    node.receive(A, dead("a", "b"), dead("a", "c"), dead("a", "b", 2));
    assert.deepEqual(node.changes(), ["failed a"]);
  });
});

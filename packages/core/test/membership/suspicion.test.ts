import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { address, alive, type LoneNode, quiet } from "../support/lone-node.ts";
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

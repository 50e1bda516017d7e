import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Alive, DEAD } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "../support/lone-node.ts";
import { dead, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");

/** Alives that fit one packet. */
const BATCH = 8;

/** Addresses of which there are as many as a test likes. */
function host(i: number): string {
  return `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

function many(count: number): Alive[] {
  return Array.from({ length: count }, (_, i) => alive(`n${i}`, host(i)));
}

function learn(node: LoneNode, members: readonly Alive[]): LoneNode {
  for (let i = 0; i < members.length; i += BATCH) node.receive(A, ...members.slice(i, i + BATCH));
  return node;
}

describe("what a member says of itself", () => {
  it("has a name of 255 bytes and metadata of 512 at the most, and is refused beyond", () => {
    const accepted = (name: string, metaBytes = 0): boolean => {
      const node = quiet().receive(A, alive(name, "10.0.0.3", 1, { meta: new Uint8Array(metaBytes) }));
      const isIn = node.swim.statusOf(name) === "alive";
      assert.equal(node.swim.counters.messagesRefused, isIn ? 0 : 1);
      return isIn;
    };
    assert.deepEqual(
      ["x".repeat(255), "x".repeat(256)].map((name) => accepted(name)),
      [true, false],
    );
    // Bytes count, not characters.
    assert.deepEqual(
      ["\u20ac".repeat(85), "\u20ac".repeat(86)].map((name) => accepted(name)),
      [true, false],
    );
    assert.deepEqual(
      [512, 513].map((bytes) => accepted("a", bytes)),
      [true, false],
    );
  });

  it("is not taken back by an accuser whose name is longer", () => {
    for (const [length, status] of [
      [255, "suspect"],
      [256, "alive"],
    ] as const) {
      const node = quiet()
        .receive(A, alive("a", "10.0.0.3"))
        .receive(A, suspect("a", "x".repeat(length)));
      assert.equal(node.swim.statusOf("a"), status);
    }
  });
});

describe("what explains a member's state", () => {
  it("are its last sixteen causes", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.3"));
    for (let i = 2; i < 40; i++) node.receive(A, suspect("a", "b", i), alive("a", "10.0.0.3", i + 1));
    const causes = node.swim.explain("a");
    assert.equal(causes.length, 16);
    assert.equal(causes.at(-1)?.incarnation, 40);
  });

  it("is kept for 4,096 members, and goes first for those without news for longest", () => {
    const node = learn(quiet(), many(4096));
    // One of them is this node.
    assert.deepEqual(
      ["n0", "n1", "n4095"].map((name) => node.swim.explain(name).length),
      [1, 1, 1],
    );
    node.receive(A, suspect("n0", "b"), alive("last", "10.0.0.9"));
    assert.deepEqual(
      ["n0", "n1", "last"].map((name) => node.swim.explain(name).length),
      [2, 0, 1],
    );
  });
});

describe("a node that comes back with an incarnation that is too low", () => {
  /** Whether a dead member is told of its death when it says that it is alive. */
  function isTold(node: LoneNode, member: Alive): boolean {
    const from = address(`${member.addr.join(".")}`);
    return node.clear().receive(from, member).messages(DEAD).length > 0;
  }

  it("is told of its death once an interval, remembered of 1,024 members", () => {
    const members = many(1025);
    const node = learn(new LoneNode({}, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 }), members);
    for (const { node: name } of members) node.receive(A, dead(name, "b"));
    const [first, second] = members;
    assert.ok(first && second);
    for (const member of members.slice(0, 1024)) assert.ok(isTold(node, member), member.node);
    assert.ok(!isTold(node, first), "the oldest is still remembered");
    assert.ok(isTold(node, members[1024] as Alive));
    assert.ok(isTold(node, first), "it had to make room");
    assert.ok(!isTold(node, members[3] as Alive));
  });
});

describe("a pool whose nodes don't probe", () => {
  it("suspects as if there were a probe each second", () => {
    const node = quiet();
    for (const i of [3, 4]) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    node.receive(A, suspect("n3", "b"));
    assert.equal(node.until(3900).swim.statusOf("n3"), "suspect");
    assert.equal(node.until(4100).swim.statusOf("n3"), "failed");
  });
});

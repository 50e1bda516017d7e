import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ACK, PING, type Ping, SUSPECT } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "../support/lone-node.ts";
import { dead, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");

/** A node that only probes. */
function prober(...members: string[]): LoneNode {
  const node = new LoneNode({ streamPings: false }, { gossipIntervalMs: 0, pushPullIntervalMs: 0 });
  for (const name of members) node.receive(A, alive(name, `10.0.1.${name.charCodeAt(0)}`));
  return node;
}

/** Lets time pass and answers each ping; returns whom they were for. */
function probed(node: LoneNode, ms: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const end = node.now + ms; node.now < end; ) {
    node.clear().until(node.now + 50);
    for (const { seqNo, node: name } of node.messages(PING)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      node.receive(A, { type: ACK, seqNo, payload: null });
    }
  }
  return counts;
}

/** The next ping, at the time at which it is sent. */
function nextPing(node: LoneNode): Ping {
  node.clear();
  for (;;) {
    const [ping] = node.until(node.now + 1).messages(PING);
    if (ping !== undefined) return ping;
  }
}

describe("the members that a node probes", () => {
  it("are the live and the suspect, and never the dead or whoever left", () => {
    const node = prober("a", "b", "c", "d").receive(A, suspect("b", "x"), dead("c", "x"), dead("d", "d"));
    const counts = probed(node, 20_000);
    assert.deepEqual([...counts.keys()].sort(), ["a", "b"]);
    for (const count of counts.values()) assert.ok(count >= 8 && count <= 12);
  });

  it("hear of the suspicion of them with the ping, even when it has been told as often as rumors are", () => {
    const node = prober("a", "b", "c", "d").receive(A, suspect("b", "x"));
    // Nothing but pings carries rumors here, and each is sent eight times.
    probed(node, 12_000);
    node.clear();
    while (nextPing(node).node !== "b");
    const packet = node.sent.find(({ messages }) => messages.some((message) => message.type === PING));
    const accusations = packet?.messages.filter((message) => message.type === SUSPECT);
    assert.deepEqual(accusations, [{ type: SUSPECT, incarnation: 1, node: "b", from: "self" }]);
  });
});

describe("a probe that fails", () => {
  it("accuses the incarnation that was probed, so that news which came meanwhile stands", () => {
    const node = prober("a");
    nextPing(node);
    node.receive(A, alive("a", "10.0.1.97", 2)).until(node.now + 1001);
    assert.equal(node.swim.counters.probesFailed, 1);
    assert.equal(node.swim.statusOf("a"), "alive");
  });
});

describe("a node that distrusts itself", () => {
  it("gives whom it probes twice the time, and probes half as often", () => {
    const node = prober("a").receive(A, suspect("self", "x"));
    assert.equal(node.swim.awareness, 1);
    nextPing(node);
    node.until(node.now + 1900);
    assert.equal(node.swim.statusOf("a"), "alive");
    node.until(node.now + 101);
    assert.equal(node.swim.statusOf("a"), "suspect");
  });

  it("trusts itself again, a point for each probe that is answered", () => {
    const node = prober("a")
      .receive(A, suspect("self", "x", 1))
      .receive(A, suspect("self", "x", 2));
    assert.equal(node.swim.awareness, 2);
    for (const expected of [1, 0, 0]) {
      node.receive(A, { type: ACK, seqNo: nextPing(node).seqNo, payload: null });
      assert.equal(node.swim.awareness, expected);
    }
  });
});

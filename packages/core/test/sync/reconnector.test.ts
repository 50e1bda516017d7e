import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ACK, ALIVE, PING, PUSH_PULL } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, state } from "../support/lone-node.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");

/** Answers no probe, so that only news decides who is alive. */
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

function isolations(node: LoneNode): number {
  return node.events.filter((event) => event.type === "notice" && event.notice.kind === "isolated").length;
}

describe("a node that has lost everybody", () => {
  it("says so within seconds, and goes on saying so ever more slowly", () => {
    const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), dead("a", "b"));
    node.until(2000);
    assert.equal(isolations(node), 1);
    node.until(120_000);
    assert.ok(isolations(node) >= 4 && isolations(node) <= 12, `${isolations(node)} notices in two minutes`);
  });

  it("pings the lost by name, and exchanges states with whoever answers", () => {
    const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
    while (node.messages(PING).length === 0) {
      assert.ok(node.now < 10_000, "the lost member is never tried");
      node.until(node.now + 100);
    }
    const [ping] = node.messages(PING);
    assert.equal(ping?.node, "a");
    assert.equal(node.exchanges.length, 0);
    node.receive(A, { type: ACK, seqNo: ping?.seqNo ?? 0, payload: null });
    assert.deepEqual(
      node.exchanges.map(({ to, request }) => [to, request[0]]),
      [[A.key, PUSH_PULL]],
    );
  });

  it("exchanges states with nobody who doesn't answer to the lost one's name", () => {
    const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
    node.until(300_000);
    assert.ok(node.messages(PING).length > 0);
    assert.deepEqual(node.exchanges, []);
  });

  it("asks on when a stranger sends its question back", () => {
    const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
    node.untilSo(() => node.messages(PING).length > 0);
    const [ping] = node.messages(PING);
    assert.ok(ping);
    node.receive(address("10.9.9.9"), { ...ping, node: "" });
    assert.deepEqual(node.messages(ACK), [], "it would answer itself");
    node.receive(A, { type: ACK, seqNo: ping.seqNo, payload: null });
    assert.equal(node.exchanges.length, 1);
  });

  it("leaves those alone that left on purpose", () => {
    const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), dead("a", "a")).clear();
    node.until(120_000);
    assert.deepEqual(node.messages(PING), []);
  });

  it("is not one that is leaving, whoever is left, and such a node looks for nobody", () => {
    for (const gone of [["b"], ["a", "b"]]) {
      const node = new LoneNode({}, STILL).receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3")).clear();
      node.swim.leave(0, node);
      for (const name of gone) node.receive(A, dead(name, "c"));
      node.until(120_000);
      assert.equal(isolations(node), 0);
      assert.deepEqual(node.messages(PING), []);
    }
  });

  it("is not one that never met anybody", () => {
    assert.equal(isolations(new LoneNode().until(300_000)), 0);
  });
});

describe("the lost", () => {
  it("are remembered for a day after the table has forgotten them, and in no state that others get", () => {
    const node = new LoneNode({ streamPings: false }, { gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2"), dead("a", "b"));
    node.until(60_000);
    assert.equal(node.swim.member("a"), undefined);
    assert.equal(node.swim.occupancy.lost, 1);
    assert.deepEqual(
      node.pushPull(A, [entry("x", "10.0.0.9")])?.map(({ name }) => name),
      ["self"],
    );
    node.until(25 * 3_600_000);
    assert.equal(node.swim.occupancy.lost, 0);
  });
});

describe("a newcomer", () => {
  it("doesn't tell a pool again what it has just learnt from it, but tells of itself", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0 });
    node.swim.join(0, 1, [A], node);
    const entries = [
      entry("a", "10.0.0.2"),
      entry("b", "10.0.0.3"),
      // The pool remembers an earlier life of ours.
      entry("self", "10.0.0.1", { incarnation: 8, state: 2 }),
    ];
    const message = state(entries, true);
    node.swim.exchangeDone(1, node.exchanges[0]?.token ?? 0, { ok: true, message }, node);
    node.until(5000);
    const told = new Set(node.messages(ALIVE).map((alive) => `${alive.node} ${alive.incarnation}`));
    assert.deepEqual(told, new Set(["self 9"]));
  });

  it("into which a second pool is merged tells both of each other", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0 }).receive(A, alive("a", "10.0.0.2"));
    node.clear().swim.join(0, 1, [address("10.0.1.1")], node);
    const message = state([entry("c", "10.0.1.1"), entry("d", "10.0.1.2")], true);
    node.swim.exchangeDone(1, node.exchanges[0]?.token ?? 0, { ok: true, message }, node);
    node.until(5000);
    const told = new Set(node.messages(ALIVE).map((alive) => alive.node));
    assert.ok(told.has("c") && told.has("d"));
  });
});

describe("a join", () => {
  it("dials many addresses at the same time, and no more than it may", () => {
    const node = new LoneNode({}, { joinParallel: 4 });
    node.swim.join(
      0,
      1,
      Array.from({ length: 10 }, (_, i) => address(`10.0.0.${i + 2}`)),
      node,
    );
    assert.equal(node.exchanges.length, 4);
    const failed = { ok: false, failure: "refused", detail: "" } as const;
    for (let i = 0; i < node.exchanges.length; i++) {
      node.swim.exchangeDone(1, node.exchanges[i]?.token ?? 0, failed, node);
    }
    assert.equal(node.exchanges.length, 10);
    const finished = node.events.find((event) => event.type === "join-finished");
    assert.ok(finished?.type === "join-finished" && finished.contacted === 0 && finished.failures.length === 10);
  });

  it("dials an address once, however often it is given", () => {
    const node = new LoneNode({}, STILL);
    node.swim.join(0, 1, [A, address("10.0.0.3"), A, address("10.0.0.2")], node);
    assert.deepEqual(
      node.exchanges.map(({ to }) => to),
      ["10.0.0.2:7946", "10.0.0.3:7946"],
    );
  });

  it("of nobody but itself finishes without a word on the wire", () => {
    const node = new LoneNode();
    node.swim.join(0, 1, [address("10.0.0.1")], node);
    assert.equal(node.exchanges.length, 0);
    assert.ok(node.events.some((event) => event.type === "join-finished"));
  });
});

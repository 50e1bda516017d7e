import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ACK, INDIRECT_PING, type IndirectPing, NACK, PING } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "../support/lone-node.ts";
import { dead, ping } from "../support/messages.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");
const QUIET = { gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

/** Answers that one datagram may cause. */
const ANSWERS = 8;

function errand(seqNo: number): IndirectPing {
  const { ip: target, port } = B;
  const { ip: sourceAddr, port: sourcePort } = A;
  return { type: INDIRECT_PING, seqNo, target, port, node: "b", nack: true, sourceAddr, sourcePort, sourceNode: "a" };
}

/** Versions of a memberlist node that speaks up to this protocol. */
function upTo(protocol: number): Uint8Array {
  return Uint8Array.of(1, protocol, 2, 0, 0, 0);
}

describe("one datagram", () => {
  it("gets eight answers at the most, and what is refused is counted", () => {
    const pings = Array.from({ length: ANSWERS + 2 }, (_, i) => ping("self", { seqNo: i + 1 }));
    const node = quiet()
      .clear()
      .receive(A, ...pings);
    assert.equal(node.messages(ACK).length, ANSWERS);
    assert.equal(node.swim.counters.messagesRefused, 2);
    assert.equal(node.receive(A, ping("self")).messages(ACK).length, ANSWERS + 1, "the next one has its own");
  });
});

describe("a helper", () => {
  it("serves 4,096 indirect pings at a time, refuses and counts further ones, and serves again when those are over", () => {
    const node = quiet();
    for (let i = 0; i < 4096; i += ANSWERS) {
      node.receive(A, ...Array.from({ length: ANSWERS }, (_, j) => errand(i + j)));
    }
    assert.equal(node.swim.occupancy.relays, 4096);
    assert.equal(node.swim.counters.relaysRefused, 0);
    node.clear().receive(A, errand(5000));
    assert.deepEqual(node.messages(PING), []);
    assert.equal(node.swim.counters.relaysRefused, 1);
    assert.equal(node.until(501).receive(A, errand(5001)).messages(PING).length, 1);
    assert.equal(node.messages(NACK).length, 4096);
  });
});

describe("a node that probes", () => {
  it("has 64 probes under way at the most; ticks beyond pass without one", () => {
    const node = new LoneNode({ streamPings: false }, { ...QUIET, probeIntervalMs: 10, probeTimeoutMs: 60_000 });
    node.receive(A, alive("a", "10.0.0.2"));
    assert.equal(node.until(300).swim.occupancy.probes, node.messages(PING).length);
    assert.equal(node.until(5000).swim.occupancy.probes, 64);
    assert.equal(node.messages(PING).length, 64);
  });

  it("pings over a stream whoever speaks protocol 3 or a later one", () => {
    const asked = (protocol: number): number => {
      const node = new LoneNode({}, QUIET).receive(A, alive("a", "10.0.0.2", 1, { vsn: upTo(protocol) })).clear();
      return node.untilSo(() => node.messages(PING).length > 0).until(node.now + 600).exchanges.length;
    };
    assert.deepEqual([2, 3, 4].map(asked), [0, 1, 1]);
  });

  it("asks for nacks whoever speaks protocol 4 or a later one", () => {
    const wanted = (protocol: number): boolean[] => {
      const node = new LoneNode({ streamPings: false }, QUIET);
      for (const i of [2, 3]) node.receive(A, alive(`n${i}`, `10.0.0.${i}`, 1, { vsn: upTo(protocol) }));
      node.clear().untilSo(() => node.messages(INDIRECT_PING).length > 0);
      return node.messages(INDIRECT_PING).map(({ nack }) => nack);
    };
    assert.deepEqual([3, 4, 5].map(wanted), [[false], [true], [true]]);
  });
});

describe("a node that looks for a lost member", () => {
  it("has 256 pings by name under way at the most", () => {
    const config = { ...QUIET, probeIntervalMs: 0, healIntervalMs: 100, probeTimeoutMs: 3_600_000 };
    const node = new LoneNode({}, config).receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
    assert.equal(node.until(60_000).messages(PING).length, 256);
    assert.ok(node.until(3_700_000).messages(PING).length > 256, "those that are over make room");
  });
});

describe("a node that is called late", () => {
  const slow = (node: LoneNode): number =>
    node.events.filter((event) => event.type === "notice" && event.notice.kind === "slow").length;

  /** Lets the node sleep for so long from its next deadline on. */
  function oversleep(node: LoneNode, lateMs: number): void {
    node.now = node.swim.nextDeadline() + lateMs;
    node.swim.advance(node.now, node);
  }

  it("takes itself for slow from more than a quarter of a second on", () => {
    const node = new LoneNode({ streamPings: false }, QUIET).receive(A, alive("a", "10.0.0.2"));
    oversleep(node, 250);
    assert.deepEqual([node.swim.counters.lateCalls, node.swim.awareness], [0, 0]);
    oversleep(node, 251);
    assert.deepEqual([node.swim.counters.lateCalls, node.swim.awareness], [1, 1]);
  });

  it("says so once a minute at the most", () => {
    const node = new LoneNode({ streamPings: false }, { ...QUIET, healIntervalMs: 1000 });
    while (node.now < 59_000) oversleep(node, 300);
    assert.equal(slow(node), 1);
    while (node.now < 61_500) oversleep(node, 300);
    assert.equal(slow(node), 2);
    assert.ok(node.swim.counters.lateCalls > 30);
  });
});

describe("deadlines that have become stale", () => {
  it("are swept once there are 4,096 of them", () => {
    const node = quiet();
    const churn = (times: number): void => {
      for (let i = 0; i < times; i++) {
        node.receive(A, ...Array.from({ length: ANSWERS }, (_, j) => errand(j)));
        for (const { seqNo } of node.messages(PING)) node.receive(B, { type: ACK, seqNo, payload: null });
        node.clear();
      }
    };
    churn(500);
    assert.ok(node.until(1).swim.occupancy.deadlines >= 4000, "so many are no reason to look");
    churn(20);
    node.receive(A, alive("a", "10.0.0.2"), dead("a", "b"));
    assert.ok(node.until(2).swim.occupancy.deadlines < 100);
  });
});

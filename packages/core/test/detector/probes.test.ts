import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Layer } from "@hearsay/core/internal";
import { ACK, encodeMessage, INDIRECT_PING, NACK, PING } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "../support/lone-node.ts";
import { ping, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");

describe("a node that is pinged", () => {
  it("answers to the source that the ping names, and else to where it came from", () => {
    const node = quiet().receive(A, ping("self"));
    node.receive(A, ping("self", { seqNo: 43, sourceAddr: B.ip, sourcePort: B.port, sourceNode: "b" }));
    const acks = node.sent.filter(({ messages }) => messages[0]?.type === ACK);
    assert.deepEqual(
      acks.map(({ to, messages }) => [to, messages[0]]),
      [
        [A.key, { type: ACK, seqNo: 42, payload: null }],
        [B.key, { type: ACK, seqNo: 43, payload: null }],
      ],
    );
  });

  it("answers to no other name, and to none", () => {
    const node = quiet().receive(A, ping("other")).receive(A, ping(""));
    assert.equal(node.messages(ACK).length, 1);
  });

  it("sends no answer that no datagram can carry, and counts it", () => {
    class Verbose extends Layer {
      override readonly name = "verbose";

      override ackPayload(): Uint8Array {
        return new Uint8Array(65_536);
      }
    }
    const node = new LoneNode({ layers: [new Verbose()] }, { probeIntervalMs: 0, gossipIntervalMs: 0 });
    node.clear().receive(A, ping("self"));
    assert.equal(node.sent.length, 0);
    assert.equal(node.swim.counters.messagesUnsendable, 1);
  });

  it("answers over a stream too", () => {
    const node = quiet();
    assert.deepEqual(node.ask(A, encodeMessage(ping("self"))), encodeMessage({ type: ACK, seqNo: 42, payload: null }));
    assert.equal(node.ask(A, encodeMessage(ping("other"))), null);
  });
});

describe("a probe", () => {
  it("asks others and the stream before it accuses, and its report says how it went", () => {
    const node = new LoneNode({}, { gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    for (let i = 2; i <= 5; i++) node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
    node.clear();
    node.untilSo(() => node.messages(PING).length > 0);
    const target = node.messages(PING)[0]?.node ?? "";
    const sentAt = node.sent.find(({ messages }) => messages[0]?.type === PING)?.at ?? 0;
    node.until(sentAt + 501);
    const indirect = node.messages(INDIRECT_PING).filter((message) => message.node === target);
    assert.equal(indirect.length, 3);
    assert.ok(indirect.every((message) => message.nack));
    assert.equal(node.exchanges.length, 1);
    node.receive(B, { type: NACK, seqNo: indirect[0]?.seqNo ?? 0 });
    node.until(sentAt + 1001);
    assert.equal(node.swim.statusOf(target), "suspect");
    const cause = node.swim.explain(target).at(-1);
    assert.equal(cause?.path, "probe");
    assert.equal(cause?.probe?.helpers.length, 3);
    assert.equal(cause?.probe?.nacks, 1);
    assert.equal(cause?.probe?.stream, "silent");
    // Three helpers could have said nack and one did: two points against this node's own network.
    assert.equal(node.swim.awareness, 2);
  });

  it("that is answered late, or by a helper, accuses nobody", () => {
    const node = new LoneNode({}, { gossipIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"));
    node.untilSo(() => node.messages(PING).length > 0);
    const first = node.messages(PING)[0];
    node.until(node.now + 800).receive(A, { type: ACK, seqNo: first?.seqNo ?? 0, payload: null });
    node.until(node.now + 300);
    assert.equal(node.swim.statusOf(first?.node ?? ""), "alive");
    assert.equal(node.swim.counters.probesRescued, 1);
    assert.ok(!node.events.some((event) => event.type === "ping-answered"));
  });

  it("reaches every member within one round of the list", () => {
    const node = new LoneNode({ streamPings: false }, { gossipIntervalMs: 0 });
    for (let i = 2; i < 22; i++) node.receive(A, alive(`n${i}`, `10.0.1.${i}`));
    const probed = new Set<string>();
    // The list is shuffled between two rounds, so that a member may come last in one and first in the next.
    while (node.now < 2 * 20 * 1100) {
      node.clear().until(node.now + 100);
      for (const { seqNo, node: name } of node.messages(PING)) {
        probed.add(name);
        node.receive(A, { type: ACK, seqNo, payload: null });
      }
    }
    assert.equal(probed.size, 20);
  });

  it("accuses nobody for what the node itself slept through", () => {
    const node = new LoneNode({}, { gossipIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2"));
    node.untilSo(() => node.messages(PING).length > 0);
    const sent = node.messages(PING)[0];
    // The process is stopped for a minute; the ack waited in the socket and is read after the timer fires.
    node.now += 60_000;
    node.swim.advance(node.now, node);
    node.receive(A, { type: ACK, seqNo: sent?.seqNo ?? 0, payload: null });
    node.until(node.now + 400);
    assert.equal(node.swim.statusOf("a"), "alive");
    assert.equal(node.swim.counters.lateCalls, 1);
    assert.ok(node.events.some((event) => event.type === "notice" && event.notice.kind === "slow"));
  });
});

describe("a helper", () => {
  const request = {
    type: INDIRECT_PING,
    seqNo: 9,
    target: B.ip,
    port: B.port,
    node: "b",
    nack: true,
    sourceAddr: A.ip,
    sourcePort: A.port,
    sourceNode: "a",
  } as const;

  it("passes the target's ack on, without its payload", () => {
    const node = quiet().clear().receive(A, request);
    const [asked] = node.messages(PING);
    assert.equal(asked?.node, "b");
    node.receive(B, { type: ACK, seqNo: asked?.seqNo ?? 0, payload: Uint8Array.of(1) });
    assert.deepEqual(node.messages(ACK), [{ type: ACK, seqNo: 9, payload: null }]);
    node.until(2000);
    assert.deepEqual(node.messages(NACK), []);
  });

  it("says so when the target stays silent", () => {
    const node = quiet().clear().receive(A, request).until(499);
    assert.equal(node.messages(NACK).length, 0);
    assert.deepEqual(node.until(501).messages(NACK), [{ type: NACK, seqNo: 9 }]);
  });
});

describe("a node that slept", () => {
  it("gives what begins while its sockets drain no more time than anybody", () => {
    const node = new LoneNode({ streamPings: false }, { gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    for (let i = 2; i < 6; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    node.until(100).now = 3_600_000;
    // The first thing that it does awake is to read what lies in its sockets.
    node.receive(B, suspect("n2", "n3"), suspect("n2", "n4"), suspect("n2", "n5"));
    const { now } = node;
    assert.equal(node.until(now + 3900).swim.statusOf("n2"), "suspect");
    assert.equal(node.until(now + 4100).swim.statusOf("n2"), "failed");
    assert.equal(node.swim.counters.lateCalls, 1);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { URGENT } from "@hearsay/core";
import { RULES } from "@hearsay/core/internal";
import { Messaging } from "@hearsay/core/messaging";
import { ALIVE, type Alive, encodeMessage, SUSPECT, USER } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "../support/lone-node.ts";
import { suspect } from "../support/messages.ts";

const A = address("10.0.0.2");
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

/** A message with a field that nobody knows, so that it has this length; as it is for 0. */
function padded(message: Alive, length: number): Uint8Array {
  const plain = encodeMessage(message);
  if (length === 0) return plain;
  const head = [0xa1, 0x58, 0xc5];
  const pad = length - plain.length - head.length - 2;
  const bytes = new Uint8Array(length);
  bytes.set(plain);
  // The map behind the type has one entry more.
  bytes[1] = (bytes[1] ?? 0) + 1;
  bytes.set([...head, pad >> 8, pad & 255], plain.length);
  return bytes;
}

function learn(node: LoneNode, count: number, more: (i: number) => Partial<Alive> = () => ({})): LoneNode {
  for (let i = 2; i < count + 2; i++) {
    const host = `10.0.${i >> 8}.${i & 255}`;
    node.receive(address(host), alive(`n${i}`, host, 1, more(i)));
  }
  return node;
}

describe("how often a rumor is sent", () => {
  it("is counted as in a pool of ten where there are fewer, and by the logarithm from there on", () => {
    const limit = (members: number, rules = RULES.hearsay): number =>
      learn(new LoneNode({ rules }, STILL), members - 1).swim.transmitLimit;
    assert.deepEqual(
      [1, 2, 9, 10, 98, 99].map((members) => limit(members)),
      [8, 8, 8, 8, 8, 8],
    );
    assert.equal(limit(100), 12);
    assert.deepEqual(
      [1, 9, 10, 99].map((members) => limit(members, RULES.memberlist)),
      [4, 4, 8, 8],
    );
  });

  it("is what each rumor comes to, whether it leaves at once or on ticks", () => {
    for (const isEager of [true, false]) {
      const node = learn(new LoneNode({}, { ...STILL, gossipIntervalMs: 200 }), 30)
        .until(30_000)
        .clear();
      node.swim.broadcast(node.now, Uint8Array.of(7), { rumorClass: URGENT, isEager }, node);
      node.until(node.now + 20_000);
      assert.equal(node.messages(USER).length, 8);
    }
  });
});

describe("what only some understand", () => {
  it("is sent as often as in a pool of those alone", () => {
    const hooks = { understandsExtensions: (meta: Uint8Array): boolean => meta.length > 0 };
    const layer = new Messaging({ name: "self", bootId: new Uint8Array(8) });
    const node = new LoneNode({ hooks, meta: Uint8Array.of(1), layers: [layer] }, { ...STILL, gossipIntervalMs: 200 });
    learn(node, 150, (i) => ({ meta: i < 14 ? Uint8Array.of(1) : null })).until(60_000);
    assert.equal(node.clear().swim.transmitLimit, 12);
    layer.publish(node.now, "news", Uint8Array.of(1), URGENT, 0, node);
    assert.equal(node.until(node.now + 60_000).messages(USER).length, 8);
  });
});

describe("news", () => {
  it("goes on as it was received, with what newer nodes add, unless it has more than 1,024 bytes", () => {
    const relayed = (length: number): number[] => {
      const node = learn(new LoneNode({}, STILL), 5).until(10_000).clear();
      node.codec.begin();
      node.codec.add(padded(alive("new", "10.0.0.99"), length));
      node.swim.receive(node.now, A, node.codec.finish(false).slice(), node);
      node.until(node.now);
      const leaving = node.sent.filter(({ messages }) => messages.some((message) => message.type === ALIVE));
      assert.ok(leaving.length > 0);
      return [...new Set(leaving.map(({ bytes }) => bytes.length))];
    };
    const [plain = 0] = relayed(0);
    // With a checksum around it.
    assert.deepEqual(relayed(1024), [1024 + 5]);
    assert.deepEqual(relayed(1025), [plain]);
  });
});

describe("the eager lane", () => {
  /** A node without tokens, with these waiting: further news is kept for the next flush, up to a limit. */
  function empty(): LoneNode {
    const node = learn(new LoneNode({}, { ...STILL, eagerPacketsPerSecond: 1, eagerBurst: 4 }), 20);
    node.until(60_000);
    for (let i = 0; i < 2; i++) {
      node.swim.broadcast(node.now, Uint8Array.of(i), { rumorClass: URGENT }, node);
      node.until(node.now);
    }
    return node.clear();
  }

  it("has 64 rumors wait, and as many accusations; the rest waits for ticks", () => {
    const node = empty();
    const before = node.swim.counters.eagerFallbacks;
    // One waits already.
    for (let i = 0; i < 63; i++) node.swim.broadcast(node.now, Uint8Array.of(9, i), { rumorClass: URGENT }, node);
    assert.equal(node.swim.counters.eagerFallbacks, before);
    node.swim.broadcast(node.now, Uint8Array.of(9, 64), { rumorClass: URGENT }, node);
    assert.equal(node.swim.counters.eagerFallbacks, before + 1);
    node.receive(A, suspect("n5", "n6"));
    assert.equal(node.swim.counters.eagerFallbacks, before + 1, "accusations have a list of their own");
  });

  it("tells four members at the most, also where a rumor is sent more often", () => {
    const node = learn(new LoneNode({}, STILL), 1000).until(60_000).clear();
    assert.equal(node.swim.transmitLimit, 16);
    node.swim.broadcast(node.now, Uint8Array.of(1), { rumorClass: URGENT }, node);
    assert.equal(node.until(node.now).messages(USER).length, 4);
  });

  it("sends no rumor more often than it may be, though ticks have told it while it waited", () => {
    const config = { ...STILL, gossipIntervalMs: 200, eagerPacketsPerSecond: 11, eagerBurst: 4 };
    const node = learn(new LoneNode({}, config), 30).until(60_000);
    for (let i = 0; i < 20; i++) {
      node.until(node.now + 10_000).clear();
      // The first takes all tokens, so that the second waits through a tick or two.
      for (const part of [0, 1]) {
        node.swim.broadcast(node.now, Uint8Array.of(i, part), { rumorClass: URGENT }, node);
        node.until(node.now);
      }
      node.until(node.now + 5000);
      for (const part of [0, 1]) {
        assert.equal(node.messages(USER).filter(({ payload }) => payload[1] === part).length, 8, `${i} ${part}`);
      }
    }
  });

  it("keeps a quarter of its burst for accusations and refutations", () => {
    const node = learn(new LoneNode({}, { ...STILL, eagerPacketsPerSecond: 0.001, eagerBurst: 40 }), 30)
      .until(1e8)
      .clear();
    for (let i = 0; i < 20; i++) {
      node.swim.broadcast(node.now, Uint8Array.of(i), { rumorClass: URGENT }, node);
      node.until(node.now);
    }
    assert.equal(node.sent.length, 28, "seven times four, so that ten and a little are left");
    for (let i = 5; i < 12; i++) node.receive(A, suspect(`n${i}`, "n3")).until(node.now);
    assert.equal(node.sent.filter(({ messages }) => messages[0]?.type === SUSPECT).length, 12);
    assert.equal(node.sent.length, 40);
  });
});

describe("members between a node and its successor", () => {
  /** Who is always told at once, of sixty members of which some understand extensions. */
  function always(capable: (i: number) => boolean): string[] {
    const hooks = { understandsExtensions: (meta: Uint8Array): boolean => meta.length > 0 };
    const config = { ...STILL, eagerPacketsPerSecond: 1e5, eagerBurst: 1e4 };
    const node = new LoneNode({ hooks, meta: Uint8Array.of(1) }, config);
    learn(node, 60, (i) => ({ meta: capable(i) ? Uint8Array.of(1) : null })).until(60_000);
    const targets = Array.from({ length: 12 }, (_, i) => {
      node.clear().swim.broadcast(node.now, Uint8Array.of(i), { rumorClass: URGENT }, node);
      node.until(node.now + 1000);
      return node.sent.map(({ to }) => to);
    });
    assert.ok(targets.every((some) => some.length === 4));
    return targets[0]?.filter((to) => targets.every((others) => others.includes(to))) ?? [];
  }

  it("are told first, three of them, and the successor, where there is one; the rest is chance", () => {
    assert.equal(always((i) => i === 2).length, 4);
    assert.equal(always(() => false).length, 3);
    assert.equal(always(() => true).length, 1);
  });
});

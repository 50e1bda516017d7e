import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION, type SwimConfig, URGENT } from "@hearsay/core";
import { RULES } from "@hearsay/core/internal";
import { ALIVE, DEAD, type PacketMessage, PING, USER } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, state } from "./support/lone-node.ts";
import { dead } from "./support/messages.ts";

const A = address("10.0.0.2");
const PEER = address("10.9.9.9");
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

/** One node with the repairs of docs/design/decisions/0002-repairs.md, and one that does as the reference. */
function both<T>(what: (node: LoneNode) => T, config: Partial<SwimConfig> = {}): { ours: T; reference: T } {
  const by = (repairs: boolean): T =>
    what(new LoneNode({ streamPings: false, rules: { ...RULES.hearsay, repairs } }, { ...STILL, ...config }));
  return { ours: by(true), reference: by(false) };
}

/** Joins by a peer that answers with these entries. */
function joined(node: LoneNode, ...entries: readonly ReturnType<typeof entry>[]): LoneNode {
  node.swim.join(node.now, 1, [PEER], node);
  const message = state([entry("peer", "10.9.9.9"), ...entries], true);
  node.swim.exchangeDone(node.now, node.exchanges.pop()?.token ?? 0, { ok: true, message }, node);
  return node;
}

describe("without our repairs a node does as memberlist: it", () => {
  it("takes in an alive without versions", () => {
    const statuses = both((node) =>
      node.receive(A, alive("a", "10.0.0.2", 1, { vsn: new Uint8Array(0) })).swim.statusOf("a"),
    );
    assert.deepEqual(statuses, { ours: undefined, reference: "alive" });
  });

  it("files an alive of incarnation 0 as a dead member", () => {
    const statuses = both((node) => node.receive(A, alive("a", "10.0.0.2", 0)).swim.statusOf("a"));
    assert.deepEqual(statuses, { ours: "alive", reference: "failed" });
  });

  it("tells nobody who comes back that it was declared dead", () => {
    const told = both((node) => {
      node.receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
      return node.receive(A, alive("a", "10.0.0.2")).messages(DEAD).length;
    });
    assert.deepEqual(told, { ours: 1, reference: 0 });
  });

  it("stores whatever incarnation an accusation has", () => {
    const stored = both(
      (node) => node.receive(A, alive("a", "10.0.0.2"), dead("a", "b", 2 ** 32 - 1)).swim.member("a")?.incarnation,
    );
    assert.deepEqual(stored, { ours: 1, reference: 2 ** 32 - 1 });
  });

  it("takes the two forms of one IPv4 address for two", () => {
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 2);
    const conflicts = both((node) => {
      node.receive(A, alive("a", "10.0.0.2")).receive(A, alive("a", "10.0.0.2", 2, { addr: mapped }));
      return node.swim.counters.nameConflicts;
    });
    assert.deepEqual(conflicts, { ours: 0, reference: 1 });
  });

  it("doesn't ask whether the other one is there who has its name", () => {
    const asked = both((node) => {
      const { sent } = joined(node.clear(), entry("self", "10.0.0.77"));
      return sent.filter(({ to, messages: [first] }) => to === "10.0.0.77:7946" && first?.type === PING).length;
    });
    assert.deepEqual(asked, { ours: 1, reference: 0 });
  });

  it("doesn't notice that it was late", () => {
    const late = both((node) => {
      node.now = node.swim.nextDeadline() + 1000;
      node.swim.advance(node.now, node);
      return node.swim.counters.lateCalls;
    });
    assert.deepEqual(late, { ours: 1, reference: 0 });
  });

  it("looks for nobody whom it has lost", () => {
    const asked = both((node) => {
      node.receive(A, alive("a", "10.0.0.2"), dead("a", "b")).clear();
      return node.until(100_000).messages(PING).length > 0;
    });
    assert.deepEqual(asked, { ours: true, reference: false });
  });

  it("refuses a whole state for one entry", () => {
    const vsn = Uint8Array.of(1, 5, 9, 0, 0, 0);
    const learnt = both((node) =>
      joined(node, entry("a", "10.0.0.2"), entry("b", "10.0.0.3", { vsn })).swim.statusOf("a"),
    );
    assert.deepEqual(learnt, { ours: "alive", reference: undefined });
  });

  it("counts an entry that it can't take in as a message", () => {
    const vsn = Uint8Array.of(0, 5, 2, 0, 0, 0);
    const refused = both((node) => {
      const { entriesRefused, messagesRefused } = joined(node, entry("a", "10.0.0.2", { vsn })).swim.counters;
      return [entriesRefused, messagesRefused];
    });
    assert.deepEqual(refused, { ours: [1, 0], reference: [0, 1] });
  });

  it("tells a pool anew what it has just learnt from it", () => {
    const rumors = both((node) => {
      const members = Array.from({ length: 20 }, (_, i) => entry(`n${i}`, `10.0.1.${i}`));
      return joined(node, ...members).swim.occupancy.rumors;
    });
    assert.deepEqual(rumors, { ours: 1, reference: 22 });
  });
});

describe("without fair shares", () => {
  function sharing(fairShares: boolean, config: Partial<SwimConfig>): LoneNode {
    return new LoneNode({ rules: { ...RULES.hearsay, fairShares } }, { ...STILL, ...config });
  }

  it("nothing leaves before its tick", () => {
    const leavingAtOnce = (fairShares: boolean): number => {
      const node = sharing(fairShares, {}).receive(A, alive("a", "10.0.0.2")).until(10_000).clear();
      node.swim.broadcast(node.now, Uint8Array.of(1), { rumorClass: URGENT }, node);
      return node.until(node.now).messages(USER).length;
    };
    assert.deepEqual([leavingAtOnce(true), leavingAtOnce(false)], [1, 0]);
  });

  it("the application's messages wait until membership has no more to say", () => {
    const types = (fairShares: boolean): Set<PacketMessage["type"]> => {
      const node = sharing(fairShares, { gossipIntervalMs: 200, eagerPacketsPerSecond: 0 });
      node.swim.broadcast(0, new Uint8Array(100), { rumorClass: APPLICATION }, node);
      for (let i = 2; i < 100; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
      node.clear().untilSo(() => node.sent.length > 0);
      return new Set(node.sent.flatMap(({ messages }) => messages.map(({ type }) => type)));
    };
    assert.deepEqual([types(true), types(false)], [new Set([USER, ALIVE]), new Set([ALIVE])]);
  });
});

describe("without jitter", () => {
  it("ticks of gossip are equally far apart", () => {
    const rules = { ...RULES.hearsay, jitter: false };
    const node = new LoneNode({ rules }, { ...STILL, gossipIntervalMs: 200, eagerPacketsPerSecond: 0, gossipNodes: 1 });
    for (let i = 2; i < 12; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    const times = node
      .clear()
      .until(3000)
      .sent.map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
    assert.ok(gaps.length > 4 && gaps.every((gap) => gap === 200), gaps.join());
  });
});

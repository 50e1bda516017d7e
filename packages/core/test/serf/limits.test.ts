import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JUMP_ABSURD, QUERY_ACK, QUERY_NO_BROADCAST, RELAY, USER_EVENT } from "@hearsay/core/serf";
import { address } from "../support/lone-node.ts";
import { LoneSerf, query, serfAlive } from "../support/lone-serf.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");
const MIB = 2 ** 20;

/** Messages that fit one packet. */
const BATCH = 8;

function host(i: number): string {
  return `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

function event(lTime: number, name: string, payload: Uint8Array | null = null): Parameters<LoneSerf["hear"]>[0] {
  return { type: USER_EVENT, lTime, name, payload, coalesce: false };
}

describe("what Serf remembers", () => {
  it("of user events takes 64 bytes each besides name and payload, up to four mebibytes", () => {
    const node = new LoneSerf({ config: { userEventBytesMax: 9216 } });
    node.hear(event(1, "load")).hear(event(1, "load", new Uint8Array(10)));
    assert.equal(node.serf.occupancy.eventBytes, 2 * (64 + 4) + 10);
    const payload = new Uint8Array(1300);
    for (let i = 0; node.serf.counters.eventsForgotten === 0; i++) {
      assert.ok(i < 4000, "nothing is ever forgotten");
      assert.ok(node.serf.occupancy.eventBytes <= 4 * MIB);
      new DataView(payload.buffer).setUint32(0, i);
      node.hear(event(2 + (i >> 3), "big", payload)).clear();
    }
    // The oldest time is forgotten, with its eight events, and no more.
    assert.ok(node.serf.occupancy.eventBytes > 4 * MIB - 9 * (64 + 3 + 1300));
  });

  it("of intents about unknown members is the last 8,192", () => {
    const node = new LoneSerf();
    for (let i = 0; i < 8192; i++) node.hearLeave(`n${i}`, 5);
    assert.equal(node.serf.counters.recentIntentsDropped, 0);
    node.clear().hearLeave("one more", 5);
    assert.deepEqual([node.serf.occupancy.recentIntents, node.serf.counters.recentIntentsDropped], [8192, 1]);
    node.receive(A, serfAlive("n0", host(1)), serfAlive("n1", host(2)));
    assert.deepEqual(node.view(), ["n0 alive", "n1 leaving"]);
  });

  it("of members that are gone is the last 16,384", () => {
    const node = new LoneSerf({}, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0, rumorsMax: 16 });
    const names = Array.from({ length: 16_385 }, (_, i) => `n${i}`);
    for (let i = 0; i < names.length; i += BATCH) {
      const some = names.slice(i, i + BATCH);
      node.receive(A, ...some.map((name, j) => serfAlive(name, host(i + j))));
      node.receive(A, ...some.map((name) => dead(name, "b"))).clear();
    }
    assert.deepEqual([node.serf.gone.failed, node.serf.counters.membersForgotten], [16_384, 1]);
    assert.deepEqual(
      ["n0", "n1"].map((name) => node.serf.member(name)?.status),
      [undefined, "failed"],
    );
  });

  it("of queries is 1,024 of one time, and 4,096 that can be answered", () => {
    const node = new LoneSerf();
    const ask = (lTime: number, id: number): void => {
      node.hear(query(lTime, { id, flags: QUERY_NO_BROADCAST }));
    };
    for (let id = 0; id < 1025; id++) ask(1, id);
    assert.deepEqual([node.serf.occupancy.queriesOpen, node.serf.counters.queriesDuplicate], [1024, 1]);
    for (let i = 0; i < 4096; i++) ask(2 + (i >> 9), i);
    assert.equal(node.serf.occupancy.queriesOpen, 4096);
  });
});

describe("answers", () => {
  it("are 2,000 at once, and 2,000 a second from then on", () => {
    const node = new LoneSerf();
    let asked = 0;
    const flood = (): number => {
      node.clear();
      for (let i = 0; i < 5000; i++) {
        node.hear(query(1 + (asked >> 9), { id: asked++, flags: QUERY_ACK | QUERY_NO_BROADCAST, timeoutNs: 1e6 }));
      }
      return node.sent.length;
    };
    assert.equal(flood(), 2000);
    assert.equal(flood(), 0);
    assert.equal(node.until(500) && flood(), 1000);
    assert.equal(node.until(3500) && flood(), 2000);
  });

  it("are relayed by sixteen members at the most, whatever the query wants", () => {
    const node = new LoneSerf().with(...Array.from({ length: 40 }, (_, i) => `n${i}`));
    const relays = (relayFactor: number): number => {
      node.clear().hear(query(5 + relayFactor, { flags: QUERY_ACK | QUERY_NO_BROADCAST, relayFactor }));
      return node.saidTo().filter(({ message }) => message.type === RELAY).length;
    };
    assert.deepEqual([3, 16, 17, 39].map(relays), [3, 16, 16, 16]);
  });
});

describe("an absurd jump of a clock", () => {
  it("is reported once a minute at the most", () => {
    const node = new LoneSerf();
    const reports = (): number =>
      node.serfEvents.filter((told) => told.type === "notice" && told.notice.kind === "clock-jump").length;
    node.hearJoin("m", 2 * JUMP_ABSURD);
    assert.equal(reports(), 1);
    node.until(59_000).hearJoin("m", 4 * JUMP_ABSURD);
    assert.equal(reports(), 1);
    node.until(61_000).hearJoin("m", 6 * JUMP_ABSURD);
    assert.equal(reports(), 2);
  });
});

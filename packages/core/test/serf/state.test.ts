import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EVENT_SLOTS, encodeSerfMessage, JOIN, LEAVE, type SerfState, STATE, USER_EVENT } from "@hearsay/core/serf";
import { ACK } from "@hearsay/core/wire";
import { address, state as wholeState } from "../support/lone-node.ts";
import { LoneSerf } from "../support/lone-serf.ts";
import { dead, ping } from "../support/messages.ts";

const A = address("10.0.0.2");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function state(more: Partial<SerfState> = {}): SerfState {
  return {
    type: STATE,
    lTime: 1,
    eventLTime: 1,
    queryLTime: 1,
    statusLTimes: new Map(),
    leftMembers: [],
    events: [],
    ...more,
  };
}

function heard(node: LoneSerf): string[] {
  return node.serfEvents.flatMap((event) => (event.type === "user-event" ? [`${event.lTime} ${event.name}`] : []));
}

describe("what a node tells in a push/pull (section 13.1)", () => {
  it("is its clocks, the time of every member, who has left, and its events in all slots", () => {
    const node = new LoneSerf().with("m", "gone", "other").hearJoin("m", 4).hearLeave("gone", 6);
    node.receive(A, dead("gone", "gone"), dead("other", "m"));
    node.hear({ type: USER_EVENT, lTime: 600, name: "e", payload: bytes("x"), coalesce: true });
    const told = node.merge(state());
    assert.ok(told.type === STATE);
    assert.deepEqual([told.lTime, told.eventLTime, told.queryLTime], [7, 601, 1]);
    const times = new Map([
      ["gone", 6],
      ["m", 4],
      ["other", 0],
      ["self", 0],
    ]);
    for (const [name, time] of times) assert.equal(told.statusLTimes.get(name), time, name);
    assert.deepEqual(told.leftMembers, ["gone"]);
    assert.equal(told.events.length, EVENT_SLOTS);
    const used = told.events.flatMap((slot, index) => (slot === null ? [] : [[index, slot.lTime, slot.events.length]]));
    assert.deepEqual(used, [[600 % EVENT_SLOTS, 600, 1]]);
  });
});

describe("what a node makes of a peer's state (section 13.2)", () => {
  it("a member that left there is leaving here, with a later time than there", () => {
    const node = new LoneSerf().with("m", "other").hearJoin("m", 4).clear();
    node.merge(state({ statusLTimes: new Map([["m", 4]]), leftMembers: ["m"] }));
    assert.deepEqual(node.view().includes("m leaving"), true);
    const told = node.merge(state());
    assert.ok(told.type === STATE);
    assert.equal(told.statusLTimes.get("m"), 5);
  });

  it("a member that failed here and left there has left", () => {
    const node = new LoneSerf().with("m", "other").receive(A, dead("m", "other")).clear();
    node.merge(state({ statusLTimes: new Map([["m", 9]]), leftMembers: ["m"] }));
    assert.ok(node.changes().includes("left m"));
  });

  it("that this node has left is refuted", () => {
    const node = new LoneSerf().with("m");
    node.merge(state({ statusLTimes: new Map([["self", 30]]), leftMembers: ["self"] }));
    node.until(node.now);
    assert.deepEqual(
      node.told(JOIN).map(({ node: name, lTime }) => [name, lTime]),
      [["self", 32]],
    );
  });

  it("times of other members count as join intents, and none of it is passed on", () => {
    const node = new LoneSerf().with("m").hearLeave("m", 4).clear();
    node.merge(
      state({
        statusLTimes: new Map([
          ["m", 8],
          ["stranger", 3],
        ]),
      }),
    );
    assert.deepEqual(node.view(), ["m alive", "peer alive"]);
    assert.deepEqual([node.told(JOIN), node.told(LEAVE)], [[], []]);
    assert.equal(node.serf.occupancy.recentIntents, 1);
  });

  it("its events are heard, as not to be coalesced, and not passed on", () => {
    const node = new LoneSerf().with("m");
    const events = [
      null,
      {
        lTime: 5,
        events: [
          { name: "a", payload: bytes("1") },
          { name: "b", payload: null },
        ],
      },
      null,
    ];
    node.merge(state({ eventLTime: 6, events }));
    assert.deepEqual(heard(node), ["5 a", "5 b"]);
    assert.ok(node.serfEvents.every((event) => event.type !== "user-event" || !event.coalesce));
    assert.deepEqual(node.told(USER_EVENT), []);
    node.clear().merge(state({ eventLTime: 6, events }));
    assert.deepEqual(heard(node), []);
  });

  it("of a join that wants nothing from before, only later events are heard; of another all are", () => {
    for (const replays of [false, true]) {
      const node = new LoneSerf({}, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 });
      node.serf.join(node.now, 1, [A], replays, node);
      node.until(node.now);
      const events = [{ lTime: 5, events: [{ name: "old", payload: null }] }];
      node.merge(state({ eventLTime: 6, events }), true);
      assert.deepEqual(heard(node), replays ? ["5 old"] : []);
      node.hear({ type: USER_EVENT, lTime: 6, name: "new", payload: null, coalesce: false });
      assert.equal(heard(node).at(-1), "6 new");
    }
  });

  it("what can't be read is counted and changes nothing", () => {
    const node = new LoneSerf().with("m");
    for (const bad of [Uint8Array.of(2, 0xc1), Uint8Array.of(3, 0x80), Uint8Array.of(2)]) node.merge(bad);
    assert.equal(node.serf.counters.statesRefused, 3);
    assert.deepEqual(node.view(), ["m alive", "peer alive"]);
  });

  it("an application's own bytes are no state, and nothing at all is none either", () => {
    const node = new LoneSerf().with("m");
    node.merge(new Uint8Array(0));
    assert.equal(node.serf.counters.statesRefused, 0);
  });

  it("of thousands of members is merged in slices, between which the node answers pings, and whole in the end", () => {
    const node = new LoneSerf().with("m");
    const times = new Map(Array.from({ length: 7000 }, (_, i) => [`n${i}`, 1 + (i % 50)] as const));
    const events = [{ lTime: 900, events: [{ name: "last", payload: null }] }];
    node.swim.accept(
      node.now,
      99,
      A,
      wholeState([], false, encodeSerfMessage(state({ statusLTimes: times, events }))),
      node,
    );
    // No more than a turn merges, and no less.
    assert.equal(node.serf.occupancy.recentIntents, 2048);
    assert.deepEqual(heard(node), []);
    let turns = 0;
    for (; node.swim.nextDeadline() <= node.now; turns++) {
      node.clear().receive(A, ping("self", { seqNo: 1 + turns }));
      assert.equal(node.messages(ACK)[0]?.seqNo, 1 + turns);
      node.swim.advance(node.now, node);
    }
    assert.ok(turns >= 3, `${turns} turns`);
    assert.equal(node.serf.occupancy.recentIntents, 7000);
    assert.deepEqual(heard(node), ["900 last"]);
  });
});

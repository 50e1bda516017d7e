import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JUMP_ABSURD, LTIME_MAX, SERF_DEFAULTS, SERF_SETTINGS, STATE, USER_EVENT } from "@hearsay/core/serf";
import { LoneSerf, query } from "../support/lone-serf.ts";

function jumps(node: LoneSerf): string[] {
  return node.serfEvents.flatMap((event) =>
    event.type === "notice" && event.notice.kind === "clock-jump"
      ? [`${event.notice.clock} ${event.notice.from} ${event.notice.to}`]
      : [],
  );
}

const NOTHING = new Uint8Array(0);

describe("Serf's clocks (section 5)", () => {
  it("start at 1 and are moved by what they see, each by messages of its own", () => {
    const node = new LoneSerf();
    assert.deepEqual(node.serf.clocks, { clock: 1, eventClock: 1, queryClock: 1 });
    node.hearLeave("m", 9).hearJoin("m", 4);
    node.hear({ type: USER_EVENT, lTime: 19, name: "e", payload: null, coalesce: false });
    node.hear(query(29));
    assert.deepEqual(node.serf.clocks, { clock: 10, eventClock: 20, queryClock: 30 });
  });

  it("are moved by messages that are no news, or come too late", () => {
    const node = new LoneSerf({ clocks: { clock: 5, eventClock: 5, queryClock: 5 } });
    node.hear({ type: USER_EVENT, lTime: 600, name: "e", payload: null, coalesce: false }).hearLeave("self", 700);
    assert.equal(node.serf.clocks.eventClock, 601);
    assert.ok(node.serf.clocks.clock > 700);
  });

  it("see of a peer's state what the peer has seen", () => {
    const node = new LoneSerf().with("a");
    node.merge({
      type: STATE,
      lTime: 8,
      eventLTime: 0,
      queryLTime: 12,
      statusLTimes: new Map(),
      leftMembers: [],
      events: [],
    });
    assert.deepEqual(node.serf.clocks, { clock: 8, eventClock: 1, queryClock: 12 });
  });

  it("report absurd jumps, at most one a minute for each clock, and follow them as every node does", () => {
    const node = new LoneSerf().hearJoin("m", JUMP_ABSURD);
    assert.deepEqual(jumps(node), []);
    node.hearJoin("n", 3 * JUMP_ABSURD).hearJoin("o", 5 * JUMP_ABSURD);
    assert.deepEqual(jumps(node), [`member ${JUMP_ABSURD + 1} ${3 * JUMP_ABSURD}`]);
    assert.equal(node.serf.clocks.clock, 5 * JUMP_ABSURD + 1);
    node.until(61_000).hearJoin("p", 7 * JUMP_ABSURD);
    assert.equal(jumps(node).length, 2);
  });

  it("stay where they can't go on, and Serf works on", () => {
    const node = new LoneSerf().with("a").hear({
      type: USER_EVENT,
      lTime: LTIME_MAX,
      name: "e",
      payload: null,
      coalesce: false,
    });
    assert.equal(node.serf.clocks.eventClock, LTIME_MAX);
    assert.equal(node.serf.event(node.now, "f", NOTHING, false, node), LTIME_MAX);
    assert.equal(node.serf.event(node.now, "g", NOTHING, false, node), LTIME_MAX);
    assert.equal(node.serfEvents.filter(({ type }) => type === "user-event").length, 3);
  });
});

describe("Serf's settings (section 19)", () => {
  it("are the reference's, but for the work on filters, which has no limit there", () => {
    const { filterWorkMax, ...others } = SERF_DEFAULTS;
    assert.equal(filterWorkMax, 32_768);
    assert.deepEqual(others, {
      broadcastTimeoutMs: 5000,
      leavePropagateDelayMs: 1000,
      reapIntervalMs: 15_000,
      reconnectTimeoutMs: 24 * 3_600_000,
      tombstoneTimeoutMs: 24 * 3_600_000,
      recentIntentTimeoutMs: 300_000,
      eventBuffer: 512,
      queryBuffer: 512,
      queryTimeoutMult: 16,
      queryBytesMax: 1024,
      queryResponseBytesMax: 1024,
      userEventBytesMax: 512,
      conflictVote: true,
      coordinates: true,
    });
  });

  it("have bounds around their defaults, and say what they trade", () => {
    for (const { key, default: value, min, max, tradeOff } of SERF_SETTINGS) {
      assert.ok(min <= value && value <= max && tradeOff.length > 20, key);
    }
  });
});

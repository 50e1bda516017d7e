import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JOIN, LEAVE } from "@hearsay/core/serf";
import { address } from "../support/lone-node.ts";
import { LoneSerf, serfAlive } from "../support/lone-serf.ts";
import { dead, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");
const HOUR_MS = 3_600_000;

/** A node that knows `m` as alive, leaving, left or failed, from intents up to time 10. */
function knowing(status: "alive" | "leaving" | "left" | "failed"): LoneSerf {
  const node = new LoneSerf().with("m", "other").hearJoin("m", 9);
  if (status === "leaving" || status === "left") node.hearLeave("m", 10);
  if (status === "left") node.receive(A, dead("m", "m"));
  if (status === "failed") node.receive(A, dead("m", "other"));
  node.until(node.now);
  assert.deepEqual(node.view(), [`m ${status}`, "other alive"].sort());
  return node.clear();
}

describe("what membership reports becomes what Serf's rules make of it (section 6.1)", () => {
  it("a member that leaves after its intent has left, whoever says that it is dead", () => {
    for (const from of ["m", "other"]) {
      const node = knowing("leaving").receive(A, dead("m", from));
      assert.deepEqual(node.changes(), ["left m"]);
      assert.deepEqual(node.view(), ["m left", "other alive"]);
    }
  });

  it("a member that somebody else declares dead has failed, without an intent", () => {
    const node = knowing("alive").receive(A, dead("m", "other"));
    assert.deepEqual(node.changes(), ["failed m"]);
  });

  it("a member that says goodbye without an intent has left by our rules and failed by the reference's", () => {
    assert.deepEqual(knowing("alive").receive(A, dead("m", "m")).changes(), ["left m"]);
    const node = new LoneSerf({}, undefined, { rules: "memberlist" }).with("m", "other");
    assert.deepEqual(node.receive(A, dead("m", "m")).changes(), ["failed m"]);
  });

  it("a member that is gone is reported once", () => {
    const node = knowing("failed").receive(A, dead("m", "m"), dead("m", "other", 2));
    assert.deepEqual(node.changes(), []);
  });

  it("whoever was gone and comes back has joined, and counts as gone no more", () => {
    for (const status of ["left", "failed"] as const) {
      const node = knowing(status);
      assert.equal(node.serf.gone.failed + node.serf.gone.left, 1);
      node.until(node.now + 40_000).clear();
      node.receive(A, serfAlive("m", "10.0.1.1", 3));
      assert.deepEqual(node.changes(), ["joined m"], status);
      assert.deepEqual(node.serf.gone, { failed: 0, left: 0 });
      assert.deepEqual(node.view().includes("m alive"), true);
    }
  });

  it("a member with an intent from before it was known starts as that says", () => {
    const node = new LoneSerf().hearLeave("late", 7).hearJoin("early", 8).clear();
    node.receive(A, serfAlive("late", "10.0.1.1"), serfAlive("early", "10.0.1.2"));
    assert.deepEqual(node.view(), ["early alive", "late leaving"]);
    // Both have the times of their intents.
    node.until(node.now).clear().hearJoin("late", 7).hearLeave("early", 8);
    assert.deepEqual(node.view(), ["early alive", "late leaving"]);
    assert.equal(node.serf.counters.intentsStale, 2);
  });

  it("a suspect is shown as such, and as leaving while it leaves", () => {
    const node = knowing("alive").receive(A, suspect("m", "other"));
    assert.deepEqual(node.view(), ["m suspect", "other alive"]);
    assert.deepEqual(knowing("leaving").receive(A, suspect("m", "other")).view(), ["m leaving", "other alive"]);
  });

  it("new metadata is an update, of a member that is leaving too", () => {
    for (const status of ["alive", "leaving"] as const) {
      const node = knowing(status).receive(A, serfAlive("m", "10.0.1.1", 2, { meta: Uint8Array.of(255, 0x80) }));
      assert.deepEqual(node.changes(), ["updated m"]);
      assert.deepEqual(node.view(), [`m ${status}`, "other alive"]);
    }
  });
});

describe("a join intent (section 7.1)", () => {
  it("about a member is passed on if it is news, and only then", () => {
    const node = knowing("alive").hearJoin("m", 9);
    assert.deepEqual(node.told(JOIN), []);
    node.hearJoin("m", 11);
    assert.deepEqual(
      node.told(JOIN).map(({ node: name, lTime }) => [name, lTime]),
      [["m", 11]],
    );
    node.clear().hearJoin("m", 11);
    assert.deepEqual(node.told(JOIN), []);
  });

  it("takes back that a member is leaving, but not that it is gone", () => {
    const leaving = knowing("leaving").hearJoin("m", 11);
    assert.deepEqual(leaving.changes(), ["recovered m"]);
    assert.deepEqual(leaving.view(), ["m alive", "other alive"]);
    for (const status of ["left", "failed"] as const) {
      const node = knowing(status).hearJoin("m", 11);
      assert.deepEqual(node.changes(), []);
      assert.deepEqual(node.view(), [`m ${status}`, "other alive"].sort());
    }
  });

  it("about somebody unknown is kept and passed on if it is later than what is kept", () => {
    const node = new LoneSerf().with("a");
    for (const [lTime, isNews] of [
      [5, true],
      [5, false],
      [4, false],
      [6, true],
    ] as const) {
      node.clear().hearJoin("stranger", lTime);
      assert.equal(node.told(JOIN).length, isNews ? 1 : 0, `time ${lTime}`);
    }
    assert.equal(node.serf.occupancy.recentIntents, 1);
  });
});

describe("a leave intent (section 7.2)", () => {
  for (const [status, after, change, isPassedOn] of [
    ["alive", "leaving", ["leaving m"], true],
    ["leaving", "leaving", [], true],
    ["left", "left", [], true],
    ["failed", "left", ["left m"], true],
  ] as const) {
    it(`about a member that is ${status} makes it ${after}`, () => {
      const node = knowing(status).hearLeave("m", 11);
      assert.deepEqual(node.changes(), change);
      assert.deepEqual(node.view(), [`m ${after}`, "other alive"].sort());
      assert.equal(node.told(LEAVE).length, isPassedOn ? 1 : 0);
      // Once more it is no news.
      node.clear().hearLeave("m", 11);
      assert.deepEqual(node.changes(), []);
      assert.deepEqual(node.told(LEAVE), []);
    });

    it(`that prunes removes a member that is ${status}${status === "alive" || status === "leaving" ? " once it has gone" : ""}`, () => {
      const node = knowing(status).hearLeave("m", 11, true);
      if (after === "leaving") {
        assert.deepEqual(node.view(), ["m leaving", "other alive"]);
        node.receive(A, dead("m", "m"));
      }
      assert.deepEqual(node.view(), ["other alive"]);
      assert.equal(node.changes().at(-1), "reaped m");
      assert.equal(node.told(LEAVE)[0]?.prune, true);
    });
  }

  it("that is older than what is known of the member changes nothing", () => {
    const node = knowing("alive").hearLeave("m", 9);
    assert.deepEqual(node.changes(), []);
    assert.deepEqual(node.told(LEAVE), []);
  });

  it("about this node is answered with a join intent of a later time, and not passed on", () => {
    const node = new LoneSerf().with("a").hearLeave("self", 50);
    assert.deepEqual(node.told(LEAVE), []);
    assert.deepEqual(
      node.told(JOIN).map(({ node: name, lTime }) => [name, lTime]),
      [["self", 51]],
    );
    assert.equal(node.serf.member("self")?.status, "alive");
    assert.equal(node.serf.counters.leavesRefuted, 1);
  });

  it("about this node of the same time as its own join intent is refuted, and by the reference's rules stale", () => {
    for (const [rules, refuted] of [
      ["hearsay", 1],
      ["memberlist", 0],
    ] as const) {
      const node = new LoneSerf({}, undefined, { rules }).with("a").hearJoin("self", 8).clear().hearLeave("self", 8);
      assert.equal(node.serf.counters.leavesRefuted, refuted);
      node.hearLeave("self", 8);
      assert.equal(node.serf.counters.leavesRefuted, refuted);
    }
  });

  it("that prunes someone who takes it back and goes later leaves it in the list", () => {
    const node = knowing("alive").hearLeave("m", 11, true).hearJoin("m", 12).receive(A, dead("m", "other"));
    assert.deepEqual(node.view(), ["m failed", "other alive"]);
  });

  it("about somebody whose name fits no packet, or without a name, is refused", () => {
    const node = new LoneSerf().with("a").hearLeave("", 5).hearJoin("n".repeat(2000).slice(0, 900), 5);
    assert.equal(node.serf.counters.messagesRefused, 2);
    assert.equal(node.serf.occupancy.recentIntents, 0);
  });
});

describe("force-leave (section 8)", () => {
  it("has a failed member count as one that left, and tells everybody so", () => {
    const node = knowing("failed");
    node.serf.forceLeave(node.now, 7, "m", false, node);
    assert.ok(!node.events.some(({ type }) => type === "rumor-finished"));
    node.until(node.now);
    assert.deepEqual(node.view(), ["m left", "other alive"]);
    assert.deepEqual(
      node.told(LEAVE).map(({ node: name, prune }) => [name, prune]),
      [["m", false]],
    );
  });

  it("with prune forgets it", () => {
    const node = knowing("failed");
    node.serf.forceLeave(node.now, 0, "m", true, node);
    assert.deepEqual(node.view(), ["other alive"]);
  });

  it("works for names that nobody has, and where nobody is there to be told", () => {
    const node = new LoneSerf();
    node.serf.forceLeave(node.now, 7, "nobody", false, node);
    assert.deepEqual(node.events.at(-1), { type: "rumor-finished", token: 7 });
    assert.equal(node.serf.occupancy.recentIntents, 1);
  });

  it("of this node itself is refuted by it", () => {
    const node = new LoneSerf().with("a");
    node.serf.forceLeave(node.now, 0, "self", false, node);
    node.until(node.now);
    assert.equal(node.serf.member("self")?.status, "alive");
    assert.equal(node.told(JOIN).length, 1);
  });
});

describe("members that are gone (section 9)", () => {
  it("are remembered after membership has forgotten them, with their last record, until their time is over", () => {
    for (const [status, key] of [
      ["failed", "reconnectTimeoutMs"],
      ["left", "tombstoneTimeoutMs"],
    ] as const) {
      const timeouts = { reconnectTimeoutMs: 48 * HOUR_MS, tombstoneTimeoutMs: 48 * HOUR_MS, [key]: HOUR_MS };
      const config = {
        probeIntervalMs: 1000,
        gossipIntervalMs: 200,
        pushPullIntervalMs: 0,
        healIntervalMs: 100 * HOUR_MS,
      };
      const node = new LoneSerf({ config: timeouts }, config).with("m");
      if (status === "left") node.hearLeave("m", 10).receive(A, dead("m", "m"));
      else node.receive(A, dead("m", "other"));
      node.clear().until(node.now + HOUR_MS - 1000);
      assert.deepEqual(node.view(), [`m ${status}`]);
      assert.equal(node.swim.member("m"), undefined);
      assert.equal(node.serf.member("m")?.address.key, "10.0.1.1:7946");
      node.until(node.now + 20_000);
      assert.deepEqual(node.view(), []);
      assert.deepEqual(node.changes(), ["reaped m"]);
      assert.equal(node.serf.coordinate("m"), undefined);
    }
  });

  it("have their intents forgotten after five minutes", () => {
    const node = new LoneSerf().hearLeave("stranger", 7);
    node.until(299_000);
    assert.equal(node.serf.occupancy.recentIntents, 1);
    node.until(316_000);
    assert.equal(node.serf.occupancy.recentIntents, 0);
  });
});

describe("a member that was to leave and is still here", () => {
  it("counts as alive again after five farewells, and as failed if it dies then", () => {
    const node = knowing("leaving").until(54_000);
    assert.deepEqual(node.view(), ["m leaving", "other alive"]);
    node.until(75_000);
    assert.deepEqual(node.view(), ["m alive", "other alive"]);
    const [change] = node.events.filter((event) => event.type === "member" && event.kind === "recovered");
    assert.ok(change?.type === "member" && change.cause.kind === "stayed");
    node.clear().receive(A, dead("m", "other"));
    assert.deepEqual(node.changes(), ["failed m"]);
  });

  it("counts as leaving for ever by the reference's rules", () => {
    const node = new LoneSerf({}, undefined, { rules: "memberlist" }).with("m").hearLeave("m", 10);
    assert.deepEqual(node.until(3_600_000).view(), ["m leaving"]);
  });
});

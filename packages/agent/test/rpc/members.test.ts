import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Member } from "hearsay";
import { filteredMembers, rpcMember } from "../../dist/rpc/rpc-members.js";

const MEMBERS = 10_000;

/** What one turn of the loop has of all lists together, and what looking at a member costs at the least. */
const TURN_STEPS = 16_384;
const MEMBER_STEPS = 64;

const members: readonly Member[] = Array.from({ length: MEMBERS }, (_, i) => ({
  name: `web-${i}`,
  host: "10.0.0.1",
  port: 7946,
  address: "10.0.0.1:7946",
  meta: new Uint8Array(0),
  tags: { role: i % 2 === 0 ? "web" : "db" },
  incarnation: 1,
  status: i % 4 === 0 ? "dead" : "alive",
  sinceMs: 0,
  roundTripMs: null,
  isSelf: false,
  versions: [1, 5, 2, 2, 5, 4],
}));

describe("lists of members that match expressions", () => {
  it("are right of ten thousand, three at a time, and are made in many turns of the loop", async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const filters = [
      { Name: "web-[0-9]*7", Status: "", Tags: null },
      { Name: "", Status: "failed", Tags: null },
      { Name: "", Status: "alive", Tags: new Map([["role", "d."]]) },
    ];
    const found = await Promise.all(filters.map((filter) => filteredMembers(() => members, filter)));
    isOver = true;
    const counts = found.map((list) => (typeof list === "string" ? list : list.count));
    assert.deepEqual(counts, [MEMBERS / 10, MEMBERS / 4, MEMBERS / 2]);
    const atLeast = (filters.length * MEMBERS * MEMBER_STEPS) / TURN_STEPS;
    assert.ok(turns >= atLeast, `${turns} turns, and it takes ${atLeast}`);
  });

  it("are not made for those who have gone, before their turn or in the middle", async () => {
    let looks = 0;
    const filter = { Name: "web-[0-9]*7", Status: "", Tags: null };
    const asked = Array.from({ length: 300 }, () =>
      filteredMembers(
        () => members,
        filter,
        () => ++looks < 100,
      ),
    );
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(["unwanted"]));
    // Whoever was at work looked once a turn; each of the others looked once, when its place was free.
    assert.ok(looks <= 99 + asked.length, `${looks} looks`);
  });

  it("show a member as Serf's agents do", () => {
    const [first] = members;
    assert.ok(first);
    const { Name, Port, Status, Tags } = rpcMember(first);
    assert.deepEqual([Name, Port, Status, Tags], ["web-0", 7946, "failed", new Map([["role", "web"]])]);
  });
});

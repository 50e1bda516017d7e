import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Member } from "hearsay";
import { ByteBudget } from "../../../dist/faces/rpc/byte-budget.js";
import { filteredMembers, LISTS_MAX, rpcMember } from "../../../dist/faces/rpc/rpc-members.js";
import { MemberSearch } from "../../../dist/operations/member-search.js";

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
  status: i % 4 === 0 ? "failed" : "alive",
  sinceMs: 0,
  roundTripMs: null,
  isSelf: false,
  versions: [1, 5, 2, 2, 5, 4],
}));

/** A search among the first of them. */
function searchAmong(count: number): Parameters<typeof filteredMembers>[0] {
  const search = new MemberSearch((statuses) => {
    return members.slice(0, count).filter(({ status }) => statuses.includes(status));
  });
  return (filter, signal) => search.find(filter, signal);
}

const ASKER = { gone: new AbortController().signal, room: async () => {} };

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
    const search = searchAmong(MEMBERS);
    const found = await Promise.all(filters.map((filter) => filteredMembers(search, filter, ASKER)));
    isOver = true;
    const counts = found.map((list) => (typeof list === "string" ? list : list.count));
    assert.deepEqual(counts, [MEMBERS / 10, MEMBERS / 4, MEMBERS / 2]);
    const atLeast = (filters.length * MEMBERS * MEMBER_STEPS) / TURN_STEPS;
    assert.ok(turns >= atLeast, `${turns} turns, and it takes ${atLeast}`);
  });

  it("are begun only once there is room for them, for each when its turn has come", async () => {
    const budget = new ByteBudget(64_000, setImmediate);
    const account = budget.open();
    account.add(16_000);
    const room = (): Promise<void> => account.roomForAnswer(ASKER.gone, () => {});
    const filter = { Name: "", Status: "", Tags: null };
    let done = 0;
    const asked = Array.from({ length: LISTS_MAX + 1 }, () =>
      filteredMembers(searchAmong(10), filter, { gone: ASKER.gone, room }).then(() => done++),
    );
    await Promise.race([...asked, new Promise((resolve) => setImmediate(() => setImmediate(resolve)))]);
    const doneBefore = done;
    account.release(16_000);
    await Promise.all(asked);
    assert.deepEqual([doneBefore, done], [0, asked.length]);
  });

  it("are judged by the room that is left beside the lists before them", async () => {
    const budget = new ByteBudget(64_000, setImmediate);
    const account = budget.open();
    const heldAtAsk: number[] = [];
    const room = async (): Promise<void> => void heldAtAsk.push(budget.held);
    const filter = { Name: "", Status: "", Tags: null };
    await Promise.all(
      Array.from({ length: LISTS_MAX + 1 }, async () => {
        await filteredMembers(searchAmong(1), filter, { gone: ASKER.gone, room });
        // An answer goes through some hands before it is held.
        for (let i = 0; i < 10; i++) await Promise.resolve();
        account.add(1000);
      }),
    );
    assert.equal(heldAtAsk.length, LISTS_MAX + 1);
    assert.ok((heldAtAsk.at(-1) ?? 0) >= 1000, String(heldAtAsk));
  });

  it("are not made for those who have gone, before their turn or in the middle", async () => {
    const gone = new AbortController();
    let begun = 0;
    const filter = { Name: "web-[0-9]*7", Status: "", Tags: null };
    const room = async (): Promise<void> => void begun++;
    const search = searchAmong(MEMBERS);
    const asked = Array.from({ length: 300 }, () => filteredMembers(search, filter, { gone: gone.signal, room }));
    setImmediate(() => gone.abort());
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(["unwanted"]));
    assert.equal(begun, LISTS_MAX);
  });

  it("aren't made by an expression that is none, or costs too much, whatever it is for", async () => {
    const large = "(a{30}){30}(b{30}){30}";
    const outcomes = await Promise.all(
      ["(", large].flatMap((expression) => [
        filteredMembers(searchAmong(1), { Name: "", Status: expression, Tags: null }, ASKER),
        filteredMembers(searchAmong(1), { Name: expression, Status: "", Tags: null }, ASKER),
      ]),
    );
    assert.deepEqual(outcomes, ["invalid", "invalid", "too-costly", "too-costly"]);
  });

  it("show a member as Serf's agents do", () => {
    const [first] = members;
    assert.ok(first);
    const { Name, Port, Status, Tags } = rpcMember(first);
    assert.deepEqual([Name, Port, Status, Tags], ["web-0", 7946, "failed", new Map([["role", "web"]])]);
  });
});

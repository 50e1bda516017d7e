import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  MemberSearch,
  SEARCH_STEPS_MAX,
  type SearchFilter,
  SearchRefused,
} from "../../dist/operations/member-search.js";
import { member } from "../support.js";

const SIGNAL = new AbortController().signal;

/** Members whose names are so long that looking at all of them costs as much as a search may, or more. */
function longNames(count: number): MemberSearch {
  const members = Array.from({ length: count }, () => member("x".repeat(50_000)));
  return new MemberSearch(() => members);
}

async function countOf(search: MemberSearch, filter: SearchFilter, signal: AbortSignal = SIGNAL): Promise<number> {
  let count = 0;
  for await (const slice of search.find(filter, signal)) count += slice.length;
  return count;
}

const isTooCostly = (error: unknown): boolean => error instanceof SearchRefused && error.reason === "too-costly";

describe("a search among members", () => {
  it("may cost so much in all, however little each member does", async () => {
    // Ten states or more for each character.
    const filter = { name: "a.{0,3}b.{0,3}c" };
    const most = Math.floor(SEARCH_STEPS_MAX / (10 * 50_000));
    await assert.rejects(countOf(longNames(most + 1), filter), isTooCostly);
    assert.equal(await countOf(longNames(1), filter), 0);
  });

  it("may have so large an expression, and no larger one for each of its statuses or tags", async () => {
    const large = "(a{30}){30}(b{30}){30}";
    await assert.rejects(countOf(longNames(1), { name: large }), isTooCostly);
    await assert.rejects(countOf(longNames(1), { tags: new Map([["role", large]]) }), isTooCostly);
  });

  it("ends in the middle once nobody wants it any more", async () => {
    const gone = new AbortController();
    const members = Array.from({ length: 1000 }, (_, i) => member(`web-${i}`));
    let seen = 0;
    const reading = (async () => {
      for await (const slice of new MemberSearch(() => members).find({}, gone.signal)) {
        seen += slice.length;
        gone.abort(new Error("the reader has gone"));
      }
    })();
    await assert.rejects(reading, /the reader has gone/);
    assert.ok(seen > 0 && seen < members.length, String(seen));
  });
});

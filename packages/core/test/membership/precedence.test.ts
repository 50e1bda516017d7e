import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  INCARNATION_MAX,
  PLAUSIBLE_STEP,
  raisedIncarnation,
  refutingIncarnation,
  supersedes,
} from "@hearsay/core/internal";
import fc from "fast-check";

type Status = 0 | 1 | 2 | 3;
interface News {
  readonly status: Status;
  readonly incarnation: number;
}

const updates: News[] = [];
for (const status of [0, 1, 2] as const) {
  for (const incarnation of [1, 2, 3]) updates.push({ status, incarnation });
}

function apply(known: News, news: News): News {
  if (supersedes(known.status, known.incarnation, news.status, news.incarnation)) return news;
  // Admitted evidence that changes nothing still raises the incarnation.
  if (news.status !== 0 && news.incarnation > known.incarnation) return { ...known, incarnation: news.incarnation };
  return known;
}

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, i) => orders(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}

/**
 * Whether news supersedes what is known, by the news' incarnation: lower, the same, higher (docs/protocol/memberlist.md, 12.3 to
 * 12.5). Rows are what is known, columns the news: alive, suspect, dead, left.
 */
const TABLE: readonly (readonly string[])[] = [
  ["--x", "-xx", "-xx", "-xx"],
  ["--x", "---", "-xx", "-xx"],
  ["--x", "---", "---", "---"],
  ["--x", "---", "---", "---"],
];

describe("precedence", () => {
  it("is the specification's in each of its cells", () => {
    for (const [known, row] of TABLE.entries()) {
      for (const [news, cells] of row.entries()) {
        const found = [4, 5, 6].map((incarnation) => supersedes(known as Status, 5, news as Status, incarnation));
        assert.equal(found.map((isNews) => (isNews ? "x" : "-")).join(""), cells, `${news} over ${known}`);
      }
    }
  });

  it("lets any three updates end in the same incarnation and liveness in all their orders", () => {
    for (const a of updates) {
      for (const b of updates) {
        for (const c of updates) {
          const ends = orders([a, b, c]).map((order) => order.reduce(apply, { status: 0, incarnation: 1 }));
          const highest = Math.max(1, a.incarnation, b.incarnation, c.incarnation);
          for (const end of ends) assert.equal(end.incarnation, highest);
          const isAlive = ends.map((end) => end.status === 0);
          const evidence = [a, b, c].filter((news) => news.status !== 0 && news.incarnation === highest);
          // Alive wins only with an incarnation above all evidence; otherwise the member is under accusation.
          if (evidence.length > 0) assert.ok(isAlive.every((alive) => !alive));
          else assert.ok(isAlive.every((alive) => alive));
        }
      }
    }
  });

  it("never lets the same news change anything twice", () => {
    for (const known of updates) {
      for (const news of updates) {
        const once = apply(known, news);
        assert.deepEqual(apply(once, news), once);
      }
    }
  });

  it("brings a dead member back only with a strictly higher incarnation", () => {
    assert.ok(!supersedes(2, 5, 0, 5));
    assert.ok(supersedes(2, 5, 0, 6));
  });

  it("raises a stored incarnation by plausible evidence only, and never lowers it", () => {
    const incarnations = fc.integer({ min: 0, max: INCARNATION_MAX });
    fc.assert(
      fc.property(incarnations, incarnations, (known, evidence) => {
        const raised = raisedIncarnation(known, evidence);
        assert.ok(raised >= known);
        assert.ok(raised === known || (raised === evidence && evidence - known <= PLAUSIBLE_STEP));
      }),
    );
  });

  it("takes evidence up to 2^24 ahead for plausible, and leaves the incarnation as it is beyond", () => {
    assert.equal(raisedIncarnation(3, 3 + 2 ** 24), 3 + 2 ** 24);
    assert.equal(raisedIncarnation(3, 4 + 2 ** 24), 3);
  });

  it("refutes every accusation below the end of the counter with a higher incarnation, and then says so", () => {
    const incarnations = fc.integer({ min: 0, max: INCARNATION_MAX });
    fc.assert(
      fc.property(incarnations, incarnations, (own, accused) => {
        const answer = refutingIncarnation(own, accused);
        if (accused === INCARNATION_MAX) assert.equal(answer, null);
        else assert.ok(answer !== null && answer > accused && answer <= INCARNATION_MAX);
      }),
    );
  });
});

describe("the picture of a member's status in docs/design/low-level.md", () => {
  it("has an arrow for each change that news can make, and no other", () => {
    const page = readFileSync(new URL("../../../../docs/design/low-level.md", import.meta.url), "utf8");
    const drawn = page.matchAll(/^ {4}(\w+) --> (\w+): (\w+), (higher|same or higher)$/gm);
    const arrows = [...drawn].map(([, from, to, news, incarnation]) => `${from} ${to} ${news} ${incarnation}`);
    const statuses = ["alive", "suspect", "failed", "left"] as const;
    const messages = ["alive", "suspect", "dead", "left"] as const;
    const made = statuses.flatMap((known, from) =>
      messages.flatMap((news, to) => {
        const counts = (incarnation: number): boolean => supersedes(from as Status, 1, to as Status, incarnation);
        if (from === to || !counts(2)) return [];
        assert.equal(counts(0), false);
        return [`${known} ${statuses[to]} ${news} ${counts(1) ? "same or higher" : "higher"}`];
      }),
    );
    assert.equal(made.length, 8);
    assert.deepEqual(arrows.sort(), made.sort());
  });
});

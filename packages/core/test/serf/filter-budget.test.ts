import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashName } from "@hearsay/core/internal";
import { encodeFilter, QUERY, TAG_FILTER } from "@hearsay/core/serf";
import { LoneSerf, query } from "../support/lone-serf.ts";

const COST = 100;
const WORK_MAX = 1000;
const FILTERS = [encodeFilter({ type: TAG_FILTER, tag: "role", expression: "web" })];

/** A node whose expressions all match and cost 100 each, of a budget of 1,000. */
class Asked {
  readonly node = new LoneSerf({
    matcher: { isFound: (_expression, _text, spend) => spend(COST) },
    config: { filterWorkMax: WORK_MAX },
  }).with("a", "b");
  #lTime = 4;

  /** How many of so many queries of a member match. */
  matches(sourceNode: string, count: number): number {
    this.node.clear();
    for (let i = 0; i < count; i++) this.node.hear(query(this.#lTime++, { sourceNode, filters: FILTERS }));
    return this.node.serfEvents.filter(({ type }) => type === "query").length;
  }

  after(ms: number): this {
    this.node.until(this.node.now + ms);
    return this;
  }
}

describe("the work on the expressions of tag filters", () => {
  it("ends for one member at half of what all may cause, so that others are still answered", () => {
    const asked = new Asked();
    assert.equal(asked.matches("greedy", 20), 5);
    assert.equal(asked.matches("modest", 1), 1);
  });

  it("ends for all together, however many names those have who ask", () => {
    const asked = new Asked();
    let matched = 0;
    for (let i = 0; i < 100; i++) matched += asked.matches(`name-${i}`, 1);
    assert.equal(matched, WORK_MAX / COST);
  });

  it("comes back with time: all of it eight times a second, a member's part four times", () => {
    const asked = new Asked();
    asked.matches("greedy", 20);
    assert.equal(asked.after(49).matches("greedy", 20), 0);
    assert.equal(asked.after(1).matches("greedy", 20), 1);
    assert.equal(asked.after(250).matches("greedy", 20), 5);
    for (const name of ["greedy", "b", "c", "d"]) asked.matches(name, 20);
    assert.equal(asked.after(125).matches("e", 20) + asked.matches("f", 20), WORK_MAX / COST);
    assert.equal(asked.after(50).matches("g", 20), 4);
  });

  it("is counted for 256 parts of all names", () => {
    const names = Array.from({ length: 5000 }, (_, i) => `name ${i}`);
    const first = hashName("name 0");
    const sharing = names.find((name) => hashName(name) % 256 === first % 256 && hashName(name) % 768 !== first % 768);
    const apart = names.find((name) => hashName(name) % 85 === first % 85 && hashName(name) % 256 !== first % 256);
    for (const [name = "", left] of [
      [sharing, 0],
      [apart, 5],
    ] as const) {
      const asked = new Asked();
      assert.equal(asked.matches("name 0", 20), 5);
      assert.equal(asked.matches(name, 20), left);
    }
  });

  it("is refused, beyond that, in the count and a notice, and the query is passed on as others are", () => {
    const asked = new Asked();
    assert.equal(asked.matches("greedy", 6), 5);
    const { counters } = asked.node.serf;
    assert.deepEqual([counters.queries, counters.queriesFiltered, counters.filtersRefused], [6, 1, 1]);
    const notices = asked.node.serfEvents.flatMap((event) => (event.type === "notice" ? [event.notice] : []));
    assert.deepEqual(notices, [{ kind: "costly-filter", from: "greedy" }]);
    assert.equal(asked.node.told(QUERY).length, 6);
  });
});

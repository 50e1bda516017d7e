import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawScenario } from "@hearsay/testkit/cluster/scenario";
import { runSwarm, SwarmFailure } from "@hearsay/testkit/cluster/swarm";

/** Histories of one run of the tests. More: HEARSAY_SEEDS=5000. One of them alone: HEARSAY_SEED=17. */
const SEEDS = Number(process.env["HEARSAY_SEEDS"] ?? 40);
const ONLY = process.env["HEARSAY_SEED"];
const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONLY)];

describe("whatever goes wrong, and whatever the options", () => {
  it("invariants hold and views agree in the end", () => {
    let converged = 0;
    for (const seed of seeds) if (runSwarm(seed).convergedAfterMs !== null) converged++;
    assert.ok(ONLY !== undefined || converged > seeds.length / 2);
  });

  it("a seed is a history", () => {
    const [first, second] = [runSwarm(5), runSwarm(5)];
    assert.ok(first.datagrams > 0);
    assert.deepEqual(second, first);
  });

  it("the scenarios differ in every option and use every fault", () => {
    const drawn = Array.from({ length: 200 }, (_, seed) => drawScenario(seed));
    const distinct = (pick: (scenario: (typeof drawn)[number]) => unknown): number => new Set(drawn.map(pick)).size;
    assert.equal(
      distinct(({ nodes }) => nodes),
      13,
    );
    assert.equal(
      distinct(({ rules }) => rules),
      2,
    );
    assert.equal(
      distinct(({ views }) => views),
      2,
    );
    assert.equal(
      distinct(({ network }) => network.loss),
      4,
    );
    assert.equal(new Set(drawn.flatMap(({ faults }) => faults.map(({ name }) => name))).size, 12);
  });

  it("a failure says how to see it again", () => {
    const failure = new SwarmFailure(drawScenario(17), new Error("views differ"));
    assert.match(failure.message, /views differ\nscenario: \{"seed":17,.*\nto see it again: HEARSAY_SEED=17$/);
  });
});

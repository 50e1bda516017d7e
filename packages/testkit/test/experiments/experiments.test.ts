import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { documentation } from "@hearsay/testkit/experiments/documentation";
import { finding, sketched, within } from "@hearsay/testkit/experiments/finding";
import { EXPERIMENTS } from "@hearsay/testkit/experiments/index";
import { serfModelMs } from "@hearsay/testkit/experiments/serf-model";
import { mean, median, quantile } from "@hearsay/testkit/experiments/statistics";
import { stormResults } from "@hearsay/testkit/experiments/storm-results";
import { markdownTable, textTable } from "@hearsay/testkit/experiments/table";

/** Runs an experiment's quick form. Every row that promises something must keep it; by the shipped rules some must. */
async function judge(id: string): Promise<void> {
  const experiment = EXPERIMENTS.find((candidate) => candidate.id === id);
  assert.ok(experiment !== undefined, `there is no experiment ${id}`);
  const findings = await experiment.run("quick");
  const shipped = findings.filter(
    ({ rules, expected }) => (rules === "hearsay" || rules === "serf") && expected !== null,
  );
  assert.ok(shipped.length > 0, "nothing is expected of the rules that are shipped");
  const failed = findings.filter(({ isPassed }) => !isPassed);
  assert.equal(failed.length, 0, `\n${textTable(failed)}`);
}

describe("the papers' experiments, in their quick form", () => {
  it("E1: a crash is first noticed after about two periods, in pools of 8 and of 56 alike", () => judge("E1"));

  it("E1b: somebody's turn for a crashed member comes within one period on average, and within 2N-1 always", () =>
    judge("E1b"));

  it("E2: a node sends two datagrams a period while nothing happens, in pools of 10 and of 100 alike", () =>
    judge("E2"));

  it("E3: loss makes a probe fail as seldom as both the direct path and all helpers lose a packet", () => judge("E3"));

  it("E5: a message reaches 100 nodes within milliseconds, and by the next ticks where half of all packets are lost", () =>
    judge("E5"));

  it("E6: whom gossip leaves out where half of all packets are lost, push/pull tells within two periods", () =>
    judge("E6"));

  it("E7: a crashed member is dead to all after two periods and the least suspicion, in pools of 10 to 100", () =>
    judge("E7"));

  it("E16: coordinates find the places of nodes as well as the reference's do", () => judge("E16"));

  it("E20: a storm of events, arrivals and departures holds up no detection, and every event gets through", () =>
    judge("E20"));

  it("are all here, each as a test of its own", () => {
    const source = readFileSync(new URL("../../test/experiments/experiments.test.ts", import.meta.url), "utf8");
    for (const { id } of EXPERIMENTS) assert.ok(source.includes(`judge("${id}")`), id);
  });
});

describe("storms in threads of their own", () => {
  const small = { nodes: 12, rules: "hearsay", isStormy: false, stormMs: 3000 } as const;

  it("come back in the order given, each with what its seed makes of it", async () => {
    const [first, second, again] = await stormResults([1, 2, 1].map((seed) => ({ ...small, seed })));
    assert.deepEqual(again, first);
    assert.notDeepEqual(second, first);
  });

  it("fail by name when one of them does", async () => {
    await assert.rejects(stormResults([{ ...small, seed: 1, nodes: -1 }]), /the storm \{.*"nodes":-1.*\} failed/);
  });
});

describe("Serf's model of convergence", () => {
  it("gives the times of the published chart", () => {
    const chart: readonly (readonly [number, number, number, number])[] = [
      [30, 0, 0.5, 600],
      [30, 0, 0.9999, 1800],
      [100, 0, 0.99, 1400],
      [1000, 0, 0.9, 1400],
      [1000, 0.25, 0.9999, 3000],
      [1000, 0.5, 0.99, 3200],
      [10_000, 0, 0.9999, 2600],
      [100_000, 0, 0.5, 1600],
    ];
    for (const [nodes, loss, share, expected] of chart) {
      assert.ok(Math.abs(serfModelMs(nodes, loss, share) - expected) < 1, `N=${nodes}, loss ${loss}, share ${share}`);
    }
  });
});

describe("a finding", () => {
  const measured = { setting: "N=8", rules: "swim", metric: "periods", samples: [1, 2, 6], runs: "3 seeds" };

  it("passes inside its band and fails outside", () => {
    assert.equal(finding({ ...measured, found: 1.05, expected: within(1, 0.1, "paper") }).isPassed, true);
    assert.equal(finding({ ...measured, found: 1.15, expected: within(1, 0.1, "paper") }).isPassed, false);
    assert.equal(finding({ ...measured, found: Number.NaN, expected: within(1, 0.1, "paper") }).isPassed, false);
  });

  it("fails if its limit does not hold in every run", () => {
    assert.equal(finding({ ...measured, found: 1, limit: { text: "6 < 5", holds: false } }).isPassed, false);
  });

  it("shows what a corrected sketch had", () => {
    const row = finding({ ...measured, found: 2, expected: sketched(2, 0.1, 3) });
    assert.match(
      markdownTable([row]),
      /\| 2\.00 \(1\.80 to 2\.20\), sketch, re-measured 3\.00 \| 2\.00 \| 1\.00 to 6\.00 \|/,
    );
  });

  it("stands in the documentation under its experiment, beside what others found before", () => {
    const [experiment] = EXPERIMENTS;
    assert.ok(experiment !== undefined);
    const former = `introduction\n\n## E0: gone\n\n## ${experiment.id}: former\n\nold\n\n## E5: kept\n\nas it was\n`;
    const section = { experiment, findings: [finding({ ...measured, found: 2 })], made: "Found today." };
    const page = documentation(["E5", experiment.id], [section], former);
    assert.ok(page.includes(`## ${experiment.id}: ${experiment.title}`));
    assert.ok(page.includes("\n\nFound today.\n"));
    assert.match(page, /\n## E5: kept\n\nas it was\n\n## E1:/);
    assert.doesNotMatch(page, /gone|former|old\n/);
    assert.ok(page.includes("| shown |"));
  });
});

describe("statistics of samples", () => {
  it("have the middle, the mean and the ranks", () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(mean([1, 2, 6]), 3);
    assert.equal(quantile([4, 3, 2, 1], 0.5), 2);
    assert.equal(quantile([4, 3, 2, 1], 1), 4);
  });
});

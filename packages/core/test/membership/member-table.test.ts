import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText, Sfc32 } from "@hearsay/core";
import { type MemberRecord, MemberTable, memberRecord, Selection } from "@hearsay/core/internal";
import fc from "fast-check";

const EMPTY = new Uint8Array(0);

function record(name: string): MemberRecord {
  const address = addressFromText("10.0.0.1", 7946);
  assert.ok(address);
  return memberRecord(name, address, EMPTY, EMPTY, true);
}

type Step = { readonly name: string; readonly status: 0 | 1 | 2 | 3 } | "reap";

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ name: fc.constantFrom(..."abcdefghijklmnop"), status: fc.constantFrom(0, 1, 2, 3) }),
  },
  { weight: 1, arbitrary: fc.constant("reap" as const) },
);

/** Drives the table and a plain map side by side. */
function run(steps: readonly Step[]): { table: MemberTable; model: Map<string, number> } {
  const table = new MemberTable(new Sfc32(1));
  const model = new Map<string, number>();
  table.add(record("self"), 0, 1, 0);
  model.set("self", 0);
  for (const now of steps.keys()) {
    const step = steps[now];
    if (step === undefined) continue;
    if (step === "reap") {
      table.reap(Number.POSITIVE_INFINITY, table.find("self"), (slot) => model.delete(table.record(slot).name));
    } else {
      const slot = table.find(step.name);
      if (slot < 0) table.add(record(step.name), step.status, 1, now);
      else table.setStatus(slot, step.status, now);
      model.set(step.name, step.status);
    }
  }
  return { table, model };
}

describe("the member table", () => {
  it("agrees with a plain map about every member and every status", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { table, model } = run(steps);
        assert.equal(table.size, model.size);
        for (const [name, status] of model) assert.equal(table.status(table.find(name)), status);
        for (const name of "abcdefghijklmnopq") assert.equal(table.find(name) >= 0, model.has(name));
        const statuses = [...model.values()];
        for (const status of [0, 1, 2, 3] as const) {
          assert.equal(table.count(status), statuses.filter((other) => other === status).length);
        }
      }),
    );
  });

  it("keeps its list sorted by status, each member once, and the probe order a permutation", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { table, model } = run(steps);
        const places = [...model.keys()].map((_, place) => table.at(place));
        assert.equal(new Set(places).size, model.size);
        const statuses = places.map((slot) => table.status(slot));
        assert.deepEqual(statuses, [...statuses].sort());
        const probed = [...model.keys()].map((_, position) => table.probeAt(position));
        assert.deepEqual([...probed].sort(), [...places].sort());
      }),
    );
  });

  it("chooses each eligible member about equally often, and never another", () => {
    const table = new MemberTable(new Sfc32(7));
    for (let i = 0; i < 60; i++) table.add(record(`n${i}`), i < 50 ? 0 : 2, 1, 0);
    const selection = new Selection(table, new Sfc32(8));
    const self = table.find("n0");
    const counts = new Map<string, number>();
    const rounds = 10_000;
    for (let round = 0; round < rounds; round++) {
      const count = selection.alive(3, self);
      assert.equal(count, 3);
      const chosen = new Set(selection.chosen.subarray(0, count));
      assert.equal(chosen.size, 3);
      for (const slot of chosen) {
        const { name } = table.record(slot);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    assert.equal(counts.size, 49);
    assert.ok(!counts.has("n0"));
    const expected = (3 * rounds) / 49;
    for (const [name, count] of counts)
      assert.ok(Math.abs(count / expected - 1) < 0.2, `${name} chosen ${count} times`);
  });

  it("offers every other member of a small view when asked for more than there are", () => {
    const table = new MemberTable(new Sfc32(7));
    for (let i = 0; i < 4; i++) table.add(record(`n${i}`), 0, 1, 0);
    const selection = new Selection(table, new Sfc32(8));
    assert.equal(selection.alive(10, table.find("n0")), 3);
  });
});

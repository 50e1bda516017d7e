import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CauseReport } from "../../dist/demo/reports.js";
import { causeText, listText, spanText } from "../../dist/demo/words.js";

const BASE: CauseReport = {
  kind: "announced",
  atMs: 0,
  incarnation: 1,
  by: "node-2",
  path: "packet",
  from: "127.0.0.1:7002",
  probe: null,
  accusers: [],
};

const NAMES = new Map([
  ["127.0.0.1:7002", "node-2"],
  ["127.0.0.1:7003", "node-3"],
]);

function text(parts: Partial<CauseReport>): string {
  return causeText({ ...BASE, ...parts }, (address) => NAMES.get(address) ?? null);
}

describe("the demo's words", () => {
  it("say who accused and through whom the news came", () => {
    assert.equal(text({ kind: "accused" }), "accused by node-2 (gossip)");
    assert.equal(text({ kind: "accused", from: "127.0.0.1:7003" }), "accused by node-2 (gossip through node-3)");
    assert.equal(text({ kind: "announced", path: "sync", from: "127.0.0.1:9" }), "it announced itself (push/pull)");
  });

  it("say how an own probe went, path by path", () => {
    const helpers = ["node-3", "node-4", "node-5"];
    const probe = { startedAtMs: 0, direct: "silent", helpers, nacks: 2, stream: "refused" } as const;
    assert.equal(
      text({ kind: "accused", path: "probe", from: null, probe }),
      "node-2's probe: no answer; node-3, node-4 and node-5 asked to try, 2 of them report no answer; TCP refused",
    );
  });

  it("name all accusers of a death", () => {
    const cause = { kind: "expired", path: "timer", from: null, accusers: ["node-1", "node-4"] } as const;
    assert.equal(text(cause), "nobody refuted in time; accused by node-1 and node-4");
    assert.equal(listText([]), "nobody");
  });

  it("give spans in the unit that reads best", () => {
    assert.deepEqual([0.44, 12.4, 999, 4210, 61_000, 5_400_000].map(spanText), [
      "0.4 ms",
      "12 ms",
      "999 ms",
      "4.2 s",
      "1 min",
      "1 h 30 min",
    ]);
  });
});

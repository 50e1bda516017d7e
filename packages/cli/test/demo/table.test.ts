import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { styleFor } from "../../dist/demo/style.js";
import { cut, type TableInput, tableLines } from "../../dist/demo/table.js";

const plain = styleFor(false, {});

const input: TableInput = {
  nodes: [
    { name: "node-1", address: "127.0.0.1:7001", process: "running" },
    { name: "node-2", address: "127.0.0.1:7002", process: "crashed" },
    { name: "node-3", address: null, process: "starting" },
  ],
  observer: {
    name: "node-1",
    view: {
      status: "joined",
      members: [
        row({ name: "node-1", isSelf: true, sinceMs: 1000 }),
        row({ name: "node-2", status: "suspect", incarnation: 7, roundTripMs: 0.52, sinceMs: 60_000 }),
      ],
    },
  },
  selected: 1,
  nowMs: 64_500,
};

function row(parts: object) {
  const some = { name: "", address: "127.0.0.1:7000", status: "alive", incarnation: 1, roundTripMs: null } as const;
  return { ...some, sinceMs: 0, isSelf: false, ...parts };
}

describe("the demo's table", () => {
  it("shows each member as the observer sees it, and each process as it is", () => {
    const [heads, first, second, third] = tableLines(input, 120, plain).map((line) => line.trim().split(/ {2,}/));
    assert.deepEqual(heads, ["name", "address", "process", "state", "incarnation", "round trip", "since"]);
    assert.deepEqual(first, ["1", "node-1", "127.0.0.1:7000", "running", "alive", "1", "self", "1 min"]);
    assert.deepEqual(second, [">2", "node-2", "127.0.0.1:7000", "crashed", "suspect", "7", "0.5 ms", "4 s"]);
    assert.deepEqual(third, ["3", "node-3", "-", "starting", "unknown"]);
  });

  it("fits any width", () => {
    for (const columns of [1, 20, 40, 79, 80]) {
      for (const line of tableLines(input, columns, plain)) assert.ok(line.length <= columns, `${columns}: ${line}`);
    }
    assert.equal(cut("abcdef", 4), "abc…");
  });

  it("has colours in a terminal, and none with NO_COLOR or without a terminal", () => {
    const isColoured = (isTerminal: boolean, env: NodeJS.ProcessEnv): boolean =>
      tableLines(input, 120, styleFor(isTerminal, env)).join("").includes("\x1b[");
    assert.equal(isColoured(true, {}), true);
    assert.equal(isColoured(true, { NO_COLOR: "" }), true);
    assert.equal(isColoured(true, { NO_COLOR: "1" }), false);
    assert.equal(isColoured(false, {}), false);
  });
});

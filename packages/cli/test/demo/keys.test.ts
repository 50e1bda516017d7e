import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { actionsOf, COMMANDS } from "../../dist/demo/keys.js";

describe("the demo's keys", () => {
  it("each command has a key of its own, in either case", () => {
    assert.equal(new Set(COMMANDS.map(({ key }) => key)).size, COMMANDS.length);
    for (const { key, command } of COMMANDS) {
      assert.deepEqual(actionsOf(key), [{ type: command }]);
      assert.deepEqual(actionsOf(key.toUpperCase()), [{ type: command }]);
    }
  });

  it("digits choose a node, and several keys may come at once", () => {
    assert.deepEqual(actionsOf("3cq"), [{ type: "select", index: 2 }, { type: "crash" }, { type: "quit" }]);
  });

  it("arrows move, in both forms that terminals send", () => {
    const moves = [
      { type: "move", by: -1 },
      { type: "move", by: 1 },
    ];
    assert.deepEqual(actionsOf("\x1b[A\x1b[B"), moves);
    assert.deepEqual(actionsOf("\x1bOA\x1bOB"), moves);
  });

  it("Ctrl-C quits", () => {
    assert.deepEqual(actionsOf("\x03"), [{ type: "quit" }]);
  });

  it("a special key is never taken for the letters that it is spelt with", () => {
    for (const special of ["\x1b[C", "\x1b[D", "\x1bOP", "\x1b[15~", "\x1b[1;5C", "\x1b", "\x1b["]) {
      assert.deepEqual(actionsOf(special), [], JSON.stringify(special));
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageOf } from "../../dist/base/message-of.js";

describe("the message of what was thrown", () => {
  it("is an error's own, or the value as text, and there is one for values that have none", () => {
    const unreadable = Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new Error("no");
      },
    });
    const thrown = [new Error("late"), "text", 5, undefined, Symbol("x"), Object.create(null), unreadable];
    assert.deepEqual(thrown.map(messageOf), [
      ...["late", "text", "5", "undefined", "Symbol(x)"],
      ...["something without a text was thrown", "something without a text was thrown"],
    ]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LogLevel, textLogger } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

function recorder(): { readonly lines: string[]; readonly write: (level: LogLevel, line: string) => void } {
  const lines: string[] = [];
  return { lines, write: (level, line) => lines.push(`${level}: ${line}`) };
}

describe("a logger of text", () => {
  it("hands each line on with its level, and its fields in logfmt", () => {
    const { lines, write } = recorder();
    const log = textLogger(write);
    log.debug("begins");
    log.info("has answered", { member: "a b", roundTripMs: 3 });
    log.warn("late", null);
    log.error(new Error("no way"));
    assert.deepEqual(lines, [
      "debug: begins",
      'info: has answered member="a b" roundTripMs=3',
      "warn: late",
      "error: Error: no way",
    ]);
  });

  it("makes one line of each, with nothing in it that a terminal obeys", () => {
    const { lines, write } = recorder();
    textLogger(write).warn("evil\nline", { member: "\u001b[2Jname\r" });
    assert.deepEqual(lines, ['warn: evil\\nline member="\\u001b[2Jname\\r"']);
  });

  it("gets a cluster's lines", async () => {
    const { lines, write } = recorder();
    const network = await testNetwork({ nodes: 2, seed: 1, options: { logger: textLogger(write) } });
    await network.until(() => network.converged());
    await network.close();
    assert.ok(
      lines.some((line) => /^info: member joined member=node-2 .*node=node-1$/.test(line)),
      lines.join("\n"),
    );
  });
});

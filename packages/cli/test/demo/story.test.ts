import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRunning } from "@hearsay/testkit/processes";
import { tellStory } from "../../dist/demo/story.js";
import { runCommand } from "../run-command.ts";

const STEPS = [
  "five nodes meet: each sees all five",
  "an urgent message from node-1 reaches the other four",
  "node-3 is killed: suspected, then failed",
  "node-3 is started again and rejoins",
  "node-4 is paused until it is suspected, and refutes when it goes on",
  "node-4 is paused until it has failed, and comes back when it goes on",
  "node-5 leaves: shown as left, never as failed",
];

describe("the demo's story", () => {
  it("comes true, step by step, on five real processes", async () => {
    const { code, stdout, stderr } = await runCommand(["dev", "--once"]);
    const steps = [...stdout.matchAll(/^(ok|FAILED|left out) +[\d.]+ m?s {2}(.*)$/gm)];
    assert.deepEqual(
      steps.map(([, result, title]) => `${result} ${title}`),
      STEPS.map((title) => `ok ${title}`),
      stdout + stderr,
    );
    assert.equal(code, 0);
    assert.match(stdout, /^ +node-\d explains:\n +\+0\.0 ms +(?:node-\d's probe: no answer|accused by node-\d)/m);
    assert.match(stdout, /^Everything came true, in [\d.]+ s\.$/m);
    assert.ok(!stdout.includes("\x1b"), "no colours without a terminal");
  });

  it("ends with what was expected and what was seen when a step doesn't come true", async () => {
    const lines: string[] = [];
    const options = { write: (line: string) => void lines.push(line), isTerminal: false, env: {}, limitMs: 1 };
    assert.equal(await tellStory(options, new AbortController().signal), false);
    const told = lines.join("\n");
    assert.match(told, /^FAILED +\d+ m?s {2}five nodes meet/m);
    assert.match(told, /^ +expected {2}five running nodes, each with five alive members$/m);
    assert.match(told, /^ +seen {6}node-5, (?:stopped|starting): sees nobody$/m);
    assert.doesNotMatch(told, /urgent message/, "no step follows one that failed");
  });

  it("a signal ends the command and every process that it started", async () => {
    let isKilled = false;
    const { code, stdout, stderr } = await runCommand(["dev", "--once"], (told, kill) => {
      if (isKilled || !told.includes("urgent message")) return;
      // Once: what it prints after the signal would otherwise bring another one, which ends it by itself.
      isKilled = true;
      kill("SIGTERM");
    });
    assert.equal(code, 143, stdout + stderr);
    const pids = [...stdout.matchAll(/process (\d+)$/gm)].map(([, pid]) => Number(pid));
    assert.equal(pids.length, 5);
    await until(() => pids.every((pid) => !isRunning(pid)));
  });
});

async function until(isTrue: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, "it should have come true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

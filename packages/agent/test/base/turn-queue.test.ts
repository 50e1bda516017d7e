import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TurnQueue } from "../../dist/base/turn-queue.js";

/** A queue with 10 units of work a turn, whose turns are taken by hand. */
function queue(): { readonly jobs: TurnQueue; readonly turn: () => void; readonly waiting: () => number } {
  const soon: (() => void)[] = [];
  const jobs = new TurnQueue((fn) => soon.push(fn), 10);
  const turn = (): void => {
    for (const fn of soon.splice(0)) fn();
  };
  return { jobs, turn, waiting: () => soon.length };
}

describe("jobs that share the turns of the loop", () => {
  it("are done in the order in which they came, so much of them a turn, and the last may go over", () => {
    const { jobs, turn, waiting } = queue();
    const done: string[] = [];
    for (const [name, work] of [
      ["a", 6],
      ["b", 6],
      ["c", 100],
      ["d", 1],
    ] as const)
      jobs.run(work, () => done.push(name));
    const after: string[] = [];
    while (waiting() > 0) {
      turn();
      after.push(done.join(""));
    }
    assert.deepEqual(after, ["ab", "abc", "abcd"]);
  });

  it("that come out of a job stand behind all others, and share what is left of the turn", () => {
    const { jobs, turn, waiting } = queue();
    const done: string[] = [];
    jobs.run(1, () => {
      done.push("a");
      jobs.run(1, () => done.push("c"));
    });
    jobs.run(1, () => done.push("b"));
    turn();
    assert.deepEqual([done.join(""), waiting()], ["abc", 0]);
    jobs.run(1, () => done.push("d"));
    assert.deepEqual([done.join(""), waiting()], ["abc", 1]);
    turn();
    assert.equal(done.join(""), "abcd");
  });
});

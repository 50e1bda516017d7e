/** Rules of push/pull, joins and healing. @type {readonly import("./index.mjs").Mutation[]} */
export const SYNC = [
  {
    name: "states are exchanged now and then",
    file: "packages/core/src/sync/push-pull.ts",
    find: "this.exchangeWithAny(input, () => {});\n  }",
    replace: "}",
    tests: ["packages/core/test/sync/periodic.test.ts"],
  },
  {
    name: "the periodic exchange comes again",
    file: "packages/core/src/sync/push-pull.ts",
    find: "deadlines.push(input.now + pushPullScaleMs(config.pushPullIntervalMs, table.size), PUSH_PULL_TICK);",
    replace: "void [deadlines, table];",
    tests: ["packages/core/test/sync/periodic.test.ts"],
  },
  {
    name: "what a state teaches is told on",
    file: "packages/core/src/sync/merge-queue.ts",
    find: "input.isTold = !job.isNewcomer;",
    replace: "input.isTold = false;",
    tests: ["packages/core/test/sync/periodic.test.ts"],
  },
  {
    name: "a peer's word of a death is a suspicion",
    file: "packages/core/src/sync/merge-queue.ts",
    find: "else if (node.state === STATE_DEAD || node.state === STATE_SUSPECT) {",
    replace:
      "else if (node.state === STATE_DEAD) membership.dead(input, { type: DEAD, node: name, incarnation, from });\n    else if (node.state === STATE_SUSPECT) {",
    tests: ["packages/core/test/membership/membership.test.ts"],
  },
  {
    name: "a state of another protocol stays out",
    file: "packages/core/src/sync/merge-queue.ts",
    find: "if (!(rules.repairs ? this.#goesWithUs(job) : isWholeStateCompatible(nodes ?? [], table))) {",
    replace: "if (false) {",
    tests: ["packages/core/test/sync/push-pull.test.ts", "packages/core/test/sync/merge-queue.test.ts"],
  },
  {
    name: "a large state is merged in slices",
    file: "packages/core/src/sync/merge-queue.ts",
    find: "for (let budget = ENTRIES_MERGED_PER_SLICE; budget > 0 && outcome === null; budget--) {",
    replace: "for (let budget = 1e9; budget > 0 && outcome === null; budget--) {",
    tests: ["packages/core/test/sync/push-pull.test.ts"],
  },
  {
    name: "after a join one more exchange follows",
    file: "packages/core/src/sync/resync.ts",
    find: "this.#roundsLeft = ROUNDS_MAX;\n    this.#armRound(input);",
    replace: "this.#roundsLeft = ROUNDS_MAX;",
    tests: ["packages/core/test/sync/resync.test.ts"],
  },
  {
    name: "lost members are looked for",
    file: "packages/core/src/sync/heal.ts",
    find: "if (isThere) pushPull.exchange(answered, record.address, false, () => {});",
    replace: "",
    tests: ["packages/core/test/sync/heal.test.ts"],
  },
  {
    name: "whoever left is not looked for",
    file: "packages/core/src/sync/heal.ts",
    find: "forget(name: string): void {\n    this.#lost.delete(name);",
    replace: "forget(name: string): void {\n    void name;",
    tests: ["packages/core/test/serf/lost.test.ts"],
  },
];

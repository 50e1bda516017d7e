import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText, type JoinFinished, Sfc32 } from "@hearsay/core";
import { FormerMembers } from "../../dist/runtime/former-members.js";
import { SeedKeeper, type SeedKeeperParts } from "../../dist/runtime/seed-keeper.js";

const SEED = addressFromText("10.0.0.1", 7946) ?? assert.fail();
/** Of the first join of a keeper. */
const TOKEN = 1;

/** A keeper without targets of its own; `cancelled` are the joins that it called off. */
function seedKeeper(parts: Partial<SeedKeeperParts>): { readonly keeper: SeedKeeper; readonly cancelled: number[] } {
  const cancelled: number[] = [];
  const keeper = new SeedKeeper({
    targets: [],
    resolve: async () => [SEED],
    clock: { now: () => 0, wallNow: () => 0, soon: () => {}, after: () => () => {} },
    random: new Sfc32(1),
    healIntervalMs: 1000,
    join: () => true,
    cancelJoin: (token) => cancelled.push(token),
    former: new FormerMembers(new Map(), 0, new Sfc32(1)),
    isKnown: () => false,
    onForgotten: () => {},
    own: new Set(),
    reached: () => new Set(),
    onReport: () => {},
    ...parts,
  });
  return { keeper, cancelled };
}

describe("a join", () => {
  it("ends even if starting it is what ends everything", { timeout: 60_000 }, async () => {
    const { keeper, cancelled } = seedKeeper({
      // As a logger of the application's does that leaves at the first warning.
      join: () => {
        keeper.stop();
        return true;
      },
    });
    assert.deepEqual(await keeper.join(["10.0.0.1"], null), { contacted: 0, failures: [] });
    assert.deepEqual(cancelled, [TOKEN]);
  });

  it("is not begun any more by a node that leaves, though the name was being looked up", async () => {
    let isFound = (): void => {};
    let begun = 0;
    const { keeper } = seedKeeper({
      resolve: () =>
        new Promise((resolve) => {
          isFound = () => resolve([SEED]);
        }),
      join: () => {
        begun++;
        return false;
      },
    });
    const joined = keeper.join(["seed.example"], null);
    keeper.pause();
    isFound();
    assert.deepEqual(await joined, { contacted: 0, failures: [] });
    assert.equal(begun, 0);
  });

  it("that a leaving node did not begin says nothing of who is there", async () => {
    const reports: unknown[] = [];
    let isFound = (): void => {};
    const { keeper } = seedKeeper({
      targets: ["seed.example"],
      resolve: () =>
        new Promise((resolve) => {
          isFound = () => resolve([SEED]);
        }),
      onReport: (report) => reports.push(report),
    });
    keeper.start();
    keeper.pause();
    isFound();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(reports, [null]);
  });

  it("that fails tells what the peer says in one line, in which nothing reaches the terminal", async () => {
    const detail = "versions of evil\n==> all is well\u001b[2J do not go with ours";
    const finished: JoinFinished = {
      type: "join-finished",
      token: TOKEN,
      contacted: 0,
      failures: [{ target: SEED, reason: "protocol-mismatch", detail }],
    };
    const { keeper } = seedKeeper({
      join: () => {
        keeper.finished(finished);
        return true;
      },
    });
    const { failures } = await keeper.join(["10.0.0.1"], null);
    assert.deepEqual(
      failures.map((failure) => failure.detail),
      ["versions of evil\\n==> all is well\\u001b[2J do not go with ours"],
    );
  });
});

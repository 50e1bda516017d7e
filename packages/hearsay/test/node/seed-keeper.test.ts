import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText, Sfc32 } from "@hearsay/core";
import { FormerMembers } from "../../dist/node/former-members.js";
import { SeedKeeper } from "../../dist/node/seed-keeper.js";

describe("a join", () => {
  it("ends even if starting it is what ends everything", { timeout: 60_000 }, async () => {
    const seed = addressFromText("10.0.0.1", 7946) ?? assert.fail();
    const cancelled: number[] = [];
    const keeper: SeedKeeper = new SeedKeeper({
      targets: [],
      resolve: async () => [seed],
      clock: { now: () => 0, wallNow: () => 0, soon: () => {}, after: () => () => {} },
      random: new Sfc32(1),
      healIntervalMs: 1000,
      // As a logger of the application's does that leaves at the first warning.
      join: () => {
        keeper.stop();
        return 7;
      },
      cancelJoin: (token) => cancelled.push(token),
      former: new FormerMembers(new Map(), 0, new Sfc32(1)),
      isKnown: () => false,
      onForgotten: () => {},
      own: new Set(),
      reached: () => new Set(),
      onReport: () => {},
    });
    assert.deepEqual(await keeper.join(["10.0.0.1"]), { contacted: 0, failures: [] });
    assert.deepEqual(cancelled, [7]);
  });
});

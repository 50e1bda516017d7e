import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { address } from "../support/lone-node.ts";
import { LoneSerf, serfAlive } from "../support/lone-serf.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");

describe("a lost member", () => {
  it("is not looked for any more once somebody has it count as one that left", () => {
    const node = new LoneSerf({}, { gossipIntervalMs: 0, pushPullIntervalMs: 0 }, { streamPings: false });
    node.receive(A, serfAlive("a", "10.0.0.2"), dead("a", "b")).until(60_000);
    assert.equal(node.swim.occupancy.lost, 1);
    node.hearLeave("a", 9);
    assert.equal(node.swim.occupancy.lost, 0);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PING } from "@hearsay/core/wire";
import { address } from "../support/lone-node.ts";
import { LoneSerf, serfAlive } from "../support/lone-serf.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");
const HOUR_MS = 3_600_000;

describe("a lost member", () => {
  it("is not looked for any more once somebody has it count as one that left", () => {
    const node = new LoneSerf({}, { gossipIntervalMs: 0, pushPullIntervalMs: 0 }, { streamPings: false });
    node.receive(A, serfAlive("a", "10.0.0.2"), dead("a", "b")).until(60_000);
    assert.equal(node.swim.occupancy.lost, 1);
    node.hearLeave("a", 9);
    assert.equal(node.swim.occupancy.lost, 0);
  });

  it("is looked for as long as `reconnectTimeout` says, also for longer than a day, and then no more", () => {
    const config = { probeIntervalMs: 60_000, gossipIntervalMs: 0, pushPullIntervalMs: 0 };
    const node = new LoneSerf({ config: { reconnectTimeoutMs: 60 * HOUR_MS } }, config, { streamPings: false });
    node.receive(A, serfAlive("a", "10.0.0.2"), dead("a", "b")).until(59 * HOUR_MS);
    node.clear().until(59.9 * HOUR_MS);
    assert.ok(node.messages(PING).some((ping) => ping.node === "a"));
    assert.deepEqual(node.view(), ["a failed"]);
    node.until(60.1 * HOUR_MS);
    node.clear().until(62 * HOUR_MS);
    assert.deepEqual(node.messages(PING), []);
    assert.deepEqual(node.view(), []);
  });
});

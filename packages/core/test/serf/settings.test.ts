import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SERF_SETTINGS } from "@hearsay/core/serf";

const HOUR_MS = 3_600_000;
const YEAR_MS = 31_536_000_000;

describe("Serf's settings", () => {
  it("have bounds, and a user event never more than Serf allows", () => {
    const bounds = SERF_SETTINGS.map(({ key, min, max }) => [key, [min, max]]);
    assert.deepEqual(Object.fromEntries(bounds), {
      broadcastTimeoutMs: [0, HOUR_MS],
      leavePropagateDelayMs: [0, HOUR_MS],
      reapIntervalMs: [100, HOUR_MS],
      reconnectTimeoutMs: [0, YEAR_MS],
      tombstoneTimeoutMs: [0, YEAR_MS],
      recentIntentTimeoutMs: [0, HOUR_MS],
      eventBuffer: [1, 65_536],
      queryBuffer: [1, 65_536],
      queryTimeoutMult: [1, 1024],
      queryBytesMax: [64, 65_507],
      queryResponseBytesMax: [64, 65_507],
      userEventBytesMax: [64, 9216],
      filterWorkMax: [256, 1_048_576],
    });
  });
});

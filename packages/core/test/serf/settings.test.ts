import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SERF_DEFAULTS, SERF_SETTINGS } from "@hearsay/core/serf";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const YEAR_MS = 31_536_000_000;

describe("Serf's settings", () => {
  it("have Serf's own defaults, where Serf has them", () => {
    // docs/protocol/serf.md, section 19.
    const serf = {
      broadcastTimeoutMs: 5000,
      leavePropagateDelayMs: 1000,
      reapIntervalMs: 15_000,
      reconnectTimeoutMs: DAY_MS,
      tombstoneTimeoutMs: DAY_MS,
      recentIntentTimeoutMs: 300_000,
      eventBuffer: 512,
      queryBuffer: 512,
      queryTimeoutMult: 16,
      queryBytesMax: 1024,
      queryResponseBytesMax: 1024,
      userEventBytesMax: 512,
      conflictVote: true,
      coordinates: true,
    };
    assert.deepEqual(SERF_DEFAULTS, { ...serf, filterWorkMax: 32_768 });
  });

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

  it("have defaults within their bounds", () => {
    for (const { key, default: value, min, max } of SERF_SETTINGS) assert.ok(value >= min && value <= max, key);
  });
});

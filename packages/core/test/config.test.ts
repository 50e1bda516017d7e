import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Preset, presetConfig, resolveConfig, SETTINGS, type SwimConfig } from "@hearsay/core";

/** memberlist's profiles for one network, networks far apart and one machine (docs/protocol/memberlist.md, section 23). */
const MEMBERLIST: Readonly<Record<string, readonly [lan: number, wan: number, local: number]>> = {
  probeIntervalMs: [1000, 5000, 1000],
  probeTimeoutMs: [500, 3000, 200],
  indirectChecks: [3, 3, 1],
  suspicionMult: [4, 6, 3],
  suspicionMaxTimeoutMult: [6, 6, 6],
  awarenessMaxMult: [8, 8, 8],
  gossipIntervalMs: [200, 500, 100],
  gossipNodes: [3, 4, 3],
  gossipToTheDeadMs: [30_000, 60_000, 15_000],
  retransmitMult: [4, 4, 2],
  pushPullIntervalMs: [30_000, 60_000, 15_000],
  streamTimeoutMs: [10_000, 30_000, 1000],
};

/** What memberlist doesn't have, or has switched off. */
const OWN: typeof MEMBERLIST = {
  suspicionTimeoutMs: [0, 0, 0],
  deadNodeReclaimMs: [10_000, 10_000, 10_000],
  eagerPacketsPerSecond: [200, 200, 200],
  eagerBurst: [64, 64, 64],
  joinParallel: [16, 16, 16],
  healIntervalMs: [30_000, 60_000, 15_000],
  membersMax: [65_536, 65_536, 65_536],
  rumorsMax: [16_384, 16_384, 16_384],
};

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The least and the largest value of each setting, both allowed. */
const BOUNDS: Readonly<Record<keyof SwimConfig, readonly [min: number, max: number]>> = {
  probeIntervalMs: [0, HOUR_MS],
  probeTimeoutMs: [1, HOUR_MS],
  indirectChecks: [0, 32],
  suspicionMult: [1, 64],
  suspicionMaxTimeoutMult: [1, 64],
  suspicionTimeoutMs: [0, HOUR_MS],
  awarenessMaxMult: [1, 64],
  gossipIntervalMs: [0, HOUR_MS],
  gossipNodes: [0, 64],
  gossipToTheDeadMs: [0, DAY_MS],
  retransmitMult: [1, 64],
  pushPullIntervalMs: [0, DAY_MS],
  streamTimeoutMs: [1, HOUR_MS],
  deadNodeReclaimMs: [0, DAY_MS],
  eagerPacketsPerSecond: [0, 100_000],
  eagerBurst: [0, 10_000],
  joinParallel: [1, 1024],
  healIntervalMs: [100, HOUR_MS],
  membersMax: [1, 1_048_576],
  rumorsMax: [16, 1_048_576],
};

describe("the protocol's settings", () => {
  for (const [index, preset] of (["lan", "wan", "local"] satisfies Preset[]).entries()) {
    it(`${preset} has the values of memberlist's profile, and Hearsay's for what memberlist lacks`, () => {
      const expected = Object.entries({ ...MEMBERLIST, ...OWN }).map(([key, values]) => [key, values[index]]);
      assert.deepEqual(presetConfig(preset), Object.fromEntries(expected));
    });
  }

  it("take their least and largest values and nothing beyond", () => {
    assert.deepEqual(
      Object.keys(BOUNDS),
      SETTINGS.map(({ key }) => key),
    );
    for (const [key, [min, max]] of Object.entries(BOUNDS)) {
      for (const value of [min, max]) {
        assert.deepEqual(resolveConfig("lan", { [key]: value }), { ...presetConfig("lan"), [key]: value });
      }
      for (const value of [min - 1, max + 1]) {
        const [fault, ...others] = Object.values(resolveConfig("lan", { [key]: value }));
        assert.deepEqual([fault.key, fault.value, others], [key, value, []]);
        assert.ok(fault.allowed.endsWith(`number from ${min} to ${max}`), fault.allowed);
      }
    }
  });

  it("are whole where they count", () => {
    assert.ok(Array.isArray(resolveConfig("lan", { gossipNodes: 2.5 })));
    assert.deepEqual(resolveConfig("lan", { probeIntervalMs: 2.5 }), { ...presetConfig("lan"), probeIntervalMs: 2.5 });
  });

  it("report every fault at once, names that there are not among them", () => {
    const faults = resolveConfig("lan", { gossipNodes: 65, probeTimeoutMs: 0, probeTimeout: 1 } as Partial<SwimConfig>);
    assert.ok(Array.isArray(faults));
    assert.deepEqual(
      faults.map(({ key }) => key),
      ["gossipNodes", "probeTimeoutMs", "probeTimeout"],
    );
  });

  it("fix the time of a suspicion or compute it, and don't do both", () => {
    for (const key of ["suspicionMult", "suspicionMaxTimeoutMult"]) {
      const faults = resolveConfig("lan", { suspicionTimeoutMs: 5000, [key]: 4 });
      assert.ok(Array.isArray(faults));
      assert.deepEqual(
        faults.map(({ key: named }) => named),
        ["suspicionTimeoutMs"],
      );
      assert.ok(!Array.isArray(resolveConfig("lan", { suspicionTimeoutMs: 0, [key]: 4 })));
    }
    assert.ok(!Array.isArray(resolveConfig("lan", { suspicionTimeoutMs: 5000 })));
  });
});

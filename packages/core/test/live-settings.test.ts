import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIVE_SETTINGS } from "@hearsay/core";
import { INDIRECT_PING, type IndirectPing, NACK, PING } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "./support/lone-node.ts";
import { suspect } from "./support/messages.ts";

const A = address("10.0.0.2");

/** A node that knows four others. */
function node(config: ConstructorParameters<typeof LoneNode>[1]): LoneNode {
  const made = new LoneNode({}, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0, ...config });
  for (let i = 2; i <= 5; i++) made.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
  return made.clear();
}

/** Times between the first packets of each tick that are sent within a time. */
function gaps(times: readonly number[]): number[] {
  const ticks = [...new Set(times)];
  return ticks.slice(1).map((at, i) => at - (ticks[i] ?? 0));
}

/** What each setting does after it has changed between two calls, where it did something else before. */
const EFFECTS: Readonly<Record<string, () => void>> = {
  probeIntervalMs: () => {
    const one = node({ probeIntervalMs: 1000 }).until(5000);
    one.config.probeIntervalMs = 4000;
    const probed = gaps(
      one.until(60_000).sent.flatMap(({ at, messages }) => (messages[0]?.type === PING && at > 7000 ? [at] : [])),
    );
    assert.ok(
      probed.every((gap) => gap > 1500),
      probed.join(),
    );
  },
  probeTimeoutMs: () => {
    const one = node({ probeIntervalMs: 5000, probeTimeoutMs: 500 });
    one.config.probeTimeoutMs = 2000;
    one.untilSo(() => one.messages(PING).length > 0);
    const at = one.now;
    one.untilSo(() => one.messages(INDIRECT_PING).length > 0);
    assert.ok(one.now - at >= 1900 && one.now - at < 2100, `${one.now - at} ms`);
    // As a helper, too.
    const helper = node({ probeTimeoutMs: 500 });
    helper.config.probeTimeoutMs = 2000;
    const { ip: target, port } = address("10.0.0.3");
    const source = { sourceAddr: A.ip, sourcePort: A.port, sourceNode: "n2" };
    const request: IndirectPing = { type: INDIRECT_PING, seqNo: 5, target, port, node: "n3", nack: true, ...source };
    helper.receive(A, request).until(1990);
    assert.equal(helper.messages(NACK).length, 0);
    assert.equal(helper.until(2010).messages(NACK).length, 1);
  },
  indirectChecks: () => {
    const one = node({ probeIntervalMs: 1000, indirectChecks: 3 });
    one.config.indirectChecks = 1;
    one.untilSo(() => one.messages(INDIRECT_PING).length > 0).until(one.now + 50);
    assert.equal(one.messages(INDIRECT_PING).length, 1);
  },
  suspicionMult: () => assert.equal(suspectedFor({ suspicionMult: 1 }), 1000),
  suspicionMaxTimeoutMult: () => assert.equal(suspectedFor({ suspicionMaxTimeoutMult: 2 }), 8000),
  suspicionTimeoutMs: () => assert.equal(suspectedFor({ suspicionTimeoutMs: 5000 }), 5000),
  gossipIntervalMs: () => {
    const one = node({ gossipIntervalMs: 200, eagerPacketsPerSecond: 0, retransmitMult: 64 });
    one.receive(A, suspect("n3", "n4")).until(1000);
    one.config.gossipIntervalMs = 1000;
    const told = gaps(
      one
        .until(1500)
        .clear()
        .until(8000)
        .sent.map(({ at }) => at),
    );
    assert.ok(told.length > 3 && told.every((gap) => gap > 850), told.join());
  },
  gossipNodes: () => {
    const one = node({ gossipIntervalMs: 200, eagerPacketsPerSecond: 0, gossipNodes: 3 });
    one.config.gossipNodes = 1;
    one.receive(A, suspect("n3", "n4")).until(1000);
    const times = one.sent.map(({ at }) => at);
    assert.ok(times.length > 1 && new Set(times).size === times.length, times.join());
  },
  gossipToTheDeadMs: () => {
    const one = node({ probeIntervalMs: 1000, suspicionTimeoutMs: 1, gossipToTheDeadMs: 3_600_000 });
    one.config.gossipToTheDeadMs = 5000;
    one.receive(A, suspect("n3", "n4"));
    one.untilSo(() => one.swim.statusOf("n3") === undefined);
    assert.ok(one.now > 5000 && one.now < 30_000, `${one.now} ms`);
  },
  retransmitMult: () => {
    const one = node({ retransmitMult: 4 });
    assert.equal(one.swim.transmitLimit, 8);
    one.config.retransmitMult = 10;
    assert.equal(one.swim.transmitLimit, 20);
  },
  pushPullIntervalMs: () => {
    const one = node({ pushPullIntervalMs: 1000 }).until(5000);
    one.config.pushPullIntervalMs = 20_000;
    one.until(7000);
    one.exchanges.length = 0;
    one.until(47_000);
    assert.ok(one.exchanges.length >= 2 && one.exchanges.length <= 3, `${one.exchanges.length} exchanges`);
  },
};

/** How long a suspicion lasts that nobody confirms, among five, once the settings have changed. */
function suspectedFor(changed: Partial<LoneNode["config"]>): number {
  const one = node({});
  Object.assign(one.config, changed);
  one.receive(A, suspect("n3", "n4"));
  one.untilSo(() => one.swim.statusOf("n3") !== "suspect", 1);
  return one.now;
}

describe("settings that may change while a node runs", () => {
  it("are these, and each takes effect", () => {
    assert.deepEqual(Object.keys(EFFECTS).sort(), [...LIVE_SETTINGS].sort());
  });

  for (const [key, expectEffect] of Object.entries(EFFECTS)) it(`${key} takes effect`, expectEffect);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JOIN, LEAVE } from "@hearsay/core/serf";
import { DEAD } from "@hearsay/core/wire";
import { address, entry, state } from "../support/lone-node.ts";
import { LoneSerf } from "../support/lone-serf.ts";

const A = address("10.0.0.2");
/** Ticks of gossip, and nothing else. */
const GOSSIP = { probeIntervalMs: 0, gossipIntervalMs: 200, pushPullIntervalMs: 0 };

function firstAt(node: LoneSerf, isWanted: (message: { type: number; payload?: unknown }) => boolean): number {
  return node.sent.find(({ messages }) => messages.some(isWanted))?.at ?? Number.NaN;
}

describe("leaving (section 8)", () => {
  it("says why before it says goodbye, waits for the news to get round, and ends", () => {
    const node = new LoneSerf({}, GOSSIP).with("a", "b", "c");
    const start = node.now;
    node.swim.leave(node.now, node);
    assert.equal(node.serf.member("self")?.status, "leaving");
    const isFinished = (): boolean => node.events.some(({ type }) => type === "leave-finished");
    while (!isFinished() && node.now < start + 20_000) node.until(node.now + 10);
    assert.ok(isFinished());
    // The goodbye's last transmission, and a second in which it gets round.
    const lastAt = node.sent.findLast(({ messages }) => messages.some(({ type }) => type === DEAD))?.at ?? Number.NaN;
    assert.ok(node.now - lastAt >= 1000, `it ended ${node.now - lastAt} ms after its last goodbye`);
    assert.deepEqual(
      node.told(LEAVE).map(({ node: name, prune }) => [name, prune]),
      [["self", false]],
    );
    const goodbye = firstAt(node, ({ type }) => type === DEAD);
    // Two intervals of gossip, and as long as the intent takes to be told often enough.
    assert.ok(goodbye - start >= 400 && goodbye - start < 1000, `goodbye after ${goodbye - start} ms`);
  });

  it("gives members that pass news on with their ticks only as long as these take to send the intent, and two more", () => {
    const hooks = { understandsExtensions: (meta: Uint8Array): boolean => meta.length > 0 };
    const node = new LoneSerf({}, GOSSIP, { hooks }).with("a", "b", "c");
    const start = node.now;
    node.swim.leave(node.now, node);
    node.until(start + 3000);
    const goodbye = firstAt(node, ({ type }) => type === DEAD);
    // A rumor is sent 4 times in a pool of 4, to 3 members in each interval of 200 ms: in two intervals.
    assert.ok(goodbye - start >= 800 && goodbye - start < 1000, `goodbye after ${goodbye - start} ms`);
  });

  it("takes no longer than broadcastTimeout and leavePropagateDelay together, though nobody is told anything", () => {
    const node = new LoneSerf({}, { ...GOSSIP, gossipIntervalMs: 0, eagerPacketsPerSecond: 0 }).with("a");
    const start = node.now;
    node.swim.leave(node.now, node);
    let endedAt = Number.NaN;
    for (let ms = 0; ms < 20_000 && Number.isNaN(endedAt); ms += 100) {
      node.until(start + ms);
      if (node.events.some(({ type }) => type === "leave-finished")) endedAt = ms;
    }
    assert.ok(endedAt >= 6000 && endedAt <= 6100, `it took ${endedAt} ms`);
  });

  it("ends at once where nobody else is", () => {
    const node = new LoneSerf({}, GOSSIP);
    node.swim.leave(node.now, node);
    node.until(node.now);
    assert.ok(node.events.some(({ type }) => type === "leave-finished"));
  });

  it("is not taken back when somebody repeats it", () => {
    const node = new LoneSerf({}, GOSSIP).with("a", "b");
    node.swim.leave(node.now, node);
    node.hearLeave("self", 99);
    assert.equal(node.serf.counters.leavesRefuted, 0);
    assert.deepEqual(node.told(JOIN), []);
  });
});

describe("joining (section 8)", () => {
  it("is told to everybody once somebody has been found", () => {
    const node = new LoneSerf({}, GOSSIP);
    node.serf.join(node.now, 1, [A], false, node);
    node.until(node.now);
    const [exchange] = node.exchanges;
    assert.ok(exchange !== undefined);
    assert.deepEqual(node.told(JOIN), []);
    const vsn = Uint8Array.of(1, 5, 2, 2, 5, 5);
    const reply = state([entry("a", "10.0.0.2", { vsn })], false);
    node.swim.exchangeDone(node.now, exchange.token, { ok: true, message: reply }, node);
    node.until(node.now + 1000);
    assert.deepEqual(
      node.told(JOIN).map(({ node: name }) => name),
      ["self"],
    );
  });

  it("is told with the next gossip, and not at once, whether the state is merged in one turn or in slices", () => {
    for (const members of [3, 300]) {
      const node = new LoneSerf({}, GOSSIP);
      node.serf.join(node.now, 1, [A], false, node);
      node.until(node.now);
      const vsn = Uint8Array.of(1, 5, 2, 2, 5, 5);
      const entries = Array.from({ length: members }, (_, i) =>
        entry(`m${i}`, `10.0.${1 + (i >> 8)}.${i & 255}`, { vsn }),
      );
      const message = state([entry("a", "10.0.0.2", { vsn }), ...entries], false);
      node.swim.exchangeDone(node.now, node.exchanges[0]?.token ?? 0, { ok: true, message }, node);
      node.until(node.now);
      assert.equal(node.told(JOIN).length, 0, `${members} members`);
      node.until(node.now + 220);
      assert.ok(node.told(JOIN).length > 0, `${members} members`);
    }
  });

  it("that finds nobody is told to nobody", () => {
    const node = new LoneSerf();
    node.serf.join(node.now, 1, [A], false, node);
    node.until(60_000);
    for (const { token } of node.exchanges) {
      node.swim.exchangeDone(node.now, token, { ok: false, failure: "refused", detail: "" }, node);
    }
    assert.deepEqual(node.told(JOIN), []);
  });
});

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { systemClock } from "../../dist/base/clock.js";
import { openCluster } from "../../dist/create-cluster.js";
import { systemLookup } from "../../dist/discovery/resolve.js";
import { type AnyCluster, type ClusterOptions, createCluster } from "../../dist/index.js";
import { recorder, rejection } from "./support.js";

const PLACES = 256;

/** Streams live for a minute, so that nothing but giving way makes room within the test's time. */
const OPTIONS = {
  bind: "127.0.0.1:0",
  preset: "local",
  limits: { inboundConnectionsMax: PLACES },
  timings: { streamTimeout: "60s" },
} as const;

/** The value of a series without labels. */
function value(cluster: AnyCluster, name: string): number {
  return Number(new RegExp(`^hearsay_${name} (\\d+)$`, "m").exec(cluster.metrics.prometheus())?.[1]);
}

/** Opens as many streams to a node as it may have, each of which says the same and no more. */
async function crowd(cluster: AnyCluster, said: Uint8Array): Promise<Socket[]> {
  const port = Number(cluster.self.address.split(":").at(-1));
  const sockets = Array.from({ length: PLACES }, () => connect({ port, host: "127.0.0.1" }).on("error", () => {}));
  // Whoever connects from now on stands behind them, also where the node has not yet seen them.
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.once("connect", () => resolve()))));
  for (const socket of sockets) socket.write(said);
  return sockets;
}

/**
 * A node for which a minute passes like a second, so that a stream on which a byte came a moment ago is still at work
 * however slow the machine is.
 */
function openSlowly(options: ClusterOptions): Promise<AnyCluster> {
  const slowness = 60;
  const clock = {
    ...systemClock,
    now: () => systemClock.now() / slowness,
    after: (delayMs: number, fn: () => void) => systemClock.after(delayMs * slowness, fn),
  };
  const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  return openCluster(options, { clock, randomBytes, lookup: systemLookup });
}

describe("a gossip port all of whose streams are taken", () => {
  it("by peers at work tells a newcomer so, and says it once in the log with how many more there were", async () => {
    const { logger, lines } = recorder();
    const seed = await openSlowly({ ...OPTIONS, nodeName: "seed", logger });
    // Each has begun with a label of 255 bytes.
    const sockets = await crowd(seed, Uint8Array.of(244, 255));
    const newcomer = await createCluster({ ...OPTIONS, nodeName: "newcomer" });
    try {
      for (let i = 0; i < 5; i++) {
        const { data } = await rejection(newcomer.join(seed.self.address), "ERR_JOIN_FAILED");
        const [{ reason, detail } = { reason: "", detail: "" }] = data.failures;
        assert.deepEqual(
          [reason, detail],
          ["refused", "the peer says: too many connections are open; try again later"],
        );
      }
      assert.equal(value(seed, "connections_refused_total"), 5);
      assert.equal(value(seed, "connections_failed_total"), 0, "whom there is no place for is counted once");
      const told = lines.filter(({ fields }) => fields["reason"] === "too-many-streams");
      assert.deepEqual(
        told.map(({ text }) => text),
        ["refused streams of peers: limits.inboundConnectionsMax are open"],
      );
    } finally {
      for (const socket of sockets) socket.destroy();
      await Promise.all([seed.close(), newcomer.close()]);
    }
  });

  for (const [what, said] of [
    ["never say a word", Uint8Array.of()],
    ["stop in the middle of a request", Uint8Array.of(6, 0x83)],
  ] as const) {
    it(`lets a newcomer join past peers that ${what}, each of which it makes way for is counted`, async () => {
      const { logger, lines } = recorder();
      const seed = await createCluster({ ...OPTIONS, nodeName: "seed", logger });
      const sockets = await crowd(seed, said);
      const newcomer = await createCluster({ ...OPTIONS, nodeName: "newcomer" });
      try {
        // Each stream that stands still keeps its place for a moment.
        const limit = performance.now() + 60_000;
        let joined = 0;
        while (joined === 0 && performance.now() < limit) {
          const report = await newcomer.join(seed.self.address).catch(() => ({ contacted: 0 }));
          joined = report.contacted;
        }
        assert.equal(joined, 1, "the newcomer should have been let in");
        assert.equal(seed.member("newcomer")?.status, "alive");
        assert.ok(value(seed, "connections_displaced_total") >= 1);
        assert.equal(value(seed, "connections_failed_total"), 0, "who is made way for is counted once");
        assert.ok(value(seed, "connections_open") <= PLACES);
        const refused = lines.filter(({ fields }) => fields["reason"] === "too-many-streams");
        assert.equal(refused.length, value(seed, "connections_refused_total") > 0 ? 1 : 0);
      } finally {
        for (const socket of sockets) socket.destroy();
        await Promise.all([seed.close(), newcomer.close()]);
      }
    });
  }
});

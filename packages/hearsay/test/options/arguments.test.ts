import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** Calls with an argument that no type allows, by what the error says of it. */
const CALLS: readonly [call: string, allowed: RegExp, run: (cluster: Cluster, wrong: never) => unknown][] = [
  ["member", /name: text/, (cluster, wrong) => cluster.member(wrong)],
  ["explain", /name: text/, (cluster, wrong) => cluster.explain(wrong)],
  ["forceLeave", /name: text/, (cluster, wrong) => cluster.forceLeave(wrong)],
  ["request", /member: text/, (cluster, wrong) => cluster.request(wrong, "add", 1)],
  ["request", /name: well-formed text/, (cluster, wrong) => cluster.request("node-2", wrong, 1)],
  ["onRequest", /name: well-formed text/, (cluster, wrong) => cluster.onRequest(wrong, () => 1)],
  ["onRequest", /handler: a function/, (cluster, wrong) => cluster.onRequest("add", wrong)],
  ["channel", /name: well-formed text/, (cluster, wrong) => cluster.channel(wrong)],
  ["on", /handler: a function/, (cluster, wrong) => cluster.channel("news").on(wrong)],
  ["onEvent", /name: text/, (cluster, wrong) => cluster.onEvent(wrong, () => {})],
  ["onEvent", /handler: a function/, (cluster, wrong) => cluster.onEvent("deploy", wrong)],
  ["onQuery", /name: text/, (cluster, wrong) => cluster.onQuery(wrong, () => "")],
  ["onQuery", /handler: a function/, (cluster, wrong) => cluster.onQuery("load", wrong)],
  ["owner", /key: text/, (cluster, wrong) => cluster.ring("users").owner(wrong)],
  ["owners", /key: text/, (cluster, wrong) => cluster.ring("users").owners(wrong, 2)],
  ["isMine", /key: text/, (cluster, wrong) => cluster.ring("users").isMine(wrong)],
  ["leaveOn", /signals: names of signals/, (cluster, wrong) => cluster.leaveOn(wrong)],
];

describe("arguments of calls that no type allows", () => {
  for (const [call, allowed, run] of CALLS) {
    it(`are refused by ${call}, which names ${allowed.source}, and harm nothing`, async () => {
      await using network = await testNetwork({ nodes: 2, seed: 1 });
      await network.until(() => network.converged());
      const one = network.node("node-1");
      for (const wrong of [undefined, null, 5, {}, Symbol("x")]) {
        const outcome = Promise.resolve().then(() => run(one, wrong as never));
        await assert.rejects(outcome, ({ code, message }) => {
          assert.equal(code, "ERR_CONFIG");
          assert.match(message, allowed);
          assert.match(message, new RegExp(`of ${call}\\(\\)`));
          return true;
        });
      }
      assert.equal(one.status, "joined");
      assert.equal(one.stats().messaging["requestsPending"] ?? 0, 0);
    });
  }

  it("are signals that a process can't handle, of which none is listened to", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1 });
    const one = network.node("node-1");
    const before = process.listenerCount("SIGTERM");
    assert.throws(() => one.leaveOn("SIGTERM", "SIGKILL"), { code: "ERR_CONFIG" });
    assert.throws(() => one.leaveOn(), { code: "ERR_CONFIG" });
    assert.equal(process.listenerCount("SIGTERM"), before);
  });

  it("are metrics that no scrape could read", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1 });
    const { metrics } = network.node("node-1");
    const wrong: readonly unknown[][] = [
      ["orders_total"],
      [undefined, "help"],
      ["orders_total", "help", { "a b": ["x"] }],
      ["orders_total", "help", { code: [200] }],
    ];
    for (const given of wrong) {
      assert.throws(() => Reflect.apply(metrics.counter, metrics, given), { code: "ERR_CONFIG" });
    }
    Reflect.apply(metrics.read, metrics, ["odd", "help", "gauge", () => "5"]);
    assert.match(metrics.prometheus(), /^hearsay_odd NaN$/m);
  });

  it("are conditions of a test network that are promises, which would count as true", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1 });
    const promised = (() => Promise.resolve(false)) as unknown;
    const outcome = Promise.resolve().then(() => Reflect.apply(network.until, network, [promised]));
    await assert.rejects(outcome, { code: "ERR_CONFIG" });
  });
});

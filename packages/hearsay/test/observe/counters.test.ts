import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster, Logger } from "../../dist/index.js";
import { CORE_COUNTERS } from "../../dist/observe/cluster-metrics.js";
import { MESSAGING_COUNTERS, MESSENGER_COUNTERS } from "../../dist/observe/messaging-metrics.js";
import { NODE_COUNTERS } from "../../dist/observe/node-counters.js";
import { COORDINATE_COUNTERS, SERF_COUNTERS, SERF_HOST_COUNTERS } from "../../dist/observe/serf-metrics.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";

/** The counters of `stats()`, each group with the tables of its metrics. */
function groups(cluster: Cluster): [name: string, values: object, tables: object][] {
  const { counters, messaging, node, serf } = cluster.stats();
  assert.ok(serf !== null);
  return [
    ["core", counters, CORE_COUNTERS],
    ["messaging", messaging, { ...MESSENGER_COUNTERS, ...MESSAGING_COUNTERS }],
    ["node", node, NODE_COUNTERS],
    ["serf", serf.counters, { ...SERF_COUNTERS, ...SERF_HOST_COUNTERS }],
    ["coordinates", serf.coordinates, COORDINATE_COUNTERS],
  ];
}

/** Three nodes to which much has happened, some of it bad. */
async function eventful(): Promise<TestNetwork> {
  const network = await testNetwork({ nodes: 3 });
  await network.until(() => network.converged());
  const one = network.node("node-1");
  one.onRequest("fail", () => Promise.reject(new Error("no")));
  one.onEvent("*", () => {
    throw new Error("no");
  });
  one.onQuery("*", () => "x".repeat(5000));
  const two = network.node("node-2");
  await network.run(two.request("node-1", "fail", 1).catch(() => {}));
  two.event("deploy");
  await network.run(two.query("load", "", { timeout: "1s" }).done);
  two.channel("news").publish(1);
  network.crash("node-3");
  await network.advance("1m");
  return network;
}

describe("what is counted", () => {
  it("has a metric each that says the same as stats, and every counter among the metrics is in stats", async () => {
    await using network = await eventful();
    const one = network.node("node-1");
    const text = one.metrics.prometheus();
    const metrics = new Map(
      [...text.matchAll(/^hearsay_(\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
    );
    const counters = new Set([...text.matchAll(/^# TYPE hearsay_(\w+) counter$/gm)].map(([, name]) => name));
    // By kind of change; `version` is their sum.
    counters.delete("member_changes_total");
    let sum = 0;
    for (const [group, values, table] of groups(one)) {
      assert.deepEqual(Object.keys(values).sort(), Object.keys(table).sort(), group);
      for (const [key, value] of Object.entries(values)) {
        const [name] = Reflect.get(table, key);
        assert.equal(metrics.get(name), value, `${group}.${key} is ${name}`);
        assert.ok(counters.delete(name), `${name} is a counter`);
        if (value > 0) sum++;
      }
    }
    assert.deepEqual([...counters], [], "counters that stats doesn't have");
    assert.ok(sum > 20, `only ${sum} of them are above 0`);
  });

  it("has the lines that a logger lost", async () => {
    const broken = (): void => {
      throw new Error("disk full");
    };
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken };
    await using network = await testNetwork({ nodes: 2, options: { logger } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const lost = one.stats().node.logLinesLost ?? 0;
    assert.ok(lost > 0);
    assert.ok(one.metrics.prometheus().includes(`\nhearsay_log_lines_lost_total ${lost}\n`));
  });

  it("has the readers of changes that have fallen behind", async () => {
    await using network = await testNetwork({ nodes: 3 });
    const changes = network.node("node-1").changes({ queueMax: 1 });
    await changes.next();
    await network.until(() => network.converged());
    const one = network.node("node-1");
    assert.match(one.metrics.prometheus(), /^hearsay_change_readers_behind 1$/m);
    await changes.return();
    assert.match(one.metrics.prometheus(), /^hearsay_change_readers_behind 0$/m);
  });
});

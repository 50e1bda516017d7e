import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCluster, MemoryNetwork, memoryTransport, type Transport } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { forwarding, recorder } from "../cluster/support.js";

/** The series of a metrics text with their values. */
function series(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

describe("explain", () => {
  it("tells who accused a member, how the probe went, and what followed", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    network.crash("node-4");
    await network.until(() => network.converged(), "1m");
    const one = network.node("node-1");
    const causes = one.explain("node-4");
    assert.equal(causes[0]?.kind, "announced");
    const accused = causes.find(({ kind }) => kind === "accused");
    assert.ok(accused !== undefined);
    assert.match(accused.by, /^node-[123]$/);
    const end = causes.at(-1);
    assert.ok(end?.kind === "expired" || end?.kind === "declared");
    // Whoever found it out itself knows which paths it tried.
    const accuser = network.node(accused.by);
    const own = accuser.explain("node-4").find(({ kind, by }) => kind === "accused" && by === accuser.self.name);
    assert.ok(own !== undefined, `${accused.by} should have its own accusation`);
    assert.equal(own.path, "probe");
    assert.equal(own.probe?.direct, "silent");
    assert.deepEqual(
      [...(own.probe?.helpers ?? [])].sort(),
      ["node-1", "node-2", "node-3"].filter((name) => name !== accuser.self.name),
    );
    assert.equal(own.probe?.stream, "refused");
    assert.deepEqual(one.explain("nobody"), []);
  });

  it("tells that an accusation came by a packet, and who refuted it", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    network.pause("node-3");
    const [one, two] = network.nodes;
    assert.ok(one && two);
    await network.until(() => [one, two].every((cluster) => cluster.member("node-3")?.status === "suspect"), "30s");
    network.resume("node-3");
    await network.until(() => [one, two].every((cluster) => cluster.member("node-3")?.status === "alive"), "30s");
    const causes = [one, two].flatMap((cluster) => cluster.explain("node-3"));
    const told = causes.find(({ kind, path }) => kind === "accused" && path === "packet");
    assert.ok(told?.from?.key.startsWith("10.0.0."));
    assert.equal(told?.probe, null);
    for (const cluster of [one, two]) {
      const last = cluster.explain("node-3").at(-1);
      assert.deepEqual([last?.kind, last?.by], ["refuted", "node-3"]);
    }
  });
});

describe("self and stats", () => {
  it("a node that nothing is wrong with has awareness 0 and no reason", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    await network.advance("10s");
    const { status, self } = network.node("node-1");
    assert.deepEqual([status, self.awareness, self.reason], ["joined", 0, null]);
  });

  it("a node whose probes fail distrusts itself and says why", async () => {
    await using network = await testNetwork({ nodes: 5 });
    await network.until(() => network.converged());
    network.partition(["node-1"]);
    const one = network.node("node-1");
    await network.until(() => one.self.awareness > 0, "30s");
    // The loop of a busy test machine may be late in earnest, which is then the reason that is given.
    assert.match(one.self.reason ?? "", /probes of this node fail|event loop was late/);
  });

  it("stats are copies that don't move, and count what happens", async () => {
    await using network = await testNetwork({ nodes: 2, options: { extensions: "all" } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const before = one.stats();
    await network.advance("30s");
    const after = one.stats();
    assert.ok(after.counters.pingsAnswered > before.counters.pingsAnswered);
    assert.ok(after.counters.datagramsIn > before.counters.datagramsIn);
    assert.equal(after.occupancy.members, 2);
    assert.equal(after.messaging.messagesDropped, 0);
    assert.ok(after.version >= 2);
  });

  it("members know their round trip once a ping was answered", async () => {
    await using network = await testNetwork({ nodes: 2, latencyMs: 7 });
    await network.until(() => network.converged());
    await network.until(() => network.node("node-1").member("node-2")?.roundTripMs != null, "10s");
    assert.equal(network.node("node-1").member("node-2")?.roundTripMs, 14);
    assert.equal(network.node("node-1").member("node-1")?.roundTripMs, null);
  });
});

describe("metrics", () => {
  it("every series is there from the start, at 0 but for this node itself", async () => {
    await using network = await testNetwork({ nodes: 2, options: { join: [] } });
    const start = series(network.node("node-1").metrics.prometheus());
    assert.deepEqual(
      [...start].filter(([name, value]) => value !== 0 && !name.startsWith("hearsay_occupancy_")),
      [
        ["hearsay_members_alive", 1],
        ["hearsay_rumors_total", 1],
        ['hearsay_member_changes_total{kind="joined"}', 1],
        // Lamport clocks begin at 1.
        ["hearsay_serf_member_time", 1],
        ["hearsay_serf_event_time", 1],
        ["hearsay_serf_query_time", 1],
      ],
    );
    for (const kind of ["joined", "updated", "suspected", "recovered", "failed", "left", "reaped"]) {
      assert.ok(
        [...start.keys()].some((name) => name.includes(`="${kind}"`)),
        kind,
      );
    }
    network.crash("node-2");
    await network.restart("node-2");
    await network.run(network.node("node-2").join("10.0.0.1:7946"));
    network.crash("node-2");
    await network.until(() => network.node("node-1").member("node-2")?.status === "failed", "1m");
    const end = series(network.node("node-1").metrics.prometheus());
    assert.deepEqual([...end.keys()], [...start.keys()], "what happens makes no new series");
    assert.equal(end.get("hearsay_members_failed"), 1);
    assert.ok((end.get("hearsay_probes_failed_total") ?? 0) > 0);
    assert.ok([...end].some(([name, value]) => name.includes('="failed"') && value === 1));
  });

  it("have what channels and requests do", async () => {
    await using network = await testNetwork({ nodes: 2, options: { extensions: "all" } });
    await network.until(() => network.converged());
    const [one, two] = [network.node("node-1"), network.node("node-2")];
    two.onRequest("fail", () => Promise.reject(new Error("no")));
    const reader = two.channel("news").messages();
    const next = reader.next();
    one.channel("news").publish("hello");
    await network.run(next);
    await network.run(one.request("node-2", "fail", 1).catch(() => {}));
    const [ones, twos] = [one, two].map((cluster) => series(cluster.metrics.prometheus()));
    for (const name of ["channel_messages_published_total", "replies_received_total"]) {
      assert.equal(ones?.get(`hearsay_${name}`), 1, name);
    }
    for (const name of ["channel_messages_received_total", "requests_received_total", "handlers_failed_total"]) {
      assert.equal(twos?.get(`hearsay_${name}`), 1, name);
    }
    assert.equal(twos?.get("hearsay_occupancy_origins"), 1);
  });

  it("have what the transport counts, if it does", async () => {
    const transport: Transport = {
      counters: { sendsFailed: 2, sourcesUnusable: 3 },
      ...forwarding(memoryTransport(new MemoryNetwork(), "10.0.0.1", 7946)),
    };
    await using cluster = await createCluster({ transport });
    const values = series(cluster.metrics.prometheus());
    const names = ["sends_failed", "sources_unusable"];
    assert.deepEqual(
      names.map((name) => values.get(`hearsay_${name}_total`)),
      [2, 3],
    );
  });

  it("each line is in Prometheus's form, and the prefix is the application's choice", async () => {
    await using network = await testNetwork({ nodes: 1, options: { metrics: { prefix: "shop" } } });
    const text = network.node("node-1").metrics.prometheus();
    for (const line of text.trimEnd().split("\n")) {
      assert.match(line, /^(?:# (?:HELP|TYPE) shop_\w+ .+|shop_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? -?[\d.e+-]+)$/);
    }
    assert.ok(text.endsWith("\n"));
  });
});

describe("the log", () => {
  it("has one line for each member that comes, fails or goes, with its name and address", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 1, options: { logger } });
    await network.add({ logger: recorder().logger });
    await network.add({ logger: recorder().logger });
    await network.until(() => network.converged());
    network.crash("node-2");
    await network.until(() => network.node("node-1").member("node-2")?.status === "failed", "1m");
    await network.run(network.node("node-3").leave());
    await network.until(() => network.node("node-1").member("node-3")?.status === "left", "10s");
    const told = lines.filter(({ text }) => text.startsWith("member ") && !/suspected|updated|reaped/.test(text));
    assert.deepEqual(
      told.map(({ level, text, fields }) => `${level} ${text}: ${fields.member} ${fields.address}`).sort(),
      [
        "info member is leaving: node-3 10.0.0.3:7946",
        "info member joined: node-2 10.0.0.2:7946",
        "info member joined: node-3 10.0.0.3:7946",
        "info member left: node-3 10.0.0.3:7946",
        "warn member failed: node-2 10.0.0.2:7946",
      ],
    );
    for (const { fields } of lines) assert.equal(fields.node, "node-1");
  });

  it("warns of a slow loop once an episode, not each time", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 3 });
    const slow = await network.add({ logger });
    await network.until(() => network.converged());
    for (let i = 0; i < 10; i++) {
      network.pause(slow);
      await network.advance("400ms");
      network.resume(slow);
      await network.advance("100ms");
    }
    const told = lines.filter(({ text }) => text.startsWith("this node is slow"));
    assert.equal(told.length, 1);
    assert.ok(Number(told[0]?.fields.lateMs) >= 250);
  });
});

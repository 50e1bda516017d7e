import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testNetwork } from "../../dist/testing/index.js";
import { rejection } from "../cluster/support.js";

describe("tags", () => {
  it("of a node are seen by all, and so is every change of them", async () => {
    await using network = await testNetwork({ nodes: 0 });
    const one = await network.add({ tags: { role: "web", zone: "é" } });
    const two = await network.add();
    await network.until(() => network.converged());
    assert.deepEqual({ ...two.member("node-1")?.tags }, { role: "web", zone: "é" });
    assert.deepEqual({ ...two.self.tags }, {});
    await network.run(one.setTags({ role: "db" }));
    await network.until(() => two.member("node-1")?.tags["role"] === "db");
    assert.deepEqual({ ...one.self.tags }, { role: "db" });
    assert.deepEqual({ ...two.member("node-1")?.tags }, { role: "db" });
  });

  it("that are the same as before are no news", async () => {
    await using network = await testNetwork({ nodes: 2, options: { tags: { role: "web" } } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const updated: string[] = [];
    void (async () => {
      for await (const item of two.changes()) if (item.type === "updated") updated.push(item.member.name);
    })();
    await network.run(one.setTags({ role: "web" }));
    await network.advance("5s");
    assert.deepEqual(updated, []);
    await network.run(one.setTags({ role: "db" }));
    await network.until(() => updated.length === 1);
  });

  it("are refused where they are too long, reserved, or no texts", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    await rejection(one.setTags({ big: "x".repeat(512) }), "ERR_TAGS_TOO_LARGE");
    for (const tags of [{ _hs: "1" }, { _hsx: "" }, { a: 5 }, null, [], "a", { a: "\ud800" }]) {
      await rejection(Reflect.apply(one.setTags, one, [tags]), "ERR_CONFIG");
    }
    assert.deepEqual({ ...one.self.tags }, {});
  });

  it("hide what members understand from applications", async () => {
    await using network = await testNetwork({ nodes: 0 });
    await network.add({ tags: { role: "web" } });
    await network.add({ flavour: "serf", tags: { role: "db" } });
    await network.until(() => network.converged());
    for (const node of network.nodes) {
      assert.deepEqual(
        node.members().map(({ tags }) => ({ ...tags })),
        [{ role: "web" }, { role: "db" }],
      );
    }
  });
});

describe("a pool of nodes with extensions and without", () => {
  it("has channels among those with them, while the others hear none of it", async () => {
    await using network = await testNetwork({ nodes: 0 });
    for (const flavour of ["hearsay", "serf", "hearsay", "serf"] as const) await network.add({ flavour });
    await network.until(() => network.converged());
    const [one, plain, three] = network.nodes;
    assert.ok(one && plain && three);
    const heard: unknown[] = [];
    three.channel("news").on(({ value }) => heard.push(value));
    await network.run(one.channel("news").publish("hello"));
    await network.until(() => heard.length === 1);
    await network.advance("5s");
    assert.deepEqual(heard, ["hello"]);
    assert.equal(plain.stats().serf?.counters["messagesRefused"], 0);
    assert.equal(plain.stats().counters.messagesRefused, 0);
    await rejection(network.run(one.request(plain.self.name, "anything", 1)), "ERR_EXTENSIONS_OFF");
  });
});

describe("a member that failed", () => {
  it("can be made one that left, on all nodes, and forgotten at once", async () => {
    for (const prune of [false, true]) {
      await using network = await testNetwork({ nodes: 4 });
      await network.until(() => network.converged());
      const one = network.node("node-1");
      network.crash("node-4");
      await network.until(() => one.member("node-4")?.status === "failed", "60s");
      await network.advance("10s");
      await network.run(one.forceLeave("node-4", { prune }));
      const wanted = prune ? undefined : "left";
      const others = network.nodes.slice(0, 3);
      await network.until(() => others.every((node) => node.member("node-4")?.status === wanted));
    }
  });

  it("that lives says so, and a name that nobody has is no error", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    await network.run(one.forceLeave("node-2"));
    await network.run(one.forceLeave("nobody"));
    await network.run(one.forceLeave("node-1"));
    await network.until(() => network.nodes.every((node) => node.members().length === 3));
    await network.advance("30s");
    for (const node of network.nodes) {
      assert.deepEqual(
        node.members().map(({ status }) => status),
        ["alive", "alive", "alive"],
      );
    }
  });
});

describe("coordinates", () => {
  it("tell how far apart members are that have never met", async () => {
    await using network = await testNetwork({ nodes: 6, latencyMs: 20 });
    await network.until(() => network.converged());
    await network.advance("300s");
    const one = network.node("node-1");
    const distanceMs = one.distance("node-3", "node-5");
    assert.ok(distanceMs !== undefined && distanceMs > 20 && distanceMs < 80, `${distanceMs} ms`);
    assert.equal(one.distance("nobody"), undefined);
    assert.ok(one.coordinate() !== undefined);
  });
});

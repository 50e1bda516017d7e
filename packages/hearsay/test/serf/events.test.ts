import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterObject } from "../../dist/cluster-object.js";
import type { UserEvent } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { bytes, text, thrown } from "../cluster/support.js";

const shown = ({ name, payload }: UserEvent): string => `${name} ${text(payload)}`;

describe("user events", () => {
  it("reach every node once, with text and bytes, also the one that tells them and in the same turn", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    const heard = new Map<string, string[]>();
    for (const node of network.nodes) {
      heard.set(node.self.name, []);
      node.onEvent("*", (event) => heard.get(node.self.name)?.push(shown(event)));
    }
    const one = network.node("node-1");
    assert.equal(one.event("deploy", "v1"), 1);
    assert.deepEqual(heard.get("node-1"), ["deploy v1"]);
    assert.equal(one.event("deploy", bytes("v2")), 2);
    assert.equal(one.event("restart"), 3);
    await network.advance("5s");
    for (const events of heard.values()) assert.deepEqual(events, ["deploy v1", "deploy v2", "restart "]);
  });

  it("have names of any text, the empty one as well, and so have queries", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = [network.node("node-1"), network.node("node-2")];
    const heard: string[] = [];
    two.onEvent("", (event) => heard.push(shown(event)));
    two.onQuery("", (query) => query.respond("here"));
    one.event("", "x");
    const answers: string[] = [];
    const reading = (async () => {
      for await (const { from, payload } of one.query("", "?", { timeout: "2s" }))
        answers.push(`${from} ${text(payload)}`);
    })();
    await network.run(reading);
    assert.deepEqual(heard, [" x"]);
    assert.deepEqual(answers, ["node-2 here"]);
  });

  it("come to handlers of their name, until those are taken away", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const heard: string[] = [];
    const end = one.onEvent("deploy", (event) => heard.push(shown(event)));
    one.event("other", "x");
    one.event("deploy", "1");
    end();
    end();
    one.event("deploy", "2");
    assert.deepEqual(heard, ["deploy 1"]);
  });

  it("survive handlers that fail, now or later", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const heard: string[] = [];
    one.onEvent("*", () => {
      throw new Error("now");
    });
    one.onEvent("*", async () => {
      throw new Error("later");
    });
    one.onEvent("*", (event) => heard.push(event.name));
    one.event("deploy");
    await network.advance("1s");
    assert.deepEqual(heard, ["deploy"]);
    assert.equal(one.stats().serf?.counters["serfHandlersFailed"], 2);
  });

  it("can be read one by one, of one name or of all, until the signal or the cluster ends it", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const controller = new AbortController();
    const read: string[] = [];
    const reading = (async () => {
      for await (const event of two.events({ name: "deploy", signal: controller.signal })) read.push(shown(event));
    })();
    const all: string[] = [];
    const readingAll = (async () => {
      for await (const event of two.events()) all.push(shown(event));
    })();
    one.event("deploy", "1");
    one.event("other", "2");
    await network.advance("2s");
    controller.abort();
    await network.run(reading);
    one.event("deploy", "3");
    await network.advance("2s");
    await network.run(two.close());
    await network.run(readingAll);
    assert.deepEqual(read, ["deploy 1"]);
    assert.deepEqual(all, ["deploy 1", "other 2", "deploy 3"]);
  });

  it("are of the past for who joins, and replayed to who was cut off", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    network.partition(["node-2"]);
    one.event("missed", "by node-2");
    await network.advance("40s");
    const heard: string[] = [];
    two.onEvent("*", (event) => heard.push(event.name));
    const three = await network.add();
    three.onEvent("*", (event) => heard.push(`${event.name} at node-3`));
    await network.advance("20s");
    network.heal();
    await network.until(() => heard.length > 0, "120s");
    await network.advance("60s");
    assert.deepEqual(heard, ["missed"]);
  });

  it("are refused where they are too long, misspelt, or too late", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    assert.equal(thrown(() => one.event("e", new Uint8Array(512)), "ERR_MESSAGE_TOO_LARGE").limitBytes, 512);
    for (const [name, payload] of [
      [5, "x"],
      ["e", 5],
      ["e", null],
    ]) {
      thrown(() => Reflect.apply(one.event, one, [name, payload]), "ERR_CONFIG");
    }
    await network.run(one.close());
    thrown(() => one.event("e"), "ERR_CLOSED");
    thrown(() => one.onEvent("e", () => {}), "ERR_CLOSED");
    thrown(() => one.onQuery("q", () => "x"), "ERR_CLOSED");
  });

  it("and queries are heard as they were told, whatever is written into the bytes before the teller hears them", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const heard: string[] = [];
    const one = network.node("node-1");
    for (const node of network.nodes) {
      node.onEvent("told", (event) => heard.push(`${node.self.name} ${shown(event)}`));
      node.onQuery("asked", ({ payload }) => void heard.push(`${node.self.name} asked ${text(payload)}`));
    }
    one.onEvent("go", () => {
      const payload = bytes("as it was");
      one.event("told", payload);
      one.query("asked", payload, { timeout: "1s" });
      payload.fill(0);
    });
    one.event("go");
    await network.advance("5s");
    assert.deepEqual(
      heard.sort(),
      ["node-1", "node-2"].flatMap((name) => [`${name} asked as it was`, `${name} told as it was`]),
    );
  });

  it("and queries, tags and the rest are for pools that speak Serf", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    // As JavaScript would: the types don't have these calls.
    const one = network.node("node-1") as ClusterObject;
    thrown(() => one.event("e"), "ERR_FLAVOUR");
    thrown(() => one.onEvent("e", () => {}), "ERR_FLAVOUR");
    thrown(() => one.query("q"), "ERR_FLAVOUR");
    thrown(() => one.onQuery("q", () => "x"), "ERR_FLAVOUR");
    thrown(() => one.coordinate(), "ERR_FLAVOUR");
    await assert.rejects(one.setTags({ a: "b" }), { code: "ERR_FLAVOUR" });
    await assert.rejects(one.forceLeave("x"), { code: "ERR_FLAVOUR" });
    await assert.rejects(one.keys.list(), { code: "ERR_FLAVOUR" });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { recorder } from "../cluster/support.ts";

/** What a pair of handlers has been told, as `+name` and `-name status`. */
function follow(cluster: Cluster): { readonly told: string[]; readonly end: () => void } {
  const told: string[] = [];
  const ends = [
    cluster.onJoin(({ name }) => told.push(`+${name}`)),
    cluster.onLeave(({ name, status }) => told.push(`-${name} ${status}`)),
  ];
  return {
    told,
    end: () => {
      for (const end of ends) end();
    },
  };
}

describe("handlers of the members' coming and going", () => {
  it("are told of those that are there, and then of each that comes, goes and comes back", async () => {
    await using network = await testNetwork({ nodes: 3, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const { told } = follow(one);
    await network.advance(0);
    assert.deepEqual(told, ["+node-1", "+node-2", "+node-3"]);
    network.crash("node-3");
    await network.until(() => one.member("node-3")?.status === "failed", "1m");
    await network.restart("node-3");
    await network.until(() => network.converged(), "1m");
    await network.run(network.node("node-2").leave());
    await network.until(() => one.member("node-2")?.status === "left");
    assert.deepEqual(told.slice(3), ["-node-3 failed", "+node-3", "-node-2 left"]);
  });

  it("don't replace each other, and end one by one", async () => {
    await using network = await testNetwork({ nodes: 2, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const [first, second] = [follow(one), follow(one)];
    await network.advance(0);
    first.end();
    await network.run(network.node("node-2").leave());
    await network.until(() => one.member("node-2")?.status === "left");
    assert.deepEqual(first.told, ["+node-1", "+node-2"]);
    assert.deepEqual(second.told, ["+node-1", "+node-2", "-node-2 left"]);
  });

  it("that are added by another's call are told of each member once", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1 });
    const one = network.node("node-1");
    const inner: { readonly told: string[] }[] = [];
    one.onJoin(() => inner.push(follow(one)));
    for (let i = 2; i < 6; i++) await network.add();
    await network.until(() => network.converged());
    assert.equal(inner.length, 5);
    for (const { told } of inner)
      assert.deepEqual(told.sort(), ["+node-1", "+node-2", "+node-3", "+node-4", "+node-5"]);
  });

  it("that begin a leave while they are told of those that are there hear of it afterwards", async () => {
    await using network = await testNetwork({ nodes: 2, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const told: string[] = [];
    one.onLeave(({ name }) => told.push(`-${name}`));
    one.onJoin(({ name }) => {
      told.push(`+${name}`);
      if (name === "node-1") void one.leave();
    });
    await network.run(one.closed);
    assert.deepEqual(told, ["+node-1", "+node-2", "-node-1"]);
  });

  it("that fail are logged and counted, and keep nobody from being told", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 2, seed: 1, options: { logger } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    one.onJoin(() => assert.fail("a fault of the application"));
    one.onJoin(() => Promise.reject(new Error("a later one")));
    const { told } = follow(one);
    await network.advance(0);
    assert.deepEqual(told, ["+node-1", "+node-2"]);
    assert.equal(one.stats().node["memberHandlersFailed"], 4);
    assert.ok(lines.some(({ level, text }) => level === "warn" && text === "a handler of members failed"));
  });

  it("can be removed by their own first call, and are told nothing more", async () => {
    await using network = await testNetwork({ nodes: 3, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const told: string[] = [];
    const off = one.onJoin(({ name }) => {
      told.push(name);
      off();
    });
    await network.add();
    await network.until(() => network.converged());
    assert.deepEqual(told, ["node-1"]);
  });

  it("add up although the first call of one causes a change before the next line has added the other", async () => {
    await using network = await testNetwork({ nodes: 3, seed: 1, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const here = new Set<string>();
    one.onJoin(({ name, isSelf }) => {
      here.add(name);
      if (isSelf) void one.leave();
    });
    one.onLeave(({ name }) => here.delete(name));
    await network.run(one.closed);
    assert.deepEqual(
      [...here],
      one.members().map(({ name }) => name),
    );
  });

  it("find the cluster's status as it is with the member that they are told of", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1, options: { join: [] } });
    const one = network.node("node-1");
    const seen: string[] = [];
    one.onJoin(({ name }) => seen.push(`+${name} ${one.status}`));
    one.onLeave(({ name }) => seen.push(`-${name} ${one.status}`));
    const two = await network.add({ join: ["10.0.0.1"] });
    await network.until(() => network.converged());
    await network.run(two.leave());
    await network.until(() => one.status === "alone", "1m");
    assert.deepEqual(seen, ["+node-1 alone", "+node-2 joined", "-node-2 alone"]);
  });

  it("that are no functions are refused, and so are all after the end", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1 });
    const one = network.node("node-1");
    for (const call of [one.onJoin, one.onLeave]) {
      assert.throws(() => Reflect.apply(call, one, [undefined]), {
        code: "ERR_CONFIG",
        message: /handler: a function/,
      });
    }
    await network.run(one.close());
    assert.throws(() => one.onJoin(() => {}), { code: "ERR_CLOSED" });
    assert.throws(() => one.onLeave(() => {}), { code: "ERR_CLOSED" });
  });

  it("hear nothing from the beginning of the end on", async () => {
    await using network = await testNetwork({ nodes: 3, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const told: string[] = [];
    one.onJoin(({ name }) => {
      told.push(name);
      void one.close();
    });
    await network.run(network.node("node-2").leave());
    assert.deepEqual(told, ["node-1"]);
  });

  it("hear no more of one packet's members once one of them has ended the cluster", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1, options: { join: [] } });
    const one = network.node("node-1");
    for (let i = 2; i < 6; i++) await network.add({ join: i === 2 ? [] : ["10.0.0.2"] });
    await network.until(() => network.node("node-2").members().length === 4);
    const told: string[] = [];
    one.onJoin(({ name, isSelf }) => {
      told.push(name);
      if (!isSelf) void one.close();
    });
    one.join("10.0.0.2").catch(() => {});
    await network.run(one.closed);
    assert.equal(told.length, 2, told.join());
  });

  it("have each a line of its own in the log, if their faults differ", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 2, seed: 1, options: { logger } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    for (const fault of ["first", "second"]) one.onJoin(() => assert.fail(fault));
    await network.advance(0);
    const told = lines.filter(({ text }) => text === "a handler of members failed");
    assert.deepEqual(
      told.map(({ fields }) => (fields["error"] as Error).message),
      ["first", "second"],
    );
  });
});

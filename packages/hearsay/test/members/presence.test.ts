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
  it("are told of those that are there at once, and then of each that comes, goes and comes back", async () => {
    await using network = await testNetwork({ nodes: 3, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const { told } = follow(one);
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

  it("hear nothing after the end, nor are told of those that were there", async () => {
    await using network = await testNetwork({ nodes: 2, seed: 1 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const { told } = follow(one);
    await network.run(one.close());
    told.length = 0;
    assert.deepEqual(follow(one).told, []);
    await network.run(network.node("node-2").leave());
    assert.deepEqual(told, []);
  });
});

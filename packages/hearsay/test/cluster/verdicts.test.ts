import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { rejection } from "./support.js";

/** Three nodes, of which the third never answers what it is asked. */
async function pool(): Promise<TestNetwork> {
  const network = await testNetwork({ nodes: 3 });
  await network.until(() => network.converged());
  network.node("node-3").onRequest("never", () => new Promise(() => {}));
  return network;
}

describe("what waits for a member ends with the verdict on it", () => {
  it("a request ends when the member is declared dead, and says so", async () => {
    await using network = await pool();
    const reply = rejection(
      network.node("node-1").request("node-3", "never", 1, { timeout: "10m" }),
      "ERR_MEMBER_GONE",
    );
    await network.advance("1s");
    network.crash("node-3");
    const crashedAtMs = network.nowMs;
    const { data, retryable } = await network.run(reply);
    assert.deepEqual(data, { name: "node-3", status: "failed" });
    assert.equal(retryable, true);
    assert.equal(network.node("node-1").member("node-3")?.status, "failed");
    assert.ok(network.nowMs - crashedAtMs < 60_000);
  });

  it("a request ends 12 s after the member has left, if no word of its handler comes until then", async () => {
    await using network = await pool();
    const reply = rejection(
      network.node("node-1").request("node-3", "never", 1, { timeout: "10m" }),
      "ERR_MEMBER_GONE",
    );
    await network.advance("1s");
    const leaving = network.node("node-3").leave();
    await network.until(() => network.node("node-1").member("node-3")?.status === "left");
    const leftAtMs = network.nowMs;
    network.partition(["node-3"]);
    assert.deepEqual((await network.run(reply)).data, { name: "node-3", status: "left" });
    assert.equal(network.nowMs - leftAtMs, 12_000);
    await network.run(leaving);
  });

  it("a request to a member that is dead already isn't begun, and succeeds once it is back", async () => {
    await using network = await pool();
    network.crash("node-3");
    const one = network.node("node-1");
    await network.until(() => one.member("node-3")?.status === "failed");
    const startMs = network.nowMs;
    await network.run(rejection(one.request("node-3", "echo", 1, { timeout: "10m" }), "ERR_MEMBER_GONE"));
    assert.equal(network.nowMs, startMs);
    (await network.restart("node-3")).onRequest("echo", (value) => value);
    await network.until(() => one.member("node-3")?.status === "alive");
    assert.equal(await network.run(one.request("node-3", "echo", 1)), 1);
  });

  it("a request to another member goes on", async () => {
    await using network = await pool();
    let resolve: (value: number) => void = () => {};
    const promise = new Promise<number>((settle) => {
      resolve = settle;
    });
    network.node("node-2").onRequest("later", () => promise);
    const reply = network.node("node-1").request("node-2", "later", 1, { timeout: "10m" });
    network.crash("node-3");
    await network.until(() => network.node("node-1").member("node-3")?.status === "failed");
    resolve(7);
    assert.equal(await network.run(reply), 7);
  });

  it("a leave, a change of tags and a removal end once nobody is there to be told", async () => {
    for (const wait of ["leave", "setTags", "forceLeave"] as const) {
      await using network = await pool();
      network.crash("node-3");
      const one = network.node("node-1");
      await network.until(() => one.member("node-3")?.status === "failed");
      network.crash("node-2");
      const startMs = network.nowMs;
      if (wait === "leave") await network.run(one.leave({ timeout: "10m" }));
      else if (wait === "setTags") await network.run(one.setTags({ a: "b" }));
      else await network.run(one.forceLeave("node-3", { timeout: "10m" }));
      assert.ok(network.nowMs - startMs < 60_000, `${wait} took ${network.nowMs - startMs} ms`);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testNetwork } from "../../dist/testing/index.js";

describe("what a node knows of a member", () => {
  it("has an address, a status, the time since when, and what the member tells of itself", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.advance("5s");
    const joinedAt = network.wallNowMs;
    await network.add({ tags: { role: "web", zone: "eu-1a" } });
    const observer = network.node("node-1");
    await network.until(() => observer.member("node-3") !== undefined);
    const member = observer.member("node-3") ?? assert.fail();
    assert.equal(member.address, "10.0.0.3:7946");
    assert.deepEqual([member.host, member.port], ["10.0.0.3", 7946]);
    assert.equal(member.status, "alive");
    assert.ok(member.sinceMs >= joinedAt && member.sinceMs <= network.wallNowMs, `since ${member.sinceMs}`);
    assert.deepEqual({ ...member.tags }, { role: "web", zone: "eu-1a" });
    network.crash("node-3");
    await network.until(() => observer.member("node-3")?.status === "suspect");
    await network.until(() => observer.member("node-3")?.status === "failed");
    assert.deepEqual({ ...observer.member("node-3")?.tags }, { role: "web", zone: "eu-1a" });
  });

  it("has sinceMs at each change of its status: suspected, failed, and back", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const observer = network.node("node-1");
    const seen: { readonly status: string; readonly ageMs: number }[] = [];
    const read = async (): Promise<void> => {
      for await (const item of observer.changes()) {
        if (item.type === "snapshot" || item.member.name !== "node-3") continue;
        seen.push({ status: item.member.status, ageMs: network.wallNowMs - item.member.sinceMs });
      }
    };
    void read();
    await network.advance("10s");
    network.crash("node-3");
    await network.until(() => observer.member("node-3")?.status === "failed");
    await network.advance("5s");
    // `sinceMs` is in whole milliseconds.
    assert.ok(network.wallNowMs - (observer.member("node-3")?.sinceMs ?? 0) > 4999);
    await network.restart("node-3");
    await network.until(() => observer.member("node-3")?.status === "alive");
    assert.deepEqual(
      seen.map(({ status }) => status),
      ["suspect", "failed", "alive"],
    );
    for (const { status, ageMs } of seen) assert.ok(Math.abs(ageMs) <= 1, `${status} since ${ageMs} ms`);
  });
});

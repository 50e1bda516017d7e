import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { testNetwork } from "../../dist/testing/index.js";
import { rejection, thrown } from "./support.js";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
const all = {};

describe("the life of a cluster", () => {
  beforeEach(() => process.on("unhandledRejection", note));
  afterEach(() => {
    process.removeListener("unhandledRejection", note);
    assert.deepEqual(unhandled.splice(0), []);
  });

  it("is alone, joined with company, alone again, leaving, closed", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    assert.equal(one.status, "alone");
    const two = await network.add();
    assert.equal(two.status, "alone");
    await network.until(() => one.status === "joined" && two.status === "joined", "5s");
    network.crash(two);
    await network.until(() => one.status === "alone", "1m");
    const leaving = one.leave();
    assert.equal(one.status, "leaving");
    await network.run(leaving);
    assert.equal(one.status, "closed");
  });

  it("a suspect still counts as company", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    network.crash("node-2");
    const one = network.node("node-1");
    await network.until(() => one.member("node-2")?.status === "suspect", "30s");
    assert.equal(one.status, "joined");
    assert.equal(one.members().length, 2);
  });

  it("`closed` settles once, without a cause after leave or close", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = pair(network.nodes);
    await network.run(Promise.all([one.leave(), two.close()]));
    assert.deepEqual(await one.closed, { status: "closed", cause: null });
    assert.equal(await one.closed, await one.closed);
    assert.deepEqual(await two.closed, { status: "closed", cause: null });
  });

  it("leave and close may be called again and together, and all calls settle", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = pair(network.nodes);
    await network.run(Promise.all([one.leave(), one.leave(), one.close(), one.close(), one.leave()]));
    assert.equal(one.status, "closed");
    await network.run(Promise.all([one.leave(), one.close(), one[Symbol.asyncDispose]()]));
    await network.run(Promise.all([two.close(), two.leave()]));
    assert.equal(two.status, "closed");
  });

  it("the others see one that leaves as left, and one that closes as failed", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const [one, two, three] = network.nodes;
    assert.ok(one && two && three);
    await network.run(Promise.all([two.leave(), three.close()]));
    await network.until(() => one.member("node-2")?.status === "left", "5s");
    await network.until(() => one.member("node-3")?.status === "failed", "30s");
    assert.equal(one.explain("node-2").at(-1)?.kind, "departed");
  });

  it("a whole cluster leaves together without waiting for those that are gone", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    const start = network.nowMs;
    await network.run(Promise.all(network.nodes.map((cluster) => cluster.leave())));
    assert.ok(network.nowMs - start < 2000, `leaving took ${network.nowMs - start} ms`);
  });

  it("leaving gives up telling the others after its time, or when its signal says so", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    const [one, two, three] = network.nodes;
    assert.ok(one && two && three);
    const start = network.nowMs;
    await network.run(one.leave({ timeout: 50 }));
    assert.ok(network.nowMs - start <= 60, "the time limit ends it");
    const abort = new AbortController();
    const leaving = two.leave({ signal: abort.signal });
    abort.abort();
    await network.run(leaving, "1s");
    assert.equal(two.status, "closed");
    await network.run(three.leave({ signal: AbortSignal.abort() }), "100ms");
    assert.equal(three.status, "closed");
  });

  it("`ready` waits for as many members as it is told", async () => {
    await using network = await testNetwork({ nodes: 2 });
    const one = network.node("node-1");
    let isReady = false;
    const ready = one.ready({ members: 3 }).then(() => {
      isReady = true;
    });
    await network.run(one.ready({ members: 2 }));
    await network.advance("20s");
    assert.equal(isReady, false);
    await network.add();
    await network.run(ready);
  });

  it("`ready` without a number resolves at once at a node that has nobody to join", async () => {
    await using network = await testNetwork({ nodes: 1, options: { join: [] } });
    await network.node("node-1").ready();
  });

  it("`ready` resolves at a seed whose only target is itself, and at one that was found instead of finding", async () => {
    await using network = await testNetwork({ nodes: 1 });
    await network.run(network.node("node-1").ready(), "1s");
    const lonely = await network.add({ join: ["10.9.9.9:7946"] });
    await network.advance("2s");
    await rejection(lonely.ready({ signal: AbortSignal.abort() }), "ERR_ABORTED");
    await network.run(network.node("node-1").join(lonely.self.address));
    await network.run(lonely.ready({ members: 2 }), "1s");
  });

  it("`ready` rejects when its signal aborts, with the reason as cause, and when the cluster ends", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const abort = new AbortController();
    const waiting = rejection(one.ready({ members: 2, signal: abort.signal }), "ERR_ABORTED");
    const reason = new Error("enough");
    abort.abort(reason);
    assert.equal((await waiting).cause, reason);
    const others = rejection(one.ready({ members: 2 }), "ERR_CLOSED");
    await network.run(one.close());
    await others;
    await rejection(one.ready(), "ERR_CLOSED");
  });

  it("`join` rejects when its signal aborts, and the cluster goes on", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    network.partition(["node-1"]);
    const abort = new AbortController();
    const joining = rejection(one.join("10.0.0.2:7946", { signal: abort.signal }), "ERR_ABORTED");
    await network.advance("100ms");
    abort.abort();
    await network.run(joining, "10ms");
    await rejection(network.run(one.join("10.0.0.2:7946", { signal: AbortSignal.abort() }), "10ms"), "ERR_ABORTED");
    assert.equal(one.status, "joined");
  });

  it("after the end every call says so, and while leaving nothing new starts", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist", extensions: "all" } });
    await network.until(() => network.converged());
    const [one, two] = pair(network.nodes);
    const channel = one.channel("news");
    const leaving = one.leave();
    assert.throws(() => one.sendRaw(Uint8Array.of(1)), { code: "ERR_LEAVING" });
    await rejection(one.setMeta(Uint8Array.of(1)), "ERR_LEAVING");
    await rejection(one.join("10.0.0.2"), "ERR_LEAVING");
    await rejection(channel.publish(1), "ERR_LEAVING");
    await rejection(one.request("node-2", "x", 1), "ERR_LEAVING");
    await network.run(leaving);
    assert.equal(thrown(() => one.sendRaw(Uint8Array.of(1)), "ERR_CLOSED").status, "closed");
    await rejection(one.setMeta(Uint8Array.of(1)), "ERR_CLOSED");
    await rejection(one.join("10.0.0.2"), "ERR_CLOSED");
    await rejection(one.request("node-2", "x", 1), "ERR_CLOSED");
    await rejection(channel.publish(1), "ERR_CLOSED");
    thrown(() => one.channel("more"), "ERR_CLOSED");
    thrown(() => one.onRequest("x", () => 1), "ERR_CLOSED");
    // Looking is still possible.
    assert.equal(one.self.name, "node-1");
    assert.ok(one.members().length > 0);
    assert.equal(one.status, "closed");
    assert.ok(one.metrics.prometheus().length > 0);
    assert.ok(one.stats().version > 0);
    assert.equal(two.status, "alone");
  });

  it("what waits for a cluster ends with it: iterations finish, requests reject", async () => {
    await using network = await testNetwork({ nodes: 2, ...all });
    await network.until(() => network.converged());
    const [one, two] = pair(network.nodes);
    two.onRequest("hang", () => new Promise(() => {}));
    const changes = drain(one.changes());
    const batches = drain(one.changes({ batch: 3_600_000 }));
    const messages = drain(one.channel("news").messages());
    const request = rejection(one.request("node-2", "hang", 1), "ERR_CLOSED");
    const ready = rejection(one.ready({ members: 9 }), "ERR_CLOSED");
    await network.advance("100ms");
    await network.run(one.close());
    await network.run(Promise.all([changes, batches, messages, request, ready]), "0");
  });

  it("a closed node's timers and messages are gone: the network falls silent", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    await network.run(Promise.all(network.nodes.map((cluster) => cluster.close())));
    const before = network.nodes.map((cluster) => cluster.stats().counters);
    await network.advance("5m");
    assert.deepEqual(
      network.nodes.map((cluster) => cluster.stats().counters),
      before,
    );
  });

  it("listens for signals only when told to, and takes that back at the end", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const before = process.listenerCount("SIGWINCH");
    one.leaveOn("SIGWINCH");
    assert.equal(process.listenerCount("SIGWINCH"), before + 1);
    process.emit("SIGWINCH");
    await network.run(one.closed);
    await network.advance(0);
    assert.equal(process.listenerCount("SIGWINCH"), before);
  });
});

function pair<Node>(nodes: readonly Node[]): [Node, Node] {
  const [one, two] = nodes;
  assert.ok(one !== undefined && two !== undefined);
  return [one, two];
}

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}

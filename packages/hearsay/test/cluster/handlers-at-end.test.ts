import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, systemClock } from "../../dist/base/clock.js";
import { openCluster } from "../../dist/create-cluster.js";
import {
  type Cluster,
  type ExtendedMemberlistCluster,
  type HearsayOptions,
  MemoryNetwork,
  memoryTransport,
} from "../../dist/index.js";
import { type TestNetwork, type TestNodeOptions, testNetwork } from "../../dist/testing/index.js";
import { eventually, forwarding, type Line, recorder, rejection } from "./support.js";

/** Two nodes that know each other, of which the second one will leave. */
async function couple(options: TestNodeOptions<HearsayOptions> = {}): Promise<[TestNetwork, Cluster, Cluster]> {
  const network = await testNetwork({ nodes: 2, options });
  await network.until(() => network.converged());
  return [network, network.node("node-1"), network.node("node-2")];
}

/** The same in a pool that forgets within a second who has left. */
async function forgetfulCouple(): Promise<[TestNetwork<Forgetful>, Forgetful, Forgetful]> {
  const options = { flavour: "memberlist", extensions: "all", timings: { gossipToTheDead: "1s" } } as const;
  const network = await testNetwork({ nodes: 2, options });
  await network.until(() => network.converged());
  return [network, network.node("node-1"), network.node("node-2")];
}

type Forgetful = ExtendedMemberlistCluster;

/** A handler's work, which the test ends. */
class Work {
  hasBegun = false;
  end: () => void = () => {};
  readonly #over: Promise<void> = new Promise((resolve) => {
    this.end = resolve;
  });

  async do(): Promise<string> {
    this.hasBegun = true;
    await this.#over;
    return "done";
  }
}

describe("a handler that is at work when its node leaves", () => {
  it("of a request: may finish, and its reply reaches whoever asked, though the farewell is over", async () => {
    const [network, asker, leaver] = await couple();
    await using _ = network;
    const work = new Work();
    leaver.onRequest("work", () => work.do());
    const reply = asker.request("node-2", "work", null, { timeout: "1m" });
    await network.until(() => work.hasBegun);
    const leaving = leaver.leave();
    await network.run(leaver.left);
    assert.equal(leaver.status, "leaving");
    work.end();
    assert.equal(await network.run(reply), "done");
    await network.run(leaving);
    assert.equal(leaver.stats().node.handlersCut, 0);
  });

  it("of a request: may finish, though whoever asked has forgotten the node by then", async () => {
    for (const how of ["pruned", "soon"] as const) {
      const [network, asker, leaver] = await (how === "soon" ? forgetfulCouple() : couple());
      await using _ = network;
      const work = new Work();
      leaver.onRequest("work", () => work.do());
      const reply = asker.request("node-2", "work", null, { timeout: "1m" });
      await network.until(() => work.hasBegun);
      const leaving = leaver.leave();
      if (how === "pruned") {
        await network.until(() => asker.member("node-2")?.status === "leaving");
        if ("forceLeave" in asker) void asker.forceLeave("node-2", { prune: true });
      }
      await network.until(() => asker.member("node-2") === undefined);
      assert.equal(leaver.status, "leaving");
      work.end();
      assert.equal(await network.run(reply), "done", how);
      await network.run(leaving);
    }
  });

  it("of a query: may finish, and its answer reaches whoever asked", async () => {
    const [network, asker, leaver] = await couple();
    await using _ = network;
    const work = new Work();
    leaver.onQuery("work", () => work.do());
    const query = asker.query("work", undefined, { timeout: "1m" });
    const answers: string[] = [];
    void (async () => {
      for await (const { payload } of query) answers.push(Buffer.from(payload).toString());
    })();
    await network.until(() => work.hasBegun);
    const leaving = leaver.leave();
    await network.run(leaver.left);
    work.end();
    await network.until(() => answers.length > 0);
    assert.deepEqual(answers, ["done"]);
    await network.run(leaving);
  });

  it("of messages and events: is waited for, if it returns a promise", async () => {
    const [network, teller, leaver] = await couple();
    await using _ = network;
    const works = [new Work(), new Work()] as const;
    leaver.channel("news").on(() => works[0].do());
    leaver.onEvent("deploy", () => works[1].do());
    void teller.channel("news").publish("x");
    teller.event("deploy");
    await network.until(() => works.every(({ hasBegun }) => hasBegun));
    let hasEnded = false;
    void leaver.leave().then(() => {
      hasEnded = true;
    });
    await network.advance("9s");
    assert.equal(hasEnded, false);
    for (const work of works) work.end();
    await network.until(() => hasEnded);
  });

  it("is cut after handlerTimeout, said and counted", async () => {
    const { logger, lines } = recorder();
    const [network, asker, leaver] = await couple({ handlerTimeout: "8s", logger });
    await using _ = network;
    const work = new Work();
    let isAborted = false;
    leaver.onRequest("work", (_payload, { signal }) => {
      signal.addEventListener("abort", () => {
        isAborted = true;
      });
      return work.do();
    });
    const reply = rejection(asker.request("node-2", "work", null, { timeout: "20s" }), "ERR_HANDLER_FAILED");
    await network.until(() => work.hasBegun);
    const begun = network.nowMs;
    await network.run(leaver.leave());
    const tookMs = network.nowMs - begun;
    assert.ok(tookMs >= 8000 && tookMs < 8100, `it took ${tookMs} ms`);
    assert.ok(isAborted);
    assert.equal(leaver.stats().node.handlersCut, 1);
    assert.match(leaver.metrics.prometheus(), /^hearsay_handlers_cut_total 1$/m);
    const said = lines.find(({ text }) => text === "handlers were still at work at the end; they are cut");
    assert.equal(said?.fields["handlers"], 1);
    assert.match((await network.run(reply)).message, /no answer before the node ended/);
  });

  it("is cut at once by the leave's signal, and by close", async () => {
    for (const end of ["signal", "close"] as const) {
      const [network, asker, leaver] = await couple();
      await using _ = network;
      const work = new Work();
      leaver.onRequest("work", () => work.do());
      void asker.request("node-2", "work", null, { timeout: "1m" }).catch(() => {});
      await network.until(() => work.hasBegun);
      const abort = new AbortController();
      void leaver.leave({ signal: abort.signal });
      await network.advance("50ms");
      if (end === "signal") abort.abort();
      else void leaver.close();
      await network.run(leaver.closed, "50ms");
      assert.equal(leaver.stats().node.handlersCut, 1, end);
    }
  });
});

describe("a node that leaves", () => {
  it("takes no new requests and answers no new queries", async () => {
    const [network, asker, leaver] = await couple();
    await using _ = network;
    const work = new Work();
    let queries = 0;
    leaver.onRequest("work", () => work.do());
    leaver.onRequest("other", () => "never");
    leaver.onQuery("count", () => {
      queries++;
    });
    void asker.request("node-2", "work", null, { timeout: "1m" }).catch(() => {});
    await network.until(() => work.hasBegun);
    void leaver.leave();
    const refused = rejection(asker.request("node-2", "other", null), "ERR_HANDLER_FAILED");
    const query = asker.query("count");
    assert.match((await network.run(refused)).message, /this node is leaving/);
    await network.run(query.done);
    assert.equal(queries, 0);
    assert.equal(leaver.stats().messaging["requestsRefused"], 1);
    work.end();
    await network.run(leaver.closed);
  });

  it("is told of as left within broadcastTimeout and leavePropagateDelay, whatever they are", async () => {
    const serf = { broadcastTimeout: "14s", leavePropagateDelay: "3s" };
    // Nothing is gossiped, so that nothing is ever told often enough.
    const timings = { gossipInterval: 0, eagerPacketsPerSecond: 0 };
    const [network, , leaver] = await couple({ serf, timings });
    await using _ = network;
    const begun = network.nowMs;
    await network.run(leaver.leave());
    assert.equal(network.nowMs - begun, 17_000);
  });
});

/** A clock that stands still: the test lets the waits end, one by one. */
class HeldClock implements Clock {
  readonly waits = new Map<() => void, number>();
  readonly soon = systemClock.soon;

  now(): number {
    return 0;
  }

  wallNow(): number {
    return 0;
  }

  after(delayMs: number, fn: () => void): () => void {
    // The same function may wait twice.
    const wait = (): void => fn();
    this.waits.set(wait, delayMs);
    return () => void this.waits.delete(wait);
  }
}

describe("a transport that doesn't close", () => {
  it("is not waited for longer than 2 s", async () => {
    const { logger, lines } = recorder();
    const clock = new HeldClock();
    const inner = memoryTransport(new MemoryNetwork(), "10.0.0.1", 7946);
    const transport = { ...forwarding(inner), close: () => new Promise<void>(() => {}) };
    const cluster = await openCluster(
      { flavour: "memberlist", transport, logger },
      { clock, randomBytes: (count) => new Uint8Array(count), lookup: async () => [] },
    );
    clock.waits.clear();
    const closing = cluster.close();
    await eventually(() => clock.waits.size === 1, "the wait");
    assert.deepEqual([...clock.waits.values()], [2000]);
    assert.notEqual(cluster.status, "closed");
    for (const end of clock.waits.keys()) end();
    await closing;
    assert.equal(cluster.status, "closed");
    const texts = lines.map(({ text }: Line) => text);
    assert.ok(texts.includes("closing the transport takes too long; it is not waited for"), texts.join());
  });
});

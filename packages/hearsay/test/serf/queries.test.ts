import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster, IncomingQuery, Query } from "../../dist/index.js";
import { isHearsayError } from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { recorder, text, thrown } from "../cluster/support.js";

/** All answers to a query, in the order of names, as `node-1 0.4`. */
async function answersOf(query: Query): Promise<string[]> {
  const answers: string[] = [];
  for await (const { from, payload } of query) answers.push(`${from} ${text(payload)}`);
  return answers.sort();
}

async function pool(nodes: number, tags?: (index: number) => Readonly<Record<string, string>>): Promise<TestNetwork> {
  const network = await testNetwork({ nodes: 0 });
  for (let i = 1; i <= nodes; i++) {
    const node = await network.add(tags === undefined ? {} : { tags: tags(i) });
    node.onQuery("load", ({ payload }) => `${node.self.name.slice(-1)}${text(payload)}`);
  }
  await network.until(() => network.converged());
  return network;
}

function first(network: TestNetwork): Cluster {
  return network.node("node-1");
}

describe("a query", () => {
  it("is answered by all, and ends with the last answer", async () => {
    await using network = await pool(4);
    const start = network.nowMs;
    const query = first(network).query("load", "!", { ack: true, timeout: "2s" });
    const answers = await network.run(answersOf(query));
    assert.deepEqual(answers, ["node-1 1!", "node-2 2!", "node-3 3!", "node-4 4!"]);
    assert.ok(network.nowMs - start < 500, `after ${network.nowMs - start} ms`);
    assert.deepEqual([...query.acked].sort(), ["node-1", "node-2", "node-3", "node-4"]);
    assert.deepEqual(await query.done, { acks: 4, answers: 4 });
    const acks: string[] = [];
    for await (const from of query.acks()) acks.push(from);
    assert.equal(acks.length, 4);
  });

  it("ends when its time is over if somebody who is here doesn't answer, and tells who", async () => {
    await using network = await pool(3);
    const mute = await network.add();
    await network.until(() => network.converged());
    network.pause("node-3");
    const start = network.nowMs;
    const query = first(network).query("load", "", { timeout: "1s" });
    assert.deepEqual(await network.run(answersOf(query)), ["node-1 1", "node-2 2"]);
    assert.equal(network.nowMs - start, 1000);
    assert.deepEqual([...query.answered].sort(), ["node-1", "node-2"]);
    assert.deepEqual(query.missing(), { silent: ["node-3", mute.self.name], away: [] });
  });

  it("ends with the verdict on the last member that it waits for, and names it", async () => {
    await using network = await pool(4);
    network.crash("node-4");
    const start = network.nowMs;
    const all = first(network).query("load", "", { timeout: "10m" });
    const named = first(network).query("load", "", { timeout: "10m", filters: { nodes: ["node-2", "node-4"] } });
    const ping = first(network).query("_serf_ping", undefined, { timeout: "10m", ack: true });
    assert.deepEqual(await network.run(named.done), { acks: 0, answers: 1 });
    assert.deepEqual(await network.run(all.done), { acks: 0, answers: 3 });
    assert.deepEqual(await network.run(ping.done), { acks: 3, answers: 0 });
    assert.equal(first(network).member("node-4")?.status, "failed");
    assert.ok(network.nowMs - start < 60_000);
    assert.deepEqual(all.missing(), { silent: [], away: ["node-4"] });
    assert.deepEqual(named.missing(), { silent: [], away: ["node-4"] });
  });

  it("misses nobody who has given a sign of it, even if that member failed later", async () => {
    await using network = await pool(4);
    const one = first(network);
    network.pause("node-4");
    const answered = one.query("load", "", { timeout: "10m" });
    const acked = one.query("_serf_ping", undefined, { ack: true, timeout: "10m" });
    await network.until(() => answered.answered.has("node-3") && acked.acked.has("node-3"));
    network.crash("node-3");
    await network.run(Promise.all([answered.done, acked.done]));
    await network.until(() => one.member("node-3")?.status === "failed");
    for (const query of [answered, acked]) assert.deepEqual(query.missing(), { silent: [], away: ["node-4"] });
  });

  it("waits for nobody who was removed while it ran, unless that member is back", async () => {
    for (const isBack of [false, true]) {
      await using network = await testNetwork({ nodes: 3 });
      await network.until(() => network.converged());
      const [one, two] = [first(network), network.node("node-2")];
      const held: IncomingQuery[] = [];
      two.onQuery("slow", (query) => void held.push(query));
      const query = one.query("slow", "", { timeout: "5m", filters: { nodes: ["node-2", "node-3"] } });
      await network.until(() => held.length > 0);
      network.crash("node-3");
      await network.until(() => one.member("node-3")?.status === "failed");
      await network.run(one.forceLeave("node-3", { prune: true }));
      assert.equal(one.member("node-3"), undefined);
      if (isBack) {
        await network.restart("node-3");
        await network.until(() => network.converged());
      }
      held[0]?.respond("done");
      assert.deepEqual(await network.run(answersOf(query), "10m"), ["node-2 done"]);
      assert.equal(network.nowMs >= 300_000, isBack, `it ended after ${network.nowMs} ms`);
    }
  });

  it("asks whom its list named when it began, whatever becomes of the list", async () => {
    await using network = await pool(3);
    const nodes = ["node-2", "node-3"];
    const query = first(network).query("load", "", { timeout: "10m", filters: { nodes } });
    nodes.length = 0;
    assert.deepEqual(await network.run(answersOf(query)), ["node-2 2", "node-3 3"]);
  });

  it("isn't ended for a member that nobody here knows, nor where expressions decide who is asked", async () => {
    await using network = await pool(2);
    const start = network.nowMs;
    const unknown = first(network).query("load", "", { timeout: "1s", filters: { nodes: ["node-2", "node-9"] } });
    const tagged = first(network).query("load", "", { timeout: "1s", filters: { tags: { role: "" } } });
    await network.run(Promise.all([unknown.done, tagged.done]));
    assert.equal(network.nowMs - start, 1000);
  });

  it("can be read by several, at any time, also after its end", async () => {
    await using network = await pool(3);
    const query = first(network).query("load", "", { timeout: "1s" });
    const [early, other] = [answersOf(query), answersOf(query)];
    await network.run(query.done);
    const all = ["node-1 1", "node-2 2", "node-3 3"];
    assert.deepEqual([await early, await other, await answersOf(query)], [all, all, all]);
  });

  it("asks only whom all filters match", async () => {
    await using network = await pool(5, (index) => ({
      role: index % 2 === 0 ? "db-replica" : "web",
      rack: `${index}`,
    }));
    const ask = async (filters: { nodes?: string[]; tags?: Record<string, string> }): Promise<string[]> =>
      network.run(answersOf(first(network).query("load", "", { filters, timeout: "1s" })));
    assert.deepEqual(await ask({ nodes: ["node-2", "node-9"] }), ["node-2 2"]);
    assert.deepEqual(await ask({ tags: { role: "^web$" } }), ["node-1 1", "node-3 3", "node-5 5"]);
    assert.deepEqual(await ask({ tags: { role: "replica", rack: "[4-9]" } }), ["node-4 4"]);
    assert.deepEqual(await ask({ nodes: ["node-1"], tags: { role: "db" } }), []);
    // Not an expression of RE2's, and one that is too long: nobody is meant.
    assert.deepEqual(await ask({ tags: { role: "(?=web)" } }), []);
    assert.deepEqual(await ask({ tags: { role: `web|${"x".repeat(256)}` } }), []);
  });

  it("is not for whom its expression would cost too much, which is counted, logged once, and hinders no other", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 3, options: { tags: { role: "web" }, logger } });
    await network.until(() => network.converged());
    for (const node of network.nodes) node.onQuery("load", () => "1");
    const ask = (role: string): Promise<string[]> =>
      network.run(answersOf(first(network).query("load", "", { filters: { tags: { role } }, timeout: "1s" })));
    const all = ["node-1 1", "node-2 1", "node-3 1"];
    assert.deepEqual(await ask("^(w|x{0,100})eb$"), all);
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask(`^(w|x{0,90${i}})eb$`), []);
    assert.deepEqual(await ask("^web$"), all);
    for (const node of network.nodes) assert.equal(node.stats().serf?.counters["filtersRefused"], 3);
    const warnings = lines.filter(({ text: line }) => line.includes("tag filter would cost too much"));
    assert.deepEqual(warnings.map(({ fields }) => `${fields["node"]} ${fields["member"]}`).sort(), [
      "node-1 node-1",
      "node-2 node-1",
      "node-3 node-1",
    ]);
  });

  it("is answered by handlers of its name before those of all names, and not without one", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    two.onQuery("*", ({ name }) => `any ${name}`);
    const end = two.onQuery("load", () => "load");
    const ask = (name: string): Promise<string[]> => network.run(answersOf(one.query(name, "", { timeout: "1s" })));
    assert.deepEqual(await ask("load"), ["node-2 load"]);
    assert.deepEqual(await ask("uptime"), ["node-2 any uptime"]);
    end();
    assert.deepEqual(await ask("load"), ["node-2 any load"]);
    thrown(() => two.onQuery("*", () => "again"), "ERR_CONFIG");
  });

  it("can be answered later, once, and only while it lasts", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    let kept: IncomingQuery | null = null;
    const faults: string[] = [];
    const attempt = (query: IncomingQuery, payload: string | Uint8Array): void => {
      try {
        query.respond(payload);
      } catch (error) {
        assert.ok(isHearsayError(error));
        faults.push(error.code === "ERR_QUERY_CLOSED" ? String(Reflect.get(error.data, "reason")) : error.code);
      }
    };
    two.onQuery("slow", (query) => {
      kept = query;
      attempt(query, new Uint8Array(2000));
    });
    const query = one.query("slow", "", { timeout: "3s" });
    await network.advance("1s");
    assert.ok(kept !== null);
    attempt(kept, "in time");
    attempt(kept, "again");
    assert.deepEqual(await network.run(answersOf(query)), ["node-2 in time"]);
    // The other node heard of the query a little later than it began.
    await network.advance("100ms");
    attempt(kept, "too late");
    assert.deepEqual(faults, ["ERR_MESSAGE_TOO_LARGE", "answered", "late"]);
  });

  it("whose handler fails gets no answer, and harms nobody", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = first(network);
    one.onQuery("now", () => {
      throw new Error("now");
    });
    one.onQuery("later", async () => {
      await null;
      throw new Error("later");
    });
    // As JavaScript would, which no type keeps from it.
    Reflect.apply(one.onQuery, one, ["nonsense", () => 5]);
    for (const name of ["now", "later", "nonsense"]) {
      assert.deepEqual(await network.run(answersOf(one.query(name, "", { timeout: "500ms" }))), []);
    }
    assert.equal(one.stats().serf?.counters["serfHandlersFailed"], 3);
    assert.equal(one.status, "alone");
  });

  it("can be cancelled, by itself or by a signal, and ends with the cluster", async () => {
    await using network = await pool(2);
    const one = first(network);
    const cancelled = one.query("load", "", { timeout: "60s" });
    cancelled.cancel();
    await cancelled.done;
    const controller = new AbortController();
    const aborted = one.query("load", "", { timeout: "60s", signal: controller.signal });
    controller.abort();
    await aborted.done;
    thrown(() => one.query("load", "", { signal: controller.signal }), "ERR_ABORTED");
    const open = one.query("load", "", { timeout: "60s" });
    await network.run(one.close());
    await network.run(open.done);
    thrown(() => one.query("load"), "ERR_CLOSED");
  });

  it("by Serf's own name finds out who is there, and nothing else of Serf's can be asked", async () => {
    await using network = await pool(3);
    const one = first(network);
    const query = one.query("_serf_ping", undefined, { ack: true, timeout: "1s" });
    await network.run(query.done);
    assert.equal(query.acked.size, 3);
    for (const name of ["_serf_install-key", "_serf_"]) thrown(() => one.query(name), "ERR_CONFIG");
  });

  it("is refused with options that can't be meant", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = first(network);
    for (const options of [
      { relay: -1 },
      { relay: 256 },
      { relay: 0.5 },
      { timeout: "soon" },
      { timeout: 0 },
      { filters: { nodes: [] } },
      { filters: { nodes: [5] } },
      { filters: { tags: { role: 5 } } },
    ]) {
      thrown(() => Reflect.apply(one.query, one, ["q", "", options]), "ERR_CONFIG");
    }
    assert.equal(thrown(() => one.query("q", new Uint8Array(1024)), "ERR_MESSAGE_TOO_LARGE").limitBytes, 1024);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterObject } from "../../dist/cluster-object.js";
import { type ClusterOptions, isHearsayError } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

type Call = (cluster: ClusterObject, options: unknown) => unknown;

/** A call with these options, as a caller without types may give them. */
function call(method: Method, ...args: unknown[]): Call {
  return (cluster, options) => Reflect.apply(cluster[method], cluster, [...args, options]);
}

type Method =
  | "changes"
  | "channel"
  | "event"
  | "events"
  | "forceLeave"
  | "join"
  | "leave"
  | "members"
  | "onRequest"
  | "query"
  | "ready"
  | "request"
  | "ring"
  | "sendRaw";

const CALLS: Readonly<Record<string, { readonly call: Call; readonly options?: ClusterOptions }>> = {
  query: { call: call("query", "load", undefined) },
  request: { call: call("request", "node-1", "load", 1) },
  onRequest: { call: call("onRequest", "load", () => 1) },
  channel: { call: call("channel", "news") },
  ring: { call: call("ring", "jobs") },
  "keys.list": { call: (cluster, options) => Reflect.apply(cluster.keys.list, cluster.keys, [options]) },
  sendRaw: { call: call("sendRaw", new Uint8Array(1)), options: { flavour: "memberlist" } },
  publish: {
    call: (cluster, options) => {
      const channel = cluster.channel("news");
      return Reflect.apply(channel.publish, channel, [1, options]);
    },
  },
  messages: {
    call: (cluster, options) => {
      const channel = cluster.channel("news");
      return Reflect.apply(channel.messages, channel, [options]);
    },
  },
  event: { call: call("event", "deploy", "v2") },
  events: { call: call("events") },
  forceLeave: { call: call("forceLeave", "node-1") },
  join: { call: call("join", "10.0.0.2") },
  leave: { call: call("leave") },
  ready: { call: call("ready") },
  members: { call: call("members") },
  changes: { call: call("changes") },
};

/** What each option of each call refuses, and what it says may stand there. */
const WRONG: readonly (readonly [
  name: string,
  options: Readonly<Record<string, unknown>>,
  faults: readonly string[],
])[] = [
  ["query", { timeout: "soon" }, ["timeout: a duration from 1 to 2147483647 ms"]],
  ["query", { ack: "yes", relay: 256 }, ["ack: true or false", "relay: a whole number from 0 to 255"]],
  ["query", { filters: 5 }, ["filters: an object"]],
  [
    "query",
    { filters: { node: ["a"] } },
    ["filters.node: nothing, as there is no such option; did you mean filters.nodes?"],
  ],
  ["query", { filters: { nodes: ["a", 5] } }, ["filters.nodes[1]: text"]],
  [
    "query",
    { filters: { nodes: [], tags: { a: 1 } } },
    ["filters.nodes: a list of at least one name", "filters.tags: an object of texts"],
  ],
  ["query", { signal: new AbortController() }, ["signal: an AbortSignal"]],
  ["request", { timeoutMs: 5 }, ["timeoutMs: nothing, as there is no such option; did you mean timeout?"]],
  ["request", { timeout: 0 }, ["timeout: a duration from 1 to 2147483647 ms"]],
  ["request", { codec: JSON }, ["codec: an object whose request and reply have the methods encode and decode"]],
  ["request", { signal: true }, ["signal: an AbortSignal"]],
  ["onRequest", { codec: { request: {} } }, ["codec: an object whose request and reply"]],
  ["channel", { codec: { encode: () => 1 } }, ["codec: an object with the methods encode and decode"]],
  [
    "ring",
    { placement: "random", weight: "" },
    ["weight: the name of a tag, or a function", 'placement: one of "bounded", "rendezvous"'],
  ],
  ["ring", { where: { zone: 1 } }, ["where: a function, or tags"]],
  ["keys.list", { relay: -1 }, ["relay: a whole number from 0 to 255"]],
  ["sendRaw", { to: 5, urgency: "soon" }, ["to: text", 'urgency: one of "now", "normal", "bulk"']],
  ["sendRaw", { reliable: true }, ["reliable: false where there is no `to`"]],
  ["publish", { urgency: "soon", signal: 1 }, ['urgency: one of "now", "normal", "bulk"', "signal: an AbortSignal"]],
  ["messages", { queueMax: 0 }, ["queueMax: a whole number from 1"]],
  ["event", { coalesce: 1 }, ["coalesce: true or false"]],
  ["events", { name: 5, queueMax: 1.5 }, ["name: text", "queueMax: a whole number from 1"]],
  ["forceLeave", { prune: "yes", timeout: -1 }, ["prune: true or false", "timeout: a duration from 0"]],
  ["join", { keep: 1, replay: 0 }, ["replay: true or false", "keep: true or false"]],
  ["leave", { timeout: "soon", signal: {} }, ["timeout: a duration from 0", "signal: an AbortSignal"]],
  ["ready", { members: 0 }, ["members: a whole number from 1"]],
  ["members", { status: "gone" }, ['status: one of "alive", "suspect", "leaving", "failed", "left"']],
  ["members", { status: ["alive", "gone"] }, ["status[1]: one of"]],
  ["changes", { batch: "soon", queueMax: 0 }, ["batch: a duration from 0", "queueMax: a whole number from 1"]],
];

describe("options of calls", () => {
  const faultsOf = async (name: string, options: unknown): Promise<{ message: string; faults: string[] }> => {
    const { call: make, options: own = {} } = CALLS[name] ?? assert.fail(name);
    await using network = await testNetwork({ nodes: 1, options: own });
    try {
      await make(network.node("node-1") as ClusterObject, options);
    } catch (error) {
      assert.ok(isHearsayError(error, "ERR_CONFIG"), String(error));
      const faults = error.data.faults.map(({ key, allowed }) => `${key}: ${allowed}`);
      return { message: error.message, faults };
    }
    assert.fail(`${name} took ${JSON.stringify(options)}`);
  };

  for (const [name, options, expected] of WRONG) {
    it(`${name} refuses ${JSON.stringify(options)}, and says what is allowed`, async () => {
      const { message, faults } = await faultsOf(name, options);
      assert.equal(faults.length, expected.length, message);
      for (const [index, text] of expected.entries()) assert.ok(faults[index]?.startsWith(text), message);
      assert.match(message, new RegExp(`^(an option or argument|2 options or arguments) of ${name}\\(\\) `));
    });
  }

  for (const name of Object.keys(CALLS)) {
    it(`${name} knows no others, and takes nothing but an object`, async () => {
      assert.match((await faultsOf(name, { bogus: 1 })).message, /bogus: nothing, as there is no such option/);
      for (const options of [5, "text", ["list"], null]) {
        assert.deepEqual((await faultsOf(name, options)).faults, ["options: an object"]);
      }
    });
  }

  it("are told together with what is wrong with the arguments", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    assert.throws(() => Reflect.apply(one.query, one, ["_serf_x", 5, { relay: 300, timeout: -1 }]), {
      code: "ERR_CONFIG",
      message:
        /^4 options or arguments of query\(\) are wrong\n {2}name: .*\n {2}payload: .*\n {2}relay: .*\n {2}timeout: /,
    });
  });

  it("of a prototype are refused, not left out: a query would ask more than it was meant to", async () => {
    const allowed = "a property of the object itself: what it inherits isn't read";
    class Urgent {
      get urgency(): string {
        return "now";
      }
    }
    assert.deepEqual((await faultsOf("publish", new Urgent())).faults, [`urgency: ${allowed}`]);
    const inherited = Object.create({ filters: { nodes: ["node-9"] } });
    assert.deepEqual((await faultsOf("query", inherited)).faults, [`filters: ${allowed}`]);
    const filters = Object.create({ nodes: ["node-9"] });
    assert.deepEqual((await faultsOf("query", { filters })).faults, [`filters.nodes: ${allowed}`]);
  });

  it("may be functions where objects with methods are wanted, as classes with static ones are", async () => {
    const Text = Object.assign(() => {}, {
      encode: (value: string): Uint8Array => Buffer.from(value),
      decode: (bytes: Uint8Array): string => Buffer.from(bytes).toString(),
    });
    interface Talk {
      readonly channels: { readonly news: string };
    }
    await using network = await testNetwork<Talk>({ nodes: 2 });
    await network.until(() => network.converged());
    const heard: string[] = [];
    network
      .node("node-2")
      .channel("news", { codec: Text })
      .on(({ value }) => heard.push(value));
    await network.node("node-1").channel("news", { codec: Text }).publish("hello");
    await network.until(() => heard.length > 0);
    assert.deepEqual(heard, ["hello"]);
  });

  it("that are undefined are as good as none", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const none = { filters: undefined, ack: undefined, relay: undefined, timeout: undefined, signal: undefined };
    const query = Reflect.apply(one.query, one, ["load", undefined, none]);
    query.cancel();
    one.ring("jobs", Object.create(null));
  });
});

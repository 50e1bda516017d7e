import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterObject } from "../../dist/cluster-object.js";
import type { ExtendedMemberlistCluster, ExtendedMemberlistOptions, RawMessage } from "../../dist/index.js";
import {
  type TestNetwork,
  type TestNetworkOptions,
  type TestNodeOptions,
  testNetwork,
} from "../../dist/testing/index.js";
import { bytes, recorder, rejection, text, thrown } from "./support.js";

interface Talk {
  readonly channels: { readonly cache: { readonly id: number }; readonly news: string; readonly large: Uint8Array };
  readonly requests: {
    readonly repeat: (times: number) => string;
    readonly count: (n: number) => void;
    readonly break: (payload: null) => void;
    readonly hang: (payload: null) => Promise<void>;
    readonly ask: (payload: null) => string;
  };
}

type Node = ExtendedMemberlistCluster<Talk>;

async function together({
  options,
  ...conditions
}: TestNetworkOptions & { readonly options?: Partial<TestNodeOptions<ExtendedMemberlistOptions>> }): Promise<
  TestNetwork<Node>
> {
  const network = await testNetwork<Talk>({
    ...conditions,
    options: { flavour: "memberlist", extensions: "all", ...options },
  });
  await network.until(() => network.converged());
  // What the joins had to tell has been told.
  await network.advance("10s");
  return network;
}

function nodes(network: TestNetwork<Node>): [Node, Node, Node] {
  const [one, two, three] = network.nodes;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  return [one, two, three];
}

describe("metadata", () => {
  it("every member shows what a node tells of itself, at the start and after each change", async () => {
    await using network = await together({ nodes: 3, options: { flavour: "memberlist", meta: "at first" } });
    const [one, two] = nodes(network);
    assert.equal(text(two.member("node-1")?.meta ?? bytes("")), "at first");
    const start = network.nowMs;
    await network.run(one.setMeta(bytes("changed")));
    assert.ok(network.nowMs > start, "it resolves when the others have been told, not before");
    for (const cluster of network.nodes) assert.equal(text(cluster.member("node-1")?.meta ?? bytes("")), "changed");
    assert.equal(two.explain("node-1").at(-1)?.kind, "announced");
  });

  it("is what it was when it was set, whatever becomes of the bytes", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    const own = bytes("kept");
    const telling = one.setMeta(own);
    own.fill(0);
    await network.run(telling);
    assert.equal(text(two.member("node-1")?.meta ?? bytes("")), "kept");
  });

  it("of more than 512 bytes is refused with the limit in the error", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    const { data } = await rejection(one.setMeta(new Uint8Array(513)), "ERR_META_TOO_LARGE");
    assert.deepEqual(data, { sizeBytes: 513, limitBytes: 512 });
    await network.run(one.setMeta(new Uint8Array(512)));
    assert.equal(two.member("node-1")?.meta.length, 512);
  });

  it("a lone node's change is done at once, and a superseded one as soon as the newer one takes its place", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    await network.node("node-1").setMeta(bytes("alone"));
    const two = await network.add();
    await network.run(two.ready({ members: 2 }));
    await network.run(Promise.all([two.setMeta(bytes("a")), two.setMeta(bytes("b")), two.setMeta(bytes("c"))]));
    assert.equal(text(network.node("node-1").member("node-2")?.meta ?? bytes("")), "c");
  });
});

describe("raw messages", () => {
  it("reach one member by datagram or by stream, with the sender's address", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two, three] = nodes(network);
    const heard: RawMessage[] = [];
    two.onRaw((message) => heard.push(message));
    three.onRaw(() => assert.fail("it was for another one"));
    one.sendRaw(bytes("by datagram"), { to: "node-2" });
    one.sendRaw(bytes("by stream"), { to: "node-2", reliable: true });
    await network.until(() => heard.length === 2, "1s");
    assert.deepEqual(
      heard.map(({ payload, reliable }) => [text(payload), reliable]),
      [
        ["by datagram", false],
        ["by stream", true],
      ],
    );
    assert.equal(heard[0]?.from, one.self.address);
  });

  it("without a receiver are spread to all by gossip", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two, three] = nodes(network);
    const heard: string[] = [];
    for (const cluster of [two, three])
      cluster.onRaw(({ payload }) => heard.push(`${cluster.self.name} ${text(payload)}`));
    one.onRaw(() => assert.fail("a node doesn't hear its own messages"));
    for (const urgency of ["now", "normal", "bulk"] as const) one.sendRaw(bytes(urgency), { urgency });
    await network.advance("5s");
    for (const name of ["node-2", "node-3"]) {
      for (const urgency of ["now", "normal", "bulk"]) assert.ok(heard.includes(`${name} ${urgency}`));
    }
  });

  it("too large for a datagram are refused with the limit in the error, and go over a stream", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    const { limitBytes, sizeBytes } = thrown(() => one.sendRaw(new Uint8Array(60_000)), "ERR_MESSAGE_TOO_LARGE");
    assert.equal(sizeBytes, 60_000);
    assert.ok(limitBytes > 1300 && limitBytes < 1400);
    thrown(() => one.sendRaw(new Uint8Array(limitBytes + 1), { to: "node-2" }), "ERR_MESSAGE_TOO_LARGE");
    const sizes: number[] = [];
    two.onRaw(({ payload }) => sizes.push(payload.length));
    one.sendRaw(new Uint8Array(limitBytes), { to: "node-2" });
    one.sendRaw(new Uint8Array(60_000), { to: "node-2", reliable: true });
    await network.until(() => sizes.length === 2, "5s");
    assert.deepEqual(sizes.sort(), [limitBytes, 60_000].sort());
  });

  it("to nobody are refused, and a handler that throws harms no other", async () => {
    const { logger, lines } = recorder();
    await using network = await together({ nodes: 3, options: { flavour: "memberlist", logger } });
    const [one, two] = nodes(network);
    assert.deepEqual(
      thrown(() => one.sendRaw(bytes("x"), { to: "nobody" }), "ERR_UNKNOWN_MEMBER"),
      { name: "nobody" },
    );
    thrown(() => one.sendRaw(bytes("x"), { to: "nobody", reliable: true }), "ERR_UNKNOWN_MEMBER");
    let heard = 0;
    const stop = two.onRaw(() => {
      throw new Error("broken handler");
    });
    two.onRaw(() => heard++);
    one.sendRaw(bytes("x"), { to: "node-2" });
    await network.until(() => heard === 1, "1s");
    assert.ok(lines.some(({ level, fields }) => level === "warn" && String(fields.error).includes("broken handler")));
    assert.equal(two.stats().node["rawHandlersFailed"], 1);
    stop();
    one.sendRaw(bytes("x"), { to: "node-2" });
    await network.until(() => heard === 2, "1s");
    assert.equal(two.status, "joined");
  });
});

describe("channels and requests across nodes", () => {
  it("a message reaches each member once, its publisher too", async () => {
    await using network = await together({ nodes: 8 });
    const heard: string[] = [];
    for (const cluster of network.nodes) {
      cluster.channel("cache").on(({ value, from, channel }) => {
        heard.push(`${cluster.self.name}: ${from} ${channel} ${value.id}`);
      });
    }
    const [one] = nodes(network);
    const start = network.nowMs;
    await one.channel("cache").publish({ id: 7 }, { urgency: "now" });
    await network.until(() => heard.length === 8, "5s");
    assert.ok(network.nowMs - start < 10, `urgent news took ${network.nowMs - start} ms`);
    await network.advance("10s");
    assert.deepEqual(
      heard.sort(),
      [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `node-${i}: node-1 cache 7`),
    );
  });

  it("is passed on by members in between, also by such that don't listen", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two, three] = nodes(network);
    for (const [from, to] of [
      [one, three],
      [three, one],
    ] as const) {
      network.cut(from, to);
    }
    const heard: string[] = [];
    three.channel("news").on(({ value, from }) => heard.push(`${from} ${value}`));
    await one.channel("news").publish("over two hops");
    await network.until(() => heard.length === 1, "5s");
    assert.deepEqual(heard, ["node-1 over two hops"]);
    assert.ok(two.stats().counters.rumorsQueued > 0);
  });

  it("a message larger than a packet is refused with the limit in the error, and one of just that size arrives", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    const codec = { encode: (value: Uint8Array) => value, decode: (data: Uint8Array) => data.slice() };
    const channel = one.channel("large", { codec });
    const { data } = await rejection(channel.publish(new Uint8Array(5000)), "ERR_MESSAGE_TOO_LARGE");
    assert.equal(data.sizeBytes, 5000);
    assert.match(data.what, /channel "large"/);
    const sizes: number[] = [];
    two.channel("large", { codec }).on(({ value }) => sizes.push(value.length));
    await channel.publish(new Uint8Array(data.limitBytes));
    await network.until(() => sizes.length > 0, "10s");
    assert.deepEqual(sizes, [data.limitBytes]);
  });

  it("a request is answered by the member that it names, however large the answer", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two, three] = nodes(network);
    const end = two.onRequest("repeat", async (count: number, { from }) => `${from}${"!".repeat(count)}`);
    const answer = await network.run(one.request("node-2", "repeat", 200_000));
    assert.equal(answer.length, "node-1".length + 200_000);
    assert.deepEqual(await network.run(three.request("node-2", "repeat", 0)), "node-3");
    end();
    await rejection(network.run(one.request("node-2", "repeat", 1)), "ERR_NO_HANDLER");
    await rejection(network.run(one.request("nobody", "repeat", 1)), "ERR_UNKNOWN_MEMBER");
  });

  it("a request fails as its handler did, after its time, and when its signal aborts", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    two.onRequest("break", () => {
      throw new Error("no such user");
    });
    two.onRequest("hang", () => new Promise(() => {}));
    const failed = await rejection(network.run(one.request("node-2", "break", null)), "ERR_HANDLER_FAILED");
    assert.match(failed.data.detail, /no such user/);
    const start = network.nowMs;
    await rejection(network.run(one.request("node-2", "hang", null, { timeout: 700 })), "ERR_TIMEOUT");
    assert.equal(network.nowMs - start, 700);
    const abort = new AbortController();
    const aborted = rejection(one.request("node-2", "hang", null, { signal: abort.signal }), "ERR_ABORTED");
    abort.abort();
    await aborted;
    network.crash(two);
    await rejection(network.run(one.request("node-2", "break", null)), "ERR_TIMEOUT");
  });

  it("to a member that hangs hold up none to the others, and those that ended don't run late", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two, three] = nodes(network);
    const ran: number[] = [];
    two.onRequest("count", (n) => void ran.push(n));
    three.onRequest("ask", () => "answered");
    one.onRequest("ask", () => "answered");
    network.pause("node-2");
    const toTwo = Array.from({ length: 200 }, (_, n) =>
      rejection(one.request("node-2", "count", n, { timeout: 1000 }), "ERR_TIMEOUT"),
    );
    for (let n = 0; n < 200; n++) one.sendRaw(new Uint8Array(8), { to: "node-2", reliable: true });
    await network.advance(10);
    const start = network.nowMs;
    assert.equal(await network.run(one.request("node-3", "ask", null), "1s"), "answered");
    // The reply has to find its way past the hanging member, too.
    assert.equal(await network.run(three.request("node-1", "ask", null), "1s"), "answered");
    assert.ok(network.nowMs - start < 100);
    await network.run(Promise.all(toTwo));
    network.resume("node-2");
    await network.advance("20s");
    // What its system had taken before can't be taken back.
    assert.ok(ran.length <= 64, `${ran.length} ran`);
    assert.match(
      one.metrics.prometheus(),
      /stream_messages_open 0\n[\s\S]*stream_messages_waiting 0\n[\s\S]*stream_messages_bytes 0\n/,
    );
  });

  it("of nodes that join together are all answered, also by who hears of them later than they ask", async () => {
    await using network = await together({ nodes: 3, latencyMs: 1, jitterMs: 2 });
    const news = await Promise.all(Array.from({ length: 30 }, () => network.add()));
    for (const cluster of network.nodes) cluster.onRequest("ask", () => cluster.self.name);
    const ask = async (asker: Node): Promise<void> => {
      await asker.ready({ members: 5 });
      const others = asker.members().filter(({ isSelf }) => !isSelf);
      const answers = await Promise.all(others.map(({ name }) => asker.request(name, "ask", null)));
      assert.deepEqual(
        answers,
        others.map(({ name }) => name),
      );
    };
    await network.run(Promise.all(news.map(ask)), "1m");
  });

  it("too many at once to one member are refused, and those to others are not", async () => {
    await using network = await together({ nodes: 3 });
    const [one] = nodes(network);
    network.pause("node-2");
    const send = (to: string): void => one.sendRaw(new Uint8Array(8), { to, reliable: true });
    for (let n = 0; n < 64 + 1024; n++) send("node-2");
    assert.deepEqual(
      thrown(() => send("node-2"), "ERR_BUSY"),
      { what: "streams" },
    );
    await rejection(one.request("node-2", "count", 1), "ERR_BUSY");
    send("node-3");
    assert.match(one.metrics.prometheus(), /stream_messages_dropped_total 2\n/);
  });

  it("need extensions on this node", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    // As JavaScript would: the types don't have these calls.
    const one = network.node("node-1") as ClusterObject;
    assert.equal(thrown(() => one.channel("x"), "ERR_EXTENSIONS_OFF").feature, "channels");
    thrown(() => one.onRequest("x", () => 1), "ERR_EXTENSIONS_OFF");
    await rejection(one.request("node-1", "x", 1), "ERR_EXTENSIONS_OFF");
  });

  it("raw messages pass beside them untouched", async () => {
    await using network = await together({ nodes: 3 });
    const [one, two] = nodes(network);
    const raw: string[] = [];
    const values: string[] = [];
    two.onRaw(({ payload }) => raw.push(text(payload)));
    two.channel("news").on(({ value }) => values.push(value));
    one.sendRaw(bytes("raw"), { to: "node-2" });
    await one.channel("news").publish("enveloped");
    await network.until(() => raw.length > 0 && values.length > 0, "5s");
    await network.advance("5s");
    assert.deepEqual([raw, values], [["raw"], ["enveloped"]]);
  });
});

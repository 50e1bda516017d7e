import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Codec, createCluster, type HearsayError, type SendRawOptions } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { rejection, text, thrown } from "./support.js";

describe("misuse of sendRaw is refused at once and harms nobody", () => {
  for (const [what, payload, options] of [
    ["a stream without a member to lead to", new Uint8Array(9), { reliable: true }],
    ["an urgency that there isn't", new Uint8Array(9), { urgency: "urgent" }],
    ["text instead of bytes", "text", {}],
  ] as const) {
    it(what, async () => {
      await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
      const [one] = network.nodes;
      assert.ok(one);
      // As JavaScript would call it, which no type keeps from it.
      const call: (payload: never, options: SendRawOptions) => void = one.sendRaw.bind(one);
      thrown(() => Reflect.apply(call, one, [payload, options]), "ERR_CONFIG");
      await network.advance("5s");
      assert.notEqual(one.status, "failed");
    });
  }

  it("more than a stream can carry", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const call = (): void => one.sendRaw(new Uint8Array(13 * 1024 * 1024), { to: two.self.name, reliable: true });
    assert.equal(thrown(call, "ERR_MESSAGE_TOO_LARGE").limitBytes, 12 * 1024 * 1024);
  });
});

describe("arguments of types that the compiler would have refused", () => {
  it("are refused by setMeta, which takes text and bytes", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    await network.run(one.setMeta("text as in the options: é"));
    await network.until(
      () => text(two.member(one.self.name)?.meta ?? new Uint8Array(0)) === "text as in the options: é",
    );
    for (const meta of [undefined, null, 5, [1, 2], {}, new ArrayBuffer(2)]) {
      await rejection(Reflect.apply(one.setMeta, one, [meta]), "ERR_CONFIG");
    }
    assert.equal(text(one.member(one.self.name)?.meta ?? new Uint8Array(0)), "text as in the options: é");
  });

  it("are refused by join, which takes text and lists of text", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    const one = network.node("node-1");
    for (const targets of [undefined, null, 5, [5], ["10.0.0.2", undefined], {}]) {
      await rejection(network.run(Reflect.apply(one.join, one, [targets])), "ERR_CONFIG");
    }
    assert.deepEqual(await network.run(one.join([])), { contacted: 0, failures: [] });
  });

  it("are refused where a codec makes them, instead of going out as other bytes", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist", extensions: "all" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const heard: unknown[] = [];
    two.onRaw((message) => heard.push(message));
    two.channel("news").on((message) => heard.push(message));
    two.onRequest("ask", (value) => heard.push(value));
    for (const value of ["text", 5, undefined, { length: 3 }]) {
      const codec: Codec<unknown> = { encode: asBytes, decode: asBytes };
      const error: HearsayError<"ERR_CONFIG"> = await rejection(
        one.channel("news", { codec }).publish(value),
        "ERR_CONFIG",
      );
      assert.equal(error.data.faults[0]?.key, "codec");
      const asking = one.request("node-2", "ask", value, { codec: { request: codec, reply: codec } });
      await rejection(network.run(asking), "ERR_CONFIG");
    }
    await network.advance("1s");
    assert.deepEqual(heard, []);
  });
});

describe("durations that calls are given", () => {
  // Null stands for the default where there is one.
  const nonsense = ["5 s", "soon", "", -1, Number.NaN, 2 ** 31, null, {}];

  it("are milliseconds or text, for a request as for an option", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist", extensions: "all" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    two.onRequest("hang", () => new Promise(() => {}));
    const start = network.nowMs;
    await rejection(network.run(one.request("node-2", "hang", 1, { timeout: "1.5s" })), "ERR_TIMEOUT");
    assert.equal(network.nowMs - start, 1500);
    for (const timeout of [...nonsense.filter((value) => value !== null), 0]) {
      const asking = Reflect.apply(one.request, one, ["node-2", "hang", 1, { timeout }]);
      await rejection(network.run(asking), "ERR_CONFIG");
    }
  });

  it("are refused by leave before anything happens, if they are none", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    for (const timeout of nonsense.filter((value) => value !== null)) {
      await rejection(Reflect.apply(one.leave, one, [{ timeout }]), "ERR_CONFIG");
    }
    assert.equal(one.status, "joined");
    network.partition(["node-1"]);
    const start = network.nowMs;
    await network.run(one.leave({ timeout: "200ms" }));
    assert.ok(network.nowMs - start <= 210, `it took ${network.nowMs - start} ms`);
  });

  it("gather a batch for as long as they say", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    const one = network.node("node-1");
    for (const batch of nonsense) {
      assert.throws(() => Reflect.apply(one.changes, one, [{ batch }]), { code: "ERR_CONFIG" });
    }
    const batches = one.changes({ batch: "500ms" });
    await network.run(batches.next());
    const next = batches.next();
    await network.run(one.setMeta("new"));
    const start = network.nowMs;
    assert.equal((await network.run(next)).value?.type, "batch");
    assert.equal(network.nowMs - start, 500);
    await batches.return();
  });
});

/** Claims what isn't so, as untyped code does without knowing. */
function asBytes(value: unknown): Uint8Array;
function asBytes(value: unknown): unknown {
  return value;
}

describe("a handler of raw messages", () => {
  it("that fails, now or later, and with whatever it throws, harms nobody", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const heard: string[] = [];
    two.onRaw(() => {
      throw Object.create(null);
    });
    two.onRaw(async () => {
      throw new Error("later");
    });
    two.onRaw(({ payload }) => heard.push(Buffer.from(payload).toString()));
    one.sendRaw(Buffer.from("hello"), { to: two.self.name });
    await network.until(() => heard.length === 1, "5s");
    assert.equal(two.status, "joined");
  });
});

describe("calls under way when the cluster ends", () => {
  it("are settled: a join rejects, and those that come after the end has begun are refused", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    const [one] = network.nodes;
    assert.ok(one);
    network.setConditions({ latencyMs: 5000 });
    const joining = rejection(one.join("10.99.0.1:7946"), "ERR_CLOSED");
    const closing = one.close();
    thrown(() => one.sendRaw(new Uint8Array(1)), "ERR_CLOSED");
    await rejection(one.join("10.99.0.1:7946"), "ERR_CLOSED");
    await network.run(closing);
    await joining;
  });
});

describe("metadata", () => {
  it("that small packets cannot carry is refused, at the start and later", async () => {
    const small = { flavour: "memberlist", bind: "127.0.0.1:0", packetBytes: 512, nodeName: "small" } as const;
    const error = await rejection(createCluster({ ...small, meta: new Uint8Array(480) }), "ERR_CONFIG");
    assert.equal(error.data.faults[0]?.key, "meta");
    await using cluster = await createCluster(small);
    await rejection(cluster.setMeta(new Uint8Array(480)), "ERR_META_TOO_LARGE");
    await cluster.setMeta(new Uint8Array(200));
  });
});

describe("without a word about encryption", () => {
  it("nothing leaves the machine, also where a name or a later join leads away", async () => {
    await using cluster = await createCluster({ bind: "127.0.0.1:0", nodeName: "local" });
    const error = await rejection(cluster.join("192.0.2.1:7946"), "ERR_JOIN_FAILED");
    assert.match(error.message, /is not on this machine: give encryption.keys/);
    assert.equal(cluster.stats().counters.pushPulls, 0);
  });
});

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { MessageEncoder, StreamCodec, wireOptions } from "@hearsay/core/wire";
import {
  type AnyCluster,
  type Connection,
  createCluster,
  generateKey,
  type MemberlistOptions,
  MemoryNetwork,
  memoryTransport,
} from "../../dist/index.js";
import { eventually } from "./support.js";

const MIB = 1024 * 1024;

/** The value of a series without labels. */
function value(cluster: AnyCluster, name: string): number {
  return Number(new RegExp(`^hearsay_${name} (\\d+)$`, "m").exec(cluster.metrics.prometheus())?.[1]);
}

/** An application's message as a peer sends it over a stream. */
function raw(payload: Uint8Array, compression: boolean): Uint8Array {
  const streams = new StreamCodec(wireOptions({ compression }));
  const wrap = streams.wrap(new MessageEncoder().encodeStreamUser(payload), "connect");
  while (!wrap.step(MIB));
  return wrap.result().slice();
}

/** A node of one test, at 10.0.0.1, with a budget of so many bytes for its streams, and what it hears over them. */
async function node(
  t: TestContext,
  network: MemoryNetwork,
  streamBytesMax: number,
  options: Partial<MemberlistOptions> = {},
) {
  const transport = memoryTransport(network, "10.0.0.1", 7946);
  const cluster = await createCluster({
    transport,
    nodeName: "one",
    limits: { streamBytesMax },
    ...options,
    flavour: "memberlist",
  });
  const heard: number[] = [];
  cluster.onRaw(({ payload }) => heard.push(payload.length));
  /** What its streams held at the most, as seen at each turn of the loop. */
  let most = 0;
  let isOver = false;
  const look = (): void => {
    most = Math.max(most, value(cluster, "streams_held_bytes"));
    if (!isOver) setImmediate(look);
  };
  look();
  t.after(() => {
    isOver = true;
    return cluster.close();
  });
  return { cluster, heard, most: () => most };
}

/** Streams of one peer at 10.0.0.9 to that node. */
async function streams(network: MemoryNetwork, count: number): Promise<Connection[]> {
  const transport = memoryTransport(network, "10.0.0.9", 7946);
  await transport.open({ datagram() {}, connection() {}, sendFailed() {}, failed() {} });
  const to = network.endpoint("10.0.0.1:7946")?.address;
  assert.ok(to);
  const all: Connection[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await transport.connect(to, { timeoutMs: 60_000 });
    connection.listen({ data() {}, end: () => connection.end(), closed() {} });
    all.push(connection);
  }
  return all;
}

describe("the bytes that all streams to a node hold", () => {
  it("have one limit; at it streams wait, a newcomer of the same host joins past them, and what waited comes in afterwards", async (t) => {
    const network = new MemoryNetwork();
    const { cluster, heard, most } = await node(t, network, MIB);
    const message = raw(new Uint8Array(100_000), false);
    const peers = await streams(network, 20);
    for (const peer of peers) peer.write(message.subarray(0, -1));
    await eventually(() => value(cluster, "streams_held_back") > 0, "streams wait");
    const transport = memoryTransport(network, "10.0.0.9", 7947);
    const newcomer = await createCluster({ flavour: "memberlist", transport, nodeName: "two", join: "10.0.0.1" });
    await newcomer.ready({ members: 2, signal: AbortSignal.timeout(60_000) });
    assert.deepEqual(heard, []);
    for (const peer of peers) peer.write(message.subarray(-1));
    await eventually(() => heard.length === 20, "all messages have come in");
    assert.ok(most() > MIB / 8 && most() <= MIB, `${most()} bytes were held`);
    assert.ok(value(cluster, "streams_held_back_total") > 0);
    assert.equal(value(cluster, "streams_crowded_out_total"), 0);
    await newcomer.close();
  });

  it("have those among them that messages decompress to", async (t) => {
    const network = new MemoryNetwork();
    const { heard, most } = await node(t, network, 8 * MIB);
    const message = raw(new Uint8Array(2 * MIB), true);
    assert.ok(message.length < MIB / 64);
    for (const peer of await streams(network, 20)) peer.write(message);
    await eventually(() => heard.length === 20, "all messages have come in");
    assert.ok(most() > 2 * MIB && most() <= 8 * MIB, `${most()} bytes were held`);
  });

  it("are refused at once to a message that could never fit, which is counted with what could not be read", async (t) => {
    const network = new MemoryNetwork();
    const { cluster, heard } = await node(t, network, MIB);
    const [peer] = await streams(network, 1);
    peer?.write(raw(new Uint8Array(MIB), false));
    await eventually(() => value(cluster, "connections_failed_total") === 1, "the refusal");
    assert.deepEqual(heard, []);
  });

  it("are next to none for those that have no key", async (t) => {
    const network = new MemoryNetwork();
    const encryption = { keys: [generateKey()] };
    const { cluster, heard, most } = await node(t, network, 64 * MIB, { encryption });
    const message = raw(new Uint8Array(MIB), false).subarray(0, -1);
    for (const peer of await streams(network, 150)) peer.write(message);
    await eventually(() => value(cluster, "connections_failed_total") === 150, "the refusals");
    assert.deepEqual(heard, []);
    assert.ok(most() <= 150 * 1024, `${most()} bytes were held`);
  });

  it("are 128 MiB for a node that isn't told otherwise, however much is sent to it", { timeout: 120_000 }, async () => {
    const cluster = await createCluster({
      flavour: "memberlist",
      bind: "127.0.0.1:0",
      preset: "local",
      // What waits keeps what it has.
      timings: { streamTimeout: "60s" },
    });
    const port = Number(cluster.self.address.split(":").at(-1));
    // What other tests have left counts as garbage only once it is gone.
    await eventually(() => {
      globalThis.gc?.();
      return process.memoryUsage().arrayBuffers < 8 * MIB;
    }, "the buffers of other tests");
    const message = raw(new Uint8Array(6 * MIB), false);
    const limit = 128 * MIB + 16 * MIB;
    /** What buffers there are; without those that are garbage, where that could make a difference. */
    const held = (): number => {
      if (process.memoryUsage().arrayBuffers > limit) globalThis.gc?.();
      return process.memoryUsage().arrayBuffers;
    };
    const sockets = Array.from({ length: 40 }, () => connect({ port, host: "127.0.0.1" }).on("error", () => {}));
    try {
      for (const socket of sockets) socket.write(message.subarray(0, -1));
      // Until it is too much, or half of the streams wait and nothing moves any more: the others' 120 MiB have room.
      let still = 0;
      let most = 0;
      let taken = 0;
      while (most < limit && (still < 50 || value(cluster, "streams_held_back") < 20)) {
        await new Promise((resolve) => setImmediate(resolve));
        const now = value(cluster, "streams_held_bytes");
        still = now === taken ? still + 1 : 0;
        most = Math.max(most, held());
        taken = now;
      }
      assert.ok(taken > 16 * MIB, `only ${Math.round(taken / MIB)} MiB came in`);
      // The message that is sent is among them.
      assert.ok(most < limit, `${Math.round(most / MIB)} MiB were held of ${40 * 6}`);
      assert.equal(cluster.status, "alone");
    } finally {
      for (const socket of sockets) socket.destroy();
      await cluster.close();
    }
  });
});

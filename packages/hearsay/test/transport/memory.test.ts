import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, Sfc32 } from "@hearsay/core";
import { type LinkConditions, PacketModel, VirtualClock } from "@hearsay/core/virtual";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import { realTime } from "../../dist/transport/scheduler.js";
import type { Connection, Transport } from "../../dist/transport/transport.js";

interface Node {
  readonly transport: Transport;
  readonly address: Address;
  readonly connections: Connection[];
  /** Everything that happened, with its time. */
  readonly log: string[];
}

/** Two nodes or more on virtual time. */
class World {
  readonly clock = new VirtualClock();
  readonly model: PacketModel;
  readonly network: MemoryNetwork;

  constructor(conditions: Partial<LinkConditions> = {}) {
    this.model = new PacketModel(new Sfc32(7), conditions);
    this.network = new MemoryNetwork({ scheduler: this.clock, model: this.model });
  }

  async node(port = 0): Promise<Node> {
    const log: string[] = [];
    const connections: Connection[] = [];
    const tell = (text: string) => log.push(`${this.clock.now()} ${text}`);
    const transport = memoryTransport(this.network, "10.0.0.1", port);
    const address = await transport.open({
      datagram: (_from, bytes) => tell(`datagram ${bytes.length}`),
      connection: (connection) => connections.push(connection),
      sendFailed: () => tell("send failed"),
      failed: () => tell("failed"),
    });
    return { transport, address, connections, log };
  }

  listen(connection: Connection, log: string[]): void {
    const tell = (text: string) => log.push(`${this.clock.now()} ${text}`);
    connection.listen({
      data: (chunk) => tell(`data ${chunk.length}`),
      end: () => tell("end"),
      closed: (error) => tell(error === null ? "closed" : `closed: ${Reflect.get(error, "code")}`),
    });
  }

  /** Lets time pass, with the promises that settle in it. */
  async until(time: number): Promise<void> {
    while (this.clock.nextAt() <= time) {
      this.clock.runNext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.clock.runUntil(time);
  }

  async connected(from: Node, to: Node): Promise<{ near: Connection; far: Connection }> {
    const connecting = from.transport.connect(to.address, { timeoutMs: 10_000 });
    await this.until(this.clock.now() + 1000);
    const near = await connecting;
    const far = to.connections.at(-1);
    assert.ok(far);
    return { near, far };
  }
}

/** `resolved`, or the code with which it rejected, or `pending`. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const code = (error: unknown) => (error instanceof Error ? String(Reflect.get(error, "code")) : "?");
  const settled = promise.then(() => "resolved", code);
  return Promise.race([settled, new Promise<string>((resolve) => setImmediate(() => resolve("pending")))]);
}

describe("the memory network on virtual time", () => {
  it("a datagram takes as long as the model says", async () => {
    const world = new World({ latencyMs: 20 });
    const [a, b] = [await world.node(), await world.node()];
    a.transport.send(b.address, new Uint8Array(5));
    await world.until(19);
    assert.deepEqual(b.log, []);
    await world.until(20);
    assert.deepEqual(b.log, ["20 datagram 5"]);
  });

  it("copies don't share their bytes", async () => {
    const world = new World({ duplication: 1 });
    const a = await world.node();
    const seen: Uint8Array[] = [];
    const b = memoryTransport(world.network, "10.0.0.2");
    const address = await b.open({
      datagram: (_from, bytes) => seen.push(bytes),
      connection() {},
      sendFailed() {},
      failed() {},
    });
    a.transport.send(address, Uint8Array.of(1));
    await world.until(1);
    seen[0]?.fill(9);
    assert.deepEqual([...(seen[1] ?? [])], [1]);
  });

  it("a datagram across a cut is lost without a word", async () => {
    const world = new World();
    const [a, b] = [await world.node(), await world.node()];
    world.model.cut(a.address.key, b.address.key);
    a.transport.send(b.address, new Uint8Array(5));
    b.transport.send(a.address, new Uint8Array(6));
    await world.until(1000);
    assert.deepEqual([a.log, b.log], [["0 datagram 6"], []]);
  });

  it("connecting takes a round trip, and is refused after one", async () => {
    const world = new World({ latencyMs: 20 });
    const [a, b] = [await world.node(), await world.node()];
    const good = a.transport.connect(b.address, { timeoutMs: 1000 });
    const gone = await world.node();
    const closing = gone.transport.close();
    await world.until(0);
    await closing;
    const bad = a.transport.connect(gone.address, { timeoutMs: 1000 });
    await world.until(39);
    assert.deepEqual([await stateOf(good), await stateOf(bad)], ["pending", "pending"]);
    await world.until(40);
    assert.deepEqual([await stateOf(good), await stateOf(bad)], ["resolved", "refused"]);
  });

  it("connecting across a cut of either way times out", async () => {
    for (const isBack of [false, true]) {
      const world = new World({ latencyMs: 20 });
      const [a, b] = [await world.node(), await world.node()];
      if (isBack) world.model.cut(b.address.key, a.address.key);
      else world.model.cut(a.address.key, b.address.key);
      const connecting = a.transport.connect(b.address, { timeoutMs: 500 });
      const outcome = stateOf(connecting);
      await world.until(499);
      assert.equal(await outcome, "pending");
      await world.until(500);
      assert.equal(await stateOf(connecting), "timeout");
    }
  });

  it("a stream stays in order however much its chunks vary", async () => {
    const world = new World({ latencyMs: 1, jitterMs: 50, loss: 0.3 });
    const [a, b] = [await world.node(), await world.node()];
    const connecting = a.transport.connect(b.address, { timeoutMs: 60_000 });
    await world.until(10_000);
    const near = await connecting;
    const far = b.connections[0];
    assert.ok(far);
    const order: number[] = [];
    far.listen({ data: (chunk) => order.push(chunk[0] ?? -1), end: () => order.push(-2), closed() {} });
    for (let i = 0; i < 100; i++) near.write(Uint8Array.of(i));
    near.end();
    await world.until(100_000);
    assert.deepEqual(order, [...Array.from({ length: 100 }, (_, i) => i), -2]);
  });

  it("a cut holds a stream back, and a mended one goes on where it was", async () => {
    const world = new World();
    const [a, b] = [await world.node(), await world.node()];
    const { near, far } = await world.connected(a, b);
    world.listen(far, b.log);
    await world.until(1000);
    world.model.partition([[a.address.key]]);
    near.write(new Uint8Array(3));
    near.write(new Uint8Array(4));
    near.end();
    await world.until(5000);
    assert.equal(b.log.length, 0);
    world.model.heal();
    await world.until(6000);
    assert.deepEqual(
      b.log.map((line) => line.replace(/^\d+ /, "")),
      ["data 3", "data 4", "end"],
    );
  });

  it("a stream that stays cut is given up", async () => {
    const world = new World();
    const [a, b] = [await world.node(), await world.node()];
    const { near } = await world.connected(a, b);
    world.listen(near, a.log);
    world.model.partition([[a.address.key]]);
    near.write(new Uint8Array(3));
    await world.until(60_000);
    assert.match(a.log.join(), /closed: timeout/);
  });

  it("a crash resets the streams of the other sides, frees the port and silences the node", async () => {
    const world = new World({ latencyMs: 5 });
    const [a, b] = [await world.node(), await world.node()];
    const { near, far } = await world.connected(a, b);
    world.listen(near, a.log);
    world.listen(far, b.log);
    await world.until(1000);
    a.transport.send(b.address, new Uint8Array(1));
    world.network.crash(b.address.key);
    await world.until(2000);
    assert.deepEqual([a.log, b.log], [["1005 closed: closed"], []]);
    const next = await world.node(b.address.port);
    assert.equal(next.address.key, b.address.key);
    await b.transport.close();
  });

  it("the other side of a stream that was given up hears its end, and a reset when it writes on", async () => {
    const world = new World();
    const [a, b] = [await world.node(), await world.node()];
    const { near, far } = await world.connected(a, b);
    world.listen(far, b.log);
    await world.until(1000);
    near.destroy();
    await world.until(1001);
    far.write(new Uint8Array(1));
    await world.until(1002);
    assert.deepEqual(b.log, ["1000 end", "1001 closed: closed"]);
  });
});

describe("the scheduler on real time", () => {
  it("runs in order of time and entry, cancelled ones not, and never at once", async () => {
    const scheduler = realTime();
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      const start = scheduler.now();
      scheduler.at(start + 6, () => resolve());
      scheduler.at(start + 3.2, () => ran.push("c"));
      scheduler.at(start + 3.1, () => ran.push("b"));
      scheduler.at(start - 5, () => ran.push("a"));
      const cancelled = scheduler.at(start + 1, () => ran.push("cancelled"));
      scheduler.cancel?.(cancelled);
      assert.deepEqual(ran, []);
    });
    assert.deepEqual(ran, ["a", "b", "c"]);
  });
});

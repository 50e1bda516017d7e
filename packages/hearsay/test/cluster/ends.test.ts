import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, mock } from "node:test";
import {
  createCluster,
  generateKey,
  type MemberlistCluster,
  MemoryNetwork,
  memoryTransport,
  type Transport,
  type TransportHandlers,
} from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { forwarding, recorder, rejection, thrown } from "./support.js";

/** A transport in memory whose handlers the test has, too. */
function failing(whenOpen: (handlers: TransportHandlers) => void): Transport {
  const inner = memoryTransport(new MemoryNetwork(), "10.0.0.1", 7946);
  return {
    ...forwarding(inner),
    async open(handlers) {
      const address = await inner.open(handlers);
      whenOpen(handlers);
      return address;
    },
  };
}

async function couple(): Promise<TestNetwork<MemberlistCluster>> {
  const network = await testNetwork({ nodes: 2, options: { flavour: "memberlist" } });
  await network.until(() => network.converged());
  return network;
}

describe("leaving a cluster that ends already", () => {
  it("waits for that end, and doesn't set the state back", async () => {
    await using network = await couple();
    const one = network.node("node-1");
    const closing = one.close();
    const leaving = one.leave({ timeout: 30_000 });
    assert.notEqual(one.status, "leaving");
    await network.run(Promise.all([closing, leaving]), "10ms");
    assert.equal(one.status, "closed");
  });

  it("waits for it also while a failure is under way", { timeout: 60_000 }, async () => {
    let fail: (error: Error) => void = assert.fail;
    const cluster = await createCluster({
      transport: failing((handlers) => {
        fail = (error) => handlers.failed(error);
      }),
    });
    fail(new Error("the wire is cut"));
    await cluster.leave({ timeout: 20_000 });
    assert.equal(cluster.status, "failed");
    assert.equal((await cluster.closed).cause?.code, "ERR_TRANSPORT");
  });
});

describe("leaving again", () => {
  it("may end the telling sooner, by its time or its signal, and never makes it longer", async () => {
    for (const sooner of [{ timeout: 100 }, { signal: AbortSignal.abort() }]) {
      await using network = await couple();
      network.partition(["node-1"]);
      const one = network.node("node-1");
      const first = one.leave({ timeout: 3_600_000 });
      await network.advance("50ms");
      assert.equal(one.status, "leaving");
      const again = one.leave(sooner);
      await network.run(Promise.all([first, again]), "150ms");
      assert.equal(one.status, "closed");
    }
  });
});

describe("metadata that nobody is left to be told", () => {
  it("counts as told once the last other one has left", async () => {
    await using network = await couple();
    const one = network.node("node-1");
    const leaving = network.node("node-2").leave();
    const told = one.setMeta(Uint8Array.of(1));
    await network.run(Promise.all([leaving, told]), "5s");
    assert.equal(one.status, "alone");
  });

  it("counts as told once the last other one is found dead", async () => {
    await using network = await testNetwork({
      nodes: 2,
      options: { flavour: "memberlist", timings: { gossipInterval: "1h" } },
    });
    await network.until(() => network.converged());
    network.crash("node-2");
    const one = network.node("node-1");
    await network.run(one.setMeta(Uint8Array.of(1)), "30s");
  });
});

describe("a node whose system takes no connection for it", () => {
  it("says so, counted, and goes on", async () => {
    const servers: Server[] = [];
    const { listen } = Server.prototype;
    mock.method(Server.prototype, "listen", function (this: Server, ...args: Parameters<typeof listen>) {
      servers.push(this);
      return listen.apply(this, args);
    });
    const { logger, lines } = recorder();
    const cluster = await createCluster({ bind: "127.0.0.1:0", logger });
    mock.restoreAll();
    // As Node reports that there are no file descriptors left.
    servers[0]?.emit("error", new Error("accept EMFILE"));
    assert.equal(cluster.status, "alone");
    assert.equal(lines.find(({ level }) => level === "warn")?.fields["error"], "accept EMFILE");
    assert.match(cluster.metrics.prometheus(), /^hearsay_accepts_failed_total 1$/m);
    await cluster.leave();
    assert.equal((await cluster.closed).status, "closed");
  });
});

describe("a cluster that has failed", () => {
  it("answers calls with ERR_CLOSED and the reason as cause, and those who wait for it to be ready with the reason", async () => {
    let fail: (error: Error) => void = assert.fail;
    const transport = failing((handlers) => {
      fail = (error) => handlers.failed(error);
    });
    const cluster = await createCluster({ flavour: "memberlist", transport });
    const waiting = rejection(cluster.ready({ members: 2 }), "ERR_TRANSPORT");
    fail(new Error("the wire is cut"));
    assert.equal(thrown(() => cluster.sendRaw(new Uint8Array(1)), "ERR_CLOSED").status, "closing");
    const { cause } = await cluster.closed;
    assert.equal(await waiting, cause);
    assert.equal(await rejection(cluster.ready(), "ERR_TRANSPORT"), cause);
    assert.equal(thrown(() => cluster.sendRaw(new Uint8Array(1)), "ERR_CLOSED").status, "failed");
    for (const work of [cluster.setMeta(new Uint8Array(1)), cluster.join("10.0.0.2")]) {
      const error = await rejection(work, "ERR_CLOSED");
      assert.equal(error.cause, cause);
      assert.equal(error.retryable, false);
    }
  });

  it("because its transport doesn't open is no cluster either, and no port is blamed that nobody asked for", async () => {
    const refuse = (): never => {
      throw new RangeError("no such wire");
    };
    for (const open of [refuse, async () => refuse()]) {
      const transport: Transport = {
        ...failing(() => {}),
        open,
        close: async () => assert.fail("closing failed, too"),
      };
      const error = await rejection(createCluster({ flavour: "memberlist", transport }), "ERR_TRANSPORT");
      assert.ok(error.cause instanceof RangeError);
    }
  });

  it("in the middle of its start is none, either", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hearsay-"));
    const keyFile = join(folder, "keys.json");
    await writeFile(keyFile, JSON.stringify([generateKey()]), { mode: 0o644 });
    await chmod(keyFile, 0o644);
    let fail = (): void => {};
    const transport = failing((handlers) => {
      fail = () => handlers.failed(new Error("no such wire"));
    });
    const { logger, lines } = recorder();
    // That everybody can read the keys is said when the node starts.
    const failingLogger = { ...logger, warn: () => fail() };
    const creating = createCluster({ transport, encryption: { keyFile }, logger: failingLogger });
    const error = await rejection(creating, "ERR_TRANSPORT");
    assert.equal(error.data.detail, "no such wire");
    assert.deepEqual(
      lines.map(({ level }) => level),
      ["error"],
    );
    await rm(folder, { recursive: true });
  });

  it("before it runs is no cluster: its creation rejects with the reason", async () => {
    const transport = failing((handlers) => handlers.failed(new Error("no such wire")));
    const error = await rejection(createCluster({ flavour: "memberlist", transport }), "ERR_TRANSPORT");
    assert.equal(error.data.detail, "no such wire");
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type Cluster,
  type ClusterOptions,
  type Connection,
  createCluster,
  generateKey,
  type HearsayOptions,
  MemoryNetwork,
  memoryTransport,
  type Transport,
} from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { forwarding, recorder, rejection, view } from "./support.js";

/** Four nodes on one network, of which two each have the same options. */
async function twoPools(first: object, second: object): Promise<TestNetwork> {
  const network = await testNetwork({ nodes: 0 });
  for (const options of [first, second, first, second]) {
    await network.add({ join: ["10.0.0.1:7946", "10.0.0.2:7946"], ...options });
  }
  return network;
}

/** A transport that shows all that it is given to carry. */
function tapped(inner: Transport, see: (bytes: Uint8Array) => void): Transport {
  const tap = (connection: Connection): Connection => {
    const write = connection.write.bind(connection);
    connection.write = (bytes) => {
      see(bytes);
      return write(bytes);
    };
    return connection;
  };
  return {
    ...forwarding(inner),
    open: (handlers) => inner.open({ ...handlers, connection: (connection) => handlers.connection(tap(connection)) }),
    send: (to, bytes) => {
      see(bytes);
      return inner.send(to, bytes);
    },
    connect: async (to, options) => tap(await inner.connect(to, options)),
  };
}

describe("clusters that share a network", () => {
  it("stay apart if their labels differ", async () => {
    await using network = await twoPools({ clusterName: "shop" }, { clusterName: "bank" });
    await network.advance("5m");
    assert.ok(network.converged("node-1", "node-3"));
    assert.ok(network.converged("node-2", "node-4"));
    assert.deepEqual(
      network.nodes.map(({ clusterName }) => clusterName),
      ["shop", "bank", "shop", "bank"],
    );
  });

  it("stay apart if only one of them has a label, or a key", async () => {
    const keys = [generateKey()];
    for (const options of [{ label: "shop" }, { encryption: { keys } }]) {
      await using network = await twoPools(options, {});
      await network.advance("2m");
      assert.ok(network.converged("node-1", "node-3"));
      assert.ok(network.converged("node-2", "node-4"));
    }
  });

  it("are one if they differ in a name for people only", async () => {
    await using network = await twoPools({ clusterName: "shop", label: "" }, { clusterName: "bank", label: "" });
    await network.until(() => network.converged());
  });

  it("are kept apart by allowedCidrs from members outside", async () => {
    await using network = await testNetwork({ nodes: 2 });
    const wary = await network.add({ allowedCidrs: ["10.0.0.1/32", "10.0.0.3/32"] });
    await network.advance("1m");
    assert.deepEqual(view(wary), ["node-1 alive", "node-3 alive"]);
  });
});

describe("encryption", () => {
  it("stands above the transport: one of the application's own carries nothing that can be read", async () => {
    const SECRET = "a-tag-that-nobody-else-may-read";
    /** What a transport of the application's own carried, of two nodes that have met. */
    const carried = async (encryption: NonNullable<ClusterOptions["encryption"]>): Promise<string> => {
      const network = new MemoryNetwork();
      const seen: Uint8Array[] = [];
      const open = (host: string, more: HearsayOptions): Promise<Cluster> => {
        const transport = tapped(memoryTransport(network, host, 7946), (bytes) => seen.push(bytes.slice()));
        return createCluster({ transport, encryption, nodeName: host, tags: { secret: SECRET }, ...more });
      };
      const one = await open("10.0.0.1", {});
      const two = await open("10.0.0.2", { join: "10.0.0.1" });
      await two.ready({ members: 2 });
      await one.ready({ members: 2 });
      assert.equal(two.member("10.0.0.1")?.tags["secret"], SECRET);
      await Promise.all([one.close(), two.close()]);
      return Buffer.concat(seen).toString("latin1");
    };
    assert.ok((await carried("off")).includes(SECRET), "it would be seen");
    const sealed = await carried({ keys: [generateKey()] });
    assert.ok(sealed.length > 0 && !sealed.includes(SECRET));
  });

  it("nodes with one key of any size are one cluster", async () => {
    for (const size of [16, 24, 32]) {
      const keys = [Uint8Array.from({ length: size }, (_, i) => i)];
      await using network = await testNetwork({ nodes: 3, options: { encryption: { keys }, clusterName: "shop" } });
      await network.until(() => network.converged());
      assert.deepEqual(
        network
          .node("node-1")
          .keys.local.list()
          .map(({ bits, isPrimary }) => [bits, isPrimary]),
        [[size * 8, true]],
      );
    }
  });

  it("the key is changed while the cluster runs, and nobody is lost or suspected on the way", async () => {
    const [first, second] = [generateKey(), generateKey()];
    await using network = await testNetwork({
      nodes: 4,
      options: { encryption: { keys: [first] }, extensions: "all" },
    });
    await network.until(() => network.converged());
    for (const step of ["add", "use", "remove"] as const) {
      for (const cluster of network.nodes) {
        await cluster.keys.local[step](step === "remove" ? first : second);
        await network.advance("3s");
      }
    }
    await network.advance("1m");
    assert.ok(network.converged());
    const prints = network.nodes.map((cluster) =>
      cluster.keys.local
        .list()
        .map(({ fingerprint }) => fingerprint)
        .join(),
    );
    assert.equal(new Set(prints).size, 1);
    for (const cluster of network.nodes) {
      const { suspicionsRaised, datagramsRefused } = cluster.stats().counters;
      assert.deepEqual({ suspicionsRaised, datagramsRefused }, { suspicionsRaised: 0, datagramsRefused: 0 });
    }
    const late = await network.add({ encryption: { keys: [first] } });
    await network.advance("10s");
    assert.equal(late.status, "alone", "the old key opens nothing any more");
  });

  it("a cluster without it gets it in three rounds of restarts, and falls apart in none", async () => {
    const keys = [generateKey()];
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    for (const encryption of [
      { keys, verifyIncoming: false, verifyOutgoing: false },
      { keys, verifyIncoming: false },
      { keys },
    ]) {
      for (const name of ["node-1", "node-2", "node-3"]) {
        await network.restart(name, { encryption });
        await network.until(() => network.converged(), "10s");
      }
    }
    await network.advance("1m");
    assert.ok(network.converged());
    const plain = await network.add();
    await network.advance("10s");
    assert.equal(plain.status, "alone", "without the key nobody comes in any more");
  });

  it("a wrong key gives one line a peer and time, the known text, the peer's address, and a count", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 0, options: { encryption: { keys: [generateKey()] }, logger } });
    const one = await network.add();
    // It joins with the right key and then changes it, so that it goes on sending to a member.
    const { encryption: _, ...options } = { encryption: null };
    const two = await network.add({ ...options, join: [one.self.address], logger: recorder().logger });
    await network.until(() => network.converged());
    const other = generateKey();
    await two.keys.local.add(other);
    await two.keys.local.use(other);
    const seen = () => lines.filter(({ text }) => text === "gossip: failed to decode gossip message");
    await network.until(() => seen().length > 0, "30s");
    await network.advance("5s");
    assert.equal(seen().length, 1, "further ones are held back");
    const [line] = seen();
    assert.equal(line?.level, "warn");
    assert.equal(line?.fields.error, "cipher: message authentication failed");
    assert.equal(line?.fields.peer, two.self.address);
    assert.ok(one.stats().counters.datagramsRefused > 1, "but counted");
    assert.match(one.metrics.prometheus(), /^hearsay_datagrams_refused_total [1-9]/m);
    await network.advance("8s");
    assert.equal(seen().length, 2, "and told of after ten seconds");
    assert.ok(Number(seen()[1]?.fields.suppressed) > 0);
    assert.ok(!JSON.stringify(lines).includes(Buffer.from(other).toString("base64")), "no line shows a key");
  });

  it("a join with a wrong key asks for label and key, and says that ours is on", async () => {
    await using network = await testNetwork({ nodes: 1, options: { encryption: { keys: [generateKey()] } } });
    const stranger = await network.add({ encryption: { keys: [generateKey()] }, join: [] });
    const { data } = await rejection(network.run(stranger.join("10.0.0.1:7946")), "ERR_JOIN_SILENT");
    assert.deepEqual(data, { targets: ["10.0.0.1:7946"], label: "", encrypted: true });
  });

  it("a key file keeps a rotation over a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hearsay-"));
    const keyFile = join(folder, "keys.json");
    const [first, second] = [generateKey(), generateKey()];
    const open = () =>
      createCluster({
        transport: memoryTransport(new MemoryNetwork(), "10.0.0.1"),
        encryption: { keys: [first], keyFile },
      });
    try {
      const before = await open();
      await before.keys.local.add(second);
      await before.keys.local.use(second);
      await before.keys.local.remove(first);
      const prints = before.keys.local.list();
      await before.close();
      assert.equal(JSON.parse(await readFile(keyFile, "utf8")).length, 1);
      const after = await open();
      assert.deepEqual(after.keys.local.list(), prints);
      await rejection(after.keys.local.remove(second), "ERR_KEYRING");
      await after.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("without encryption there are no keys to change", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const { local: keys } = network.node("node-1").keys;
    assert.deepEqual(keys.list(), []);
    await rejection(keys.add(generateKey()), "ERR_KEYRING");
  });
});

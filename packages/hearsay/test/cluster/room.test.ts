import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClusterOptions, createCluster, generateKey, MemoryNetwork, memoryTransport } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { rejection } from "./support.js";

const NARROW = { packetBytes: 512, label: "l".repeat(255) };
const POOLS = [NARROW, { ...NARROW, encryption: { keys: [generateKey()] } }, { packetBytes: 512 }];

/** How many bytes a refused option may have at the most, as its refusal tells. */
async function limitOf(key: string, options: ClusterOptions): Promise<number> {
  const transport = memoryTransport(new MemoryNetwork(), "10.0.0.1", 7946);
  const { data } = await rejection(createCluster({ ...options, transport }), "ERR_CONFIG");
  const fault = data.faults.find((one) => one.key === key);
  return Number(fault?.allowed.match(/^up to (\d+) bytes/)?.[1]);
}

describe("a name that leaves no room in a packet", () => {
  it("is refused, and any shorter one can be told of, accused and probed", async () => {
    for (const options of POOLS) {
      const nameBytes = await limitOf("nodeName", { ...options, nodeName: "n".repeat(255) });
      assert.ok(nameBytes > 30 && nameBytes < 255, String(nameBytes));
      const metaBytes = await limitOf("meta", {
        flavour: "memberlist",
        ...options,
        nodeName: "n".repeat(nameBytes),
        meta: "m".repeat(512),
      });
      const nameOf = (letter: string): string => letter.padEnd(nameBytes, "n");
      await using network = await testNetwork({
        nodes: 0,
        options: { flavour: "memberlist", ...options, meta: "m".repeat(metaBytes) },
      });
      for (const letter of ["a", "b", "c", "d"]) await network.add({ nodeName: nameOf(letter) });
      await network.until(() => network.converged());
      const [one] = network.nodes;
      assert.ok(one !== undefined);
      // Whom a node can't reach it asks others to ping, in the longest message with two names.
      network.cut(nameOf("a"), nameOf("b"));
      await network.advance("30s");
      assert.ok(one.explain(nameOf("b")).every(({ kind }) => kind === "announced"));
      for (const cluster of network.nodes)
        assert.equal(cluster.stats().counters.messagesUnsendable, 0, cluster.self.name);
      network.heal();
      network.crash(nameOf("d"));
      await network.until(() => network.converged(), "2m");
      const causes = network.nodes.flatMap((cluster) => cluster.explain(nameOf("d")));
      assert.ok(causes.some(({ kind, path }) => kind === "accused" && path === "packet"));
    }
  });

  it("is no fault of a name of 255 bytes in packets of the usual size", async () => {
    await using network = await testNetwork({ nodes: 0, options: { flavour: "memberlist", label: "l".repeat(255) } });
    await network.add({ nodeName: "n".repeat(255) });
    assert.equal(network.nodes.length, 1);
  });
});

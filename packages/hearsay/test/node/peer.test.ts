import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { encodeMessage, PING, PushPullWriter } from "@hearsay/core/wire";
import { type Connection, createCluster, MemoryNetwork, memoryTransport, type Transport } from "../../dist/index.js";
import { eventually, recorder } from "../cluster/support.js";

const NONE = new Uint8Array(0);
const SERF = Uint8Array.of(1, 5, 2, 2, 5, 5);

/** A whole state as a peer at 10.0.0.9 sends it: itself, and further members. */
function state(versions: Uint8Array, others = 0): Uint8Array {
  const writer = new PushPullWriter(false);
  const own = addressFromText("10.0.0.9", 7946);
  assert.ok(own);
  writer.node("peer", own.ip, own.port, null, 1, 0, versions);
  for (let i = 0; i < others; i++) {
    const ip = Uint8Array.of(10, 1 + (i >> 16), (i >> 8) & 255, i & 255);
    writer.node(`member-${i}`, ip, 7946, null, 1, 0, versions);
  }
  return writer.finish(new Uint8Array(0));
}

/** A peer that answers each stream with the same bytes, whatever it is asked. */
async function peer(
  network: MemoryNetwork,
  answer: Uint8Array,
): Promise<{ transport: Transport; datagrams(): number }> {
  const transport = memoryTransport(network, "10.0.0.9", 7946);
  let datagrams = 0;
  const serve = (connection: Connection): void => {
    let isAnswered = false;
    connection.listen({
      data() {
        if (isAnswered) return;
        isAnswered = true;
        connection.write(answer);
        connection.end();
      },
      end() {},
      closed() {},
    });
  };
  await transport.open({ datagram: () => datagrams++, connection: serve, sendFailed() {}, failed() {} });
  return { transport, datagrams: () => datagrams };
}

describe("a node and a peer of another kind", () => {
  it("fails with ERR_PROTOCOL_MISMATCH where the peer's application speaks another version, and says nothing to it", async () => {
    const network = new MemoryNetwork();
    const { transport, datagrams } = await peer(network, state(SERF));
    const cluster = await createCluster({
      flavour: "memberlist",
      transport: memoryTransport(network, "10.0.0.1", 7946),
      join: "10.0.0.9",
    });
    const waiting = cluster.ready().catch((error: unknown) => error);
    const { status: end, cause } = await cluster.closed;
    assert.equal(end, "failed");
    assert.equal(cause?.code, "ERR_PROTOCOL_MISMATCH");
    assert.match(cause?.message ?? "", /10\.0\.0\.9.*\[1 5 2 2 5 5\].*\[1 5 2 0 0 0\]/);
    assert.equal(await waiting, cause);
    assert.deepEqual(
      cluster.members().map(({ isSelf }) => isSelf),
      [true],
    );
    assert.equal(datagrams(), 0);
    await transport.close();
  });

  it("takes bytes that are no answer for a reason to look at label and key, and goes on trying", async () => {
    const network = new MemoryNetwork();
    const { logger, lines } = recorder();
    const { transport } = await peer(network, Uint8Array.of(10, 1, 2, 3, 4, 5, 6, 7));
    const own = memoryTransport(network, "10.0.0.1", 7946);
    const cluster = await createCluster({ flavour: "memberlist", transport: own, join: "10.0.0.9", logger });
    await eventually(() => lines.some(({ text }) => text.includes("label, key or transport mismatch?")), "the line");
    assert.equal(cluster.status, "alone");
    await Promise.all([cluster.close(), transport.close()]);
  });
});

describe("a state of ten thousand members", () => {
  it("is merged in slices, between which the node answers pings", async () => {
    const others = 10_000;
    const network = new MemoryNetwork();
    const { transport } = await peer(network, state(SERF, others));
    const own = memoryTransport(network, "10.0.0.1", 7946);
    const cluster = await createCluster({
      transport: own,
      join: "10.0.0.9",
      limits: { changesMax: 65_536 },
    });
    const target = addressFromText("10.0.0.1", 7946);
    assert.ok(target);
    const ping = { type: PING, seqNo: 1, node: "", sourceAddr: NONE, sourcePort: 0, sourceNode: "" } as const;
    // Every turn of the event loop until all are there: the members known by then, and the answers to a ping in each.
    const seen: { readonly members: number; readonly answered: number }[] = [];
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const { occupancy, counters } = cluster.stats();
        const { members } = occupancy;
        if (seen.at(-1)?.members !== members) seen.push({ members, answered: counters.pingsAnswered });
        transport.send(target, encodeMessage(ping));
        if (members < others + 2) setImmediate(look);
        else resolve();
      };
      look();
    });
    const steps = seen.slice(1).map(({ members, answered }, i) => {
      const before = seen[i] ?? assert.fail();
      return { merged: members - before.members, answered: answered - before.answered };
    });
    const largest = Math.max(...steps.map(({ merged }) => merged));
    assert.ok(largest <= 600, `${largest} members were merged in one turn`);
    const answering = steps.filter(({ answered }) => answered > 0).length;
    assert.ok(
      answering >= steps.length / 2,
      `pings were answered in ${answering} of ${steps.length} turns that merged`,
    );
    assert.equal(cluster.members().length, others + 2);
    await Promise.all([cluster.close(), transport.close()]);
  });
});

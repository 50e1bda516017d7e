import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { ALIVE, encodeMessage } from "@hearsay/core/wire";
import { createCluster, MemoryNetwork, memoryTransport, type Transport } from "../../dist/index.js";
import { eventually, forwarding, rejection } from "../cluster/support.js";

const news = encodeMessage({
  type: ALIVE,
  incarnation: 1,
  node: "peer",
  addr: Uint8Array.of(10, 0, 0, 9),
  port: 7946,
  meta: new Uint8Array(0),
  vsn: Uint8Array.of(1, 5, 2, 2, 5, 4),
});

/** A transport whose port others write to from the moment it is open. */
function busyPort(network: MemoryNetwork): { readonly transport: Transport; readonly written: () => number } {
  const inner = memoryTransport(network, "10.0.0.1", 7946);
  let written = 0;
  let isOpen = true;
  const from = addressFromText("10.0.0.9", 7946);
  assert.ok(from);
  const transport: Transport = {
    ...forwarding(inner),
    async open(handlers) {
      const bound = await inner.open(handlers);
      const write = (): void => {
        if (!isOpen) return;
        handlers.datagram(from, news);
        written++;
        setImmediate(write);
      };
      write();
      return bound;
    },
    close() {
      isOpen = false;
      return inner.close();
    },
  };
  return { transport, written: () => written };
}

describe("a node that others write to before it runs", () => {
  it("starts like one that is left alone, also where reading its snapshot takes its time", async () => {
    const directory = await mkdtemp(join(tmpdir(), "hearsay-early-"));
    try {
      const { transport, written } = busyPort(new MemoryNetwork());
      const cluster = await createCluster({ transport, snapshot: join(directory, "snapshot") });
      await eventually(() => written() > 5, "datagrams arrive");
      await eventually(() => cluster.member("peer") !== undefined, "the news is heard");
      await cluster.close();
      assert.equal((await cluster.closed).cause, null);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("fails with its transport, if that fails while the snapshot is opened, and lets go of the file", async () => {
    const directory = await mkdtemp(join(tmpdir(), "hearsay-early-"));
    try {
      const inner = memoryTransport(new MemoryNetwork(), "10.0.0.1", 7946);
      const transport: Transport = {
        ...forwarding(inner),
        async open(handlers) {
          const bound = await inner.open(handlers);
          setImmediate(() => handlers.failed(new Error("the cable is out")));
          return bound;
        },
      };
      await rejection(createCluster({ transport, snapshot: join(directory, "snapshot") }), "ERR_TRANSPORT");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

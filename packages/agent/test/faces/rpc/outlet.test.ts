import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { ByteBudget } from "../../../dist/faces/rpc/byte-budget.js";
import { Outlet, RECORDS_MAX } from "../../../dist/faces/rpc/outlet.js";
import { eventually } from "../../support.js";

const RECORD_BYTES = 16_384;

/** Both ends of a connection. */
async function pair(): Promise<{ readonly ours: Socket; readonly client: Socket; close(): void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = connect(address.port, "127.0.0.1");
  const [ours] = (await once(server, "connection")) as [Socket];
  return {
    ours,
    client,
    close: () => {
      ours.destroy();
      client.destroy();
      server.close();
    },
  };
}

describe("what goes out to one client", () => {
  it("is unsent while the socket has any of it, also where more could be handed over", async () => {
    const { ours, close } = await pair();
    try {
      const budget = new ByteBudget(1 << 20, setImmediate);
      const outlet = new Outlet(ours, budget);
      ours.cork();
      outlet.answer(new Uint8Array(100));
      assert.deepEqual([outlet.isBlocked, outlet.holdsUnsent], [false, true]);
      ours.uncork();
      await eventually(() => budget.held === 0, "it is out");
      assert.equal(outlet.holdsUnsent, false);
    } finally {
      close();
    }
  });

  it("ends with the last record of a query, whatever was dropped before for want of room", async () => {
    const { ours, client, close } = await pair();
    try {
      client.pause();
      const budget = new ByteBudget(64 * RECORDS_MAX * RECORD_BYTES, setImmediate);
      const outlet = new Outlet(ours, budget);
      ours.on("drain", () => outlet.pump());
      const query = { head: Uint8Array.of(1), waiting: 0 };
      while (outlet.dropped < 10) {
        outlet.add(query, new Uint8Array(RECORD_BYTES));
        outlet.pump();
      }
      outlet.addLast(query, Uint8Array.of(9, 9));
      const { dropped, droppableBytes } = outlet;
      outlet.drop(Number.POSITIVE_INFINITY);
      assert.ok(droppableBytes > 0 && outlet.dropped > dropped);
      assert.equal(outlet.droppableBytes, 0);
      let last = Buffer.alloc(0);
      client.on("data", (chunk) => {
        last = Buffer.concat([last.subarray(-3), chunk]);
      });
      client.resume();
      await eventually(() => last.subarray(-3).equals(Buffer.of(1, 9, 9)), "the last record");
      await eventually(() => budget.held === 0, "all is given back");
    } finally {
      close();
    }
  });
});

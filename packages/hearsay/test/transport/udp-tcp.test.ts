import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { isHearsayError } from "../../dist/base/errors.js";
import { AddressCache } from "../../dist/transport/address-cache.js";
import { SendSlabs } from "../../dist/transport/send-slabs.js";
import type { Connection, TransportHandlers } from "../../dist/transport/transport.js";
import { udpTcp } from "../../dist/transport/udp-tcp.js";

describe("UDP and TCP", () => {
  it("names host, port and cause when it can't bind", async () => {
    const first = udpTcp({ host: "127.0.0.1", port: 0 });
    const { port } = await first.open(handlers({}));
    const second = udpTcp({ host: "127.0.0.1", port });
    try {
      await assert.rejects(second.open(handlers({})), (error) => {
        assert.ok(isHearsayError(error, "ERR_BIND") && error.retryable);
        assert.deepEqual(error.data, { host: "127.0.0.1", port });
        assert.equal(Reflect.get(Object(error.cause), "code"), "EADDRINUSE");
        return true;
      });
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  it("a socket for both families speaks with IPv4 peers, under their IPv4 address", async () => {
    const heard: [string, string][] = [];
    const both = udpTcp({ host: "::", port: 0 });
    const four = udpTcp({ host: "127.0.0.1", port: 0 });
    try {
      const bothAt = await both.open(handlers({ datagram: (from) => void heard.push(["both", from.key]) }));
      const fourAt = await four.open(handlers({ datagram: (from) => void heard.push(["four", from.host]) }));
      const both4 = addressFromText("127.0.0.1", bothAt.port);
      assert.ok(both4);
      four.send(both4, Uint8Array.of(1));
      both.send(fourAt, Uint8Array.of(2));
      await until(() => heard.length === 2);
      assert.deepEqual(heard.sort(), [
        ["both", fourAt.key],
        ["four", "127.0.0.1"],
      ]);
      const connection = await both.connect(fourAt, { timeoutMs: 60_000 });
      connection.destroy();
    } finally {
      await Promise.all([both.close(), four.close()]);
    }
  });

  it("reports an address that its family can't reach, and goes on", async () => {
    const failed: string[] = [];
    const transport = udpTcp({ host: "127.0.0.1", port: 0 });
    await transport.open(handlers({ sendFailed: (to) => void failed.push(to.key) }));
    const six = addressFromText("2001:db8::1", 9);
    assert.ok(six);
    try {
      transport.send(six, Uint8Array.of(1));
      await until(() => failed.length === 1);
      assert.deepEqual([failed, transport.counters.sendsFailed], [["[2001:db8::1]:9"], 1]);
    } finally {
      await transport.close();
    }
  });

  it("of ten thousand datagrams in one turn those that 4 MiB hold are sent, and the others dropped and counted", async () => {
    let heard = 0;
    const a = udpTcp({ host: "127.0.0.1", port: 0 });
    const b = udpTcp({ host: "127.0.0.1", port: 0 });
    try {
      await a.open(handlers({}));
      const to = await b.open(handlers({ datagram: () => void heard++ }));
      for (let i = 0; i < 10_000; i++) a.send(to, new Uint8Array(1400));
      // 64 slabs of 64 KiB, each with as many whole datagrams as it takes.
      assert.equal(a.counters.sendsFailed, 10_000 - 64 * Math.floor(65_536 / 1400));
      await until(() => heard > 100);
      await until(() => {
        const before = a.counters.sendsFailed;
        a.send(to, new Uint8Array(1400));
        return a.counters.sendsFailed === before;
      });
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
  });

  it("each datagram has bytes of its own, which stay as they came whatever comes after them", async () => {
    const heard: Uint8Array[] = [];
    const a = udpTcp({ host: "127.0.0.1", port: 0 });
    const b = udpTcp({ host: "127.0.0.1", port: 0 });
    try {
      await a.open(handlers({}));
      const to = await b.open(handlers({ datagram: (_from, bytes) => void heard.push(bytes) }));
      const reused = new Uint8Array(100);
      // Few at a time, so that the system loses none.
      for (let sent = 0; sent < 200; await until(() => heard.length === sent)) {
        for (const end = sent + 10; sent < end; sent++) a.send(to, reused.fill(sent));
      }
      const values = heard.map((bytes) => {
        assert.ok(bytes.length === 100 && bytes.every((byte) => byte === bytes[0]));
        return bytes[0] ?? 0;
      });
      assert.deepEqual(
        values.sort((one, other) => one - other),
        Array.from({ length: 200 }, (_, i) => i),
      );
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
  });

  it("a peer that sends and goes away before it is listened to is still heard", async () => {
    const accepted: Connection[] = [];
    const transport = udpTcp({ host: "127.0.0.1", port: 0 });
    const { port } = await transport.open(handlers({ connection: (connection) => void accepted.push(connection) }));
    try {
      const client = connect({ port, host: "127.0.0.1" });
      await new Promise<void>((resolve) => client.end(Buffer.from("hello"), resolve));
      await until(() => accepted.length === 1);
      const heard: string[] = [];
      accepted[0]?.listen({
        data: (chunk) => heard.push(Buffer.from(chunk).toString()),
        end: () => {
          heard.push("end");
          accepted[0]?.end();
        },
        closed: (error) => heard.push(error === null ? "closed" : "failed"),
      });
      await until(() => heard.length === 3);
      assert.deepEqual(heard, ["hello", "end", "closed"]);
    } finally {
      await transport.close();
    }
  });

  it("may be closed while it opens, and then holds no port", async () => {
    const transport = udpTcp({ host: "127.0.0.1", port: 0 });
    const opening = transport.open(handlers({})).then(
      () => "opened",
      () => "refused",
    );
    await transport.close();
    assert.equal(await opening, "refused");
  });
});

describe("the cache of addresses", () => {
  it("gives one address for one source, and reads mapped IPv4 as IPv4", () => {
    const cache = new AddressCache();
    assert.equal(cache.get("10.0.0.1", 5), cache.get("10.0.0.1", 5));
    assert.equal(cache.get("10.0.0.1", 6)?.key, "10.0.0.1:6");
    assert.equal(cache.get("::ffff:10.0.0.1", 5)?.key, "10.0.0.1:5");
    assert.equal(cache.get("fe80::1%eth0", 5), null);
  });

  it("stays within its limit, however many sources there are", () => {
    const cache = new AddressCache(100);
    for (let i = 0; i < 10_000; i++) {
      assert.equal(cache.get(`10.0.${i >> 8}.${i & 255}`, i)?.port, i);
      assert.ok(cache.size <= 100);
    }
  });
});

describe("memory for datagrams under way", () => {
  it("is used again once they were sent, and never before", () => {
    const slabs = new SendSlabs(() => {});
    const first = slabs.copy(Uint8Array.of(1, 2, 3));
    assert.ok(first);
    const start = first.start;
    for (let i = 0; i < 1000; i++) slabs.copy(new Uint8Array(1000).fill(9));
    assert.deepEqual([...first.bytes.subarray(start, start + 3)], [1, 2, 3]);
    assert.ok(slabs.heldBytes > 900_000);
    const calm = new SendSlabs(() => {});
    for (let i = 0; i < 1000; i++) calm.copy(new Uint8Array(1000))?.sent(null);
    assert.equal(calm.heldBytes, 64 * 1024);
  });

  it("ends at 4 MiB, and comes back", () => {
    const failures: Error[] = [];
    const slabs = new SendSlabs((error) => failures.push(error));
    const copies = Array.from({ length: 64 }, () => slabs.copy(new Uint8Array(60_000)));
    assert.ok(copies.every((slab) => slab !== null));
    assert.equal(slabs.copy(new Uint8Array(60_000)), null);
    assert.equal(slabs.heldBytes, 4 * 1024 * 1024);
    copies[7]?.sent(new Error("no buffer space"));
    assert.equal(failures.length, 1);
    assert.equal(slabs.copy(new Uint8Array(60_000)), copies[7]);
  });
});

function handlers(some: Partial<TransportHandlers>): TransportHandlers {
  return { datagram() {}, connection() {}, sendFailed() {}, failed: (error) => assert.fail(String(error)), ...some };
}

async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < limit, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

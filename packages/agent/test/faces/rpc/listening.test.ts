import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AGENT_PERIODS } from "../../../dist/events/coalescer.js";
import { EventPipeline, SYSTEM_CLOCK } from "../../../dist/events/event-pipeline.js";
import { RpcServer } from "../../../dist/faces/rpc/server.js";
import { LogRing } from "../../../dist/index.js";

/** A server that no client asks anything. */
function quietServer(log = new LogRing()): RpcServer {
  const unasked = (): never => assert.fail("nobody asks for anything");
  return new RpcServer({
    operations: new Proxy({}, { get: unasked }) as never,
    events: new EventPipeline({ memberPeriods: AGENT_PERIODS, userPeriods: AGENT_PERIODS, clock: SYSTEM_CLOCK }),
    log,
    metrics: { readAll: () => {} } as never,
    limits: { connectionsMax: 4, bytesMax: 1 << 20, handshakeMs: 1000 },
    authKey: null,
  });
}

describe("an RPC server that is closed before it listens", () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    it(`doesn't begin to, at ${host}`, { timeout: 30_000 }, async () => {
      const server = quietServer();
      const listening = server.listen({ host, port: 0 });
      await server.close(0);
      await listening;
      // Whatever look-up of the name was under way has come to its end after this.
      const later = quietServer();
      await later.listen({ host, port: 0 });
      assert.notEqual(later.address.port, 0);
      assert.deepEqual(server.address, { host: "", port: 0 });
      await later.close(0);
    });
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Transport, TransportHandlers } from "../../dist/index.js";
import { gatedTransport } from "../../dist/testing/gated-transport.js";
import { ProcessGate } from "../../dist/testing/process-gate.js";

const NOTHING: TransportHandlers = { datagram() {}, connection() {}, sendFailed() {}, failed() {} };

/** A transport that does nothing, and counts as it is told. */
function idle(sendsFailed: { count: number } | null): { readonly inner: Transport; readonly refuse: () => void } {
  let handlers = NOTHING;
  const never = (): never => assert.fail("not used here");
  const counters = (): { sendsFailed: number; sourcesUnusable: number } => {
    return { sendsFailed: sendsFailed?.count ?? 0, sourcesUnusable: 0 };
  };
  const inner: Transport = {
    open: (given) => {
      handlers = given;
      return Promise.resolve({ host: "10.0.0.1", port: 1, key: "10.0.0.1:1", ip: Uint8Array.of(10, 0, 0, 1) });
    },
    send: never,
    connect: never,
    close: () => Promise.resolve(),
  };
  if (sendsFailed !== null) Object.defineProperty(inner, "counters", { get: counters });
  return { inner, refuse: () => handlers.acceptFailed?.(new Error("no descriptors")) };
}

describe("the transport of a simulated process", () => {
  it("passes on streams that the system does not take, when the process runs", async () => {
    const gate = new ProcessGate((run) => run());
    const { inner, refuse } = idle(null);
    const failures: string[] = [];
    await gatedTransport(inner, gate).open({ ...NOTHING, acceptFailed: ({ message }) => failures.push(message) });
    gate.shut();
    refuse();
    assert.deepEqual(failures, []);
    gate.open();
    assert.deepEqual(failures, ["no descriptors"]);
  });

  it("counts what the transport under it counts, and nothing where that doesn't", () => {
    const gate = new ProcessGate((run) => run());
    const sendsFailed = { count: 1 };
    const gated = gatedTransport(idle(sendsFailed).inner, gate);
    sendsFailed.count = 2;
    assert.equal(gated.counters?.sendsFailed, 2);
    assert.equal(gatedTransport(idle(null).inner, gate).counters, undefined);
  });
});

import type { Connection, ConnectionHandlers, Transport, TransportHandlers } from "../transport/transport.ts";
import type { ProcessGate } from "./process-gate.ts";

/** A transport whose node receives nothing while its process is stopped. Data already sent is still delivered. */
export function gatedTransport(inner: Transport, gate: ProcessGate): Transport {
  const gated: Transport = {
    open: (handlers) => inner.open(gatedHandlers(handlers, gate)),
    send: (to, bytes) => inner.send(to, bytes),
    async connect(to, options) {
      try {
        return gatedConnection(await inner.connect(to, options), gate);
      } finally {
        await gate.passed();
      }
    },
    close: () => inner.close(),
  };
  if (inner.counters === undefined) return gated;
  return Object.defineProperty(gated, "counters", { get: () => inner.counters, enumerable: true });
}

function gatedHandlers(handlers: TransportHandlers, gate: ProcessGate): TransportHandlers {
  return {
    datagram: (from, bytes) => gate.datagram(() => handlers.datagram(from, bytes)),
    connection: (connection) => gate.arrival(() => handlers.connection(gatedConnection(connection, gate))),
    sendFailed: (to, error) => gate.arrival(() => handlers.sendFailed(to, error)),
    failed: (error) => gate.arrival(() => handlers.failed(error)),
    acceptFailed: (error) => gate.arrival(() => handlers.acceptFailed?.(error)),
  };
}

function gatedConnection(inner: Connection, gate: ProcessGate): Connection {
  return {
    remote: inner.remote,
    listen: (handlers: ConnectionHandlers) =>
      inner.listen({
        data: (chunk) => gate.arrival(() => handlers.data(chunk)),
        end: () => gate.arrival(() => handlers.end()),
        closed: (error) => gate.arrival(() => handlers.closed(error)),
      }),
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    write: (bytes) => inner.write(bytes),
    end: () => inner.end(),
    destroy: () => inner.destroy(),
  };
}

import { describe, it } from "node:test";
import { transportContract } from "hearsay/testing";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import { udpTcp } from "../../dist/transport/udp-tcp.js";

const tests = { describe, it };

for (const [name, host] of [
  ["UDP and TCP over IPv4", "127.0.0.1"],
  ["UDP and TCP over IPv6", "::1"],
] as const) {
  const another = (port: number) => udpTcp({ host, port });
  transportContract(name, () => ({ a: another(0), b: another(0), another }), tests);
}

transportContract(
  "the memory network",
  () => {
    const network = new MemoryNetwork();
    const another = (port: number) => memoryTransport(network, "10.0.0.1", port);
    return { a: another(0), b: another(0), another };
  },
  tests,
);

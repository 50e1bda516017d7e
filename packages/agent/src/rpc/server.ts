import { createServer, type Server, type Socket } from "node:net";
import { RpcConnection } from "./rpc-connection.ts";
import type { RpcHost } from "./rpc-host.ts";

/** Clients at a time; further ones are closed at once. */
export const CONNECTIONS_MAX = 256;

/** Where an RPC server listens. */
export interface RpcAddress {
  /** An IP literal. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** What has been counted. */
export interface RpcCounters {
  connectionsAccepted: number;
  connectionsRefused: number;
}

/** Serf's RPC over TCP: lets the `serf` command, and every client library, drive this agent. */
export class RpcServer {
  readonly counters: RpcCounters = { connectionsAccepted: 0, connectionsRefused: 0 };
  readonly #server: Server;
  readonly #connections = new Set<RpcConnection>();
  readonly #host: RpcHost;

  private constructor(host: RpcHost) {
    this.#host = host;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens. Rejects with what the operating system says. */
  static async listen(host: RpcHost, address: RpcAddress): Promise<RpcServer> {
    const server = new RpcServer(host);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(address.port, address.host, () => {
        server.#server.removeListener("error", reject);
        resolve();
      });
    });
    server.#server.on("error", (error) => host.log.write("ERR", `agent.ipc: ${error.message}`));
    return server;
  }

  /** Where it listens. */
  get address(): RpcAddress {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") return { host: "", port: 0 };
    return { host: bound.address, port: bound.port };
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= CONNECTIONS_MAX) {
      this.counters.connectionsRefused++;
      socket.destroy();
      return;
    }
    this.counters.connectionsAccepted++;
    this.#host.log.write("INFO", `agent.ipc: Accepted client: ${socket.remoteAddress}:${socket.remotePort}`);
    const connection = new RpcConnection(socket, this.#host);
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
  }
}

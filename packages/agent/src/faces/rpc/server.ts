import { createServer, type Server, type Socket } from "node:net";
import { TurnQueue } from "../../base/turn-queue.ts";
import type { AgentEvent } from "../../events/agent-event.ts";
import { ByteBudget } from "./byte-budget.ts";
import { Fanout } from "./fanout.ts";
import { RefusalLog } from "./refusal-log.ts";
import { RpcConnection, type ServerParts } from "./rpc-connection.ts";
import type { RpcHost } from "./rpc-host.ts";
import { addRpcMetrics } from "./rpc-metrics.ts";
import type { SharedEvent, SharedLine } from "./rpc-session.ts";
import type { RpcCounters, RpcUsage } from "./rpc-usage.ts";

/** Work in one turn of the loop, in microseconds, roughly. */
const TURN_MICROS = 2000;

/** A client that reads none of its answers for this long is cut while others wait for room. */
const STALL_MS = 2000;

/** The interval of the search for such clients while others wait. */
const STALL_CHECK_MS = 500;

/** Cost of a waiting event or line besides its bytes. */
const OCCURRENCE_BYTES = 128;

/** Where an RPC server listens. */
export interface RpcAddress {
  /** An IP literal. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** Serf's RPC over TCP: the `serf` command and every client library can drive this agent. */
export class RpcServer {
  readonly #counters: RpcCounters = {
    connectionsAccepted: 0,
    connectionsRefused: 0,
    connectionsDisplaced: 0,
    connectionsCut: 0,
    requestsRefused: 0,
  };
  readonly #server: Server;
  /** Oldest first. */
  readonly #connections = new Set<RpcConnection>();
  readonly #host: RpcHost;
  readonly #budget: ByteBudget;
  readonly #parts: ServerParts;
  readonly #stopListening: readonly (() => void)[];
  readonly #refusals: RefusalLog;
  #stallTimer: NodeJS.Timeout | null = null;
  /** Records dropped by connections that have ended. */
  #recordsDropped = 0;

  constructor(host: RpcHost) {
    this.#host = host;
    this.#refusals = new RefusalLog(host.log, () => performance.now());
    this.#server = createServer((socket) => this.#accept(socket));
    const turns = new TurnQueue(setImmediate, TURN_MICROS);
    const budget = new ByteBudget(host.limits.bytesMax, setImmediate);
    const events = new Fanout<SharedEvent>(turns, budget.open());
    const lines = new Fanout<SharedLine>(turns, budget.open());
    this.#budget = budget;
    this.#parts = {
      host,
      feeds: { events, lines },
      budget,
      turns,
      refused: (client, command, reason) => this.#refused(client, command, reason),
      ended: (client, reason) => this.#ended(client, reason),
      usage: () => this.usage,
      wantsRoom: () => this.#lookForStalled(),
    };
    this.#stopListening = [
      host.events.listen((event) => events.publish({ event, body: null }, OCCURRENCE_BYTES + payloadBytes(event))),
      host.log.listen("TRACE", (line, level) => {
        lines.publish({ level, line, body: null }, OCCURRENCE_BYTES + 2 * line.length);
      }),
    ];
    addRpcMetrics(host.metrics, () => this.usage);
  }

  /** Begins to listen. Also resolves if the server is closed meanwhile. Rejects with the operating system's error. */
  async listen(address: RpcAddress): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.once("close", resolve);
      server.listen(address.port, address.host, resolve);
    });
    server.removeAllListeners("error");
    server.on("error", (error) => this.#host.log.write("ERR", `agent.ipc: ${error.message}`));
  }

  /** Where it listens. */
  get address(): RpcAddress {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") return { host: "", port: 0 };
    return { host: bound.address, port: bound.port };
  }

  /** The usage of its clients, and its counters. */
  get usage(): RpcUsage {
    const { events, lines } = this.#parts.feeds;
    let recordsDropped = this.#recordsDropped;
    for (const { outlet } of this.#connections) recordsDropped += outlet.dropped;
    return {
      ...this.#counters,
      connections: this.#connections.size,
      bytesHeld: this.#budget.held,
      bytesHeldMax: this.#budget.peak,
      recordsDropped,
      occurrencesDropped: events.dropped + lines.dropped,
    };
  }

  /** Ends all connections. Cuts clients that have not read their answers within `limitMs`. */
  async close(limitMs: number): Promise<void> {
    for (const stop of this.#stopListening) stop();
    for (const connection of this.#connections) connection.close();
    const limit = setTimeout(() => {
      for (const connection of this.#connections) connection.cut("takes no answers, and the agent ends");
    }, limitMs);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    clearTimeout(limit);
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const isFull = this.#connections.size >= this.#host.limits.connectionsMax;
    if (isFull && !this.#displace()) {
      this.#counters.connectionsRefused++;
      const reason = `${this.#host.limits.connectionsMax} are connected`;
      this.#refusals.warn("refused a client", { client: `${remoteAddress}:${remotePort}`, reason });
      socket.destroy();
      return;
    }
    this.#counters.connectionsAccepted++;
    this.#host.log.write("INFO", `agent.ipc: Accepted client: ${remoteAddress}:${remotePort}`);
    const connection = new RpcConnection(socket, this.#parts);
    this.#connections.add(connection);
    socket.on("close", () => this.#forget(connection));
  }

  #forget(connection: RpcConnection): void {
    if (this.#connections.delete(connection)) this.#recordsDropped += connection.outlet.dropped;
  }

  /**
   * Ends the oldest connection that has sent no byte, else the oldest that has not opened. Returns whether there was
   * one.
   */
  #displace(): boolean {
    let oldest: RpcConnection | null = null;
    for (const connection of this.#connections) {
      if (connection.isOpen) continue;
      oldest ??= connection;
      if (connection.hasSpoken) continue;
      oldest = connection;
      break;
    }
    if (oldest === null) return false;
    this.#counters.connectionsDisplaced++;
    this.#forget(oldest);
    oldest.cut("gave way to a newcomer");
    return true;
  }

  /** While clients wait for room, cuts those that hold unsent output and have read none of it for some time. */
  #lookForStalled(): void {
    if (this.#stallTimer !== null) return;
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = null;
      this.#budget.wake();
      if (this.#budget.waiting === 0 || this.#budget.hasRoomForAnswer()) return;
      const before = performance.now() - STALL_MS;
      for (const connection of this.#connections) {
        const { outlet } = connection;
        if (outlet.holdsUnsent && outlet.progressAt < before) connection.cut("takes no answers");
      }
      this.#lookForStalled();
    }, STALL_CHECK_MS);
    this.#stallTimer.unref();
  }

  #refused(client: string, command: string, reason: string): void {
    this.#counters.requestsRefused++;
    this.#refusals.warn("refused a request", { client, command, reason });
  }

  #ended(client: string, reason: string): void {
    this.#counters.connectionsCut++;
    this.#refusals.warn("ended a client", { client, reason });
  }
}

/** Bytes that an event keeps and that nothing else keeps, unlike members. */
function payloadBytes(event: AgentEvent): number {
  if (event.kind === "member") return 0;
  const { name, payload } = event.kind === "user" ? event.event : event.query;
  return payload.length + 2 * name.length;
}

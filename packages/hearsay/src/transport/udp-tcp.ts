import type { RemoteInfo, Socket as UdpSocket } from "node:dgram";
import { connect as connectTcp, type Server, type Socket as TcpSocket } from "node:net";
import type { Address } from "@hearsay/core";
import { AddressCache } from "./address-cache.ts";
import { bindSamePort, codeOf } from "./same-port.ts";
import { SendSlabs } from "./send-slabs.ts";
import { TcpConnection } from "./tcp-connection.ts";
import {
  type Connection,
  type ConnectOptions,
  DATAGRAM_BYTES_MAX,
  type Transport,
  type TransportCounters,
  TransportError,
  type TransportHandlers,
} from "./transport.ts";

/** Where to bind. */
export interface UdpTcpOptions {
  /** An IPv4 or IPv6 literal without brackets and zone; `0.0.0.0` or `::` for every interface. */
  readonly host: string;
  /** 0 lets the system choose. @defaultValue 7946 */
  readonly port?: number;
}

/** The default transport: UDP datagrams and TCP streams on one port, as in memberlist. */
export function udpTcp(options: UdpTcpOptions): UdpTcp {
  return new UdpTcp(options);
}

/** See {@link udpTcp}. */
export class UdpTcp implements Transport {
  readonly counters: TransportCounters = { sendsFailed: 0, sourcesUnusable: 0 };
  /** The host to bind. */
  readonly host: string;
  readonly #port: number;
  readonly #addresses: AddressCache = new AddressCache();
  readonly #slabs: SendSlabs = new SendSlabs((error) => this.#onSendError(error));
  readonly #connections = new Set<TcpConnection>();
  readonly #connecting = new Set<TcpSocket>();
  #handlers: TransportHandlers | null = null;
  #udp: UdpSocket | null = null;
  #server: Server | null = null;
  #opening: Promise<Address> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: UdpTcpOptions) {
    this.host = options.host;
    this.#port = options.port ?? 7946;
  }

  open(handlers: TransportHandlers): Promise<Address> {
    if (this.#opening !== null || this.#closing !== null) {
      return Promise.reject(new TransportError("closed", "a transport can be opened only once"));
    }
    this.#opening = this.#open(handlers);
    return this.#opening;
  }

  send(to: Address, bytes: Uint8Array): void {
    const socket = this.#udp;
    if (socket === null || this.#closing !== null) return;
    if (bytes.length > DATAGRAM_BYTES_MAX) {
      this.#fail(to, new TransportError("too-large", `a datagram can't carry ${bytes.length} bytes`));
      return;
    }
    const slab = this.#slabs.copy(bytes);
    if (slab === null) {
      this.#fail(to, new TransportError("overloaded", "the system takes no more datagrams for now"));
      return;
    }
    try {
      socket.send(slab.bytes, slab.start, bytes.length, to.port, this.#udpHost(to), slab.sent);
    } catch (error) {
      slab.inFlight--;
      this.#fail(to, error instanceof Error ? error : new Error(String(error)));
    }
  }

  connect(to: Address, options: ConnectOptions): Promise<Connection> {
    const { timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      if (this.#server === null || this.#closing !== null) {
        reject(new TransportError("closed", "the transport is closed"));
        return;
      }
      if (signal?.aborted) {
        reject(aborted(to, signal));
        return;
      }
      const socket = connectTcp({ host: to.host, port: to.port, allowHalfOpen: true });
      const fail = (error: TransportError) => {
        settle();
        // A late error of the abandoned socket needs a listener, else it would end the process.
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      };
      const onAbort = () => signal && fail(aborted(to, signal));
      const onError = (error: Error) => fail(connectError(to, error));
      const onClose = () => fail(new TransportError("closed", "the transport is closed"));
      const onConnect = () => {
        settle();
        resolve(this.#keep(new TcpConnection(socket, to)));
      };
      const timer = setTimeout(() => fail(new TransportError("timeout", `no answer from ${to.key}`)), timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#connecting.delete(socket);
        socket.off("error", onError).off("close", onClose).off("connect", onConnect);
      };
      signal?.addEventListener("abort", onAbort);
      socket.on("error", onError).on("close", onClose).on("connect", onConnect);
      this.#connecting.add(socket);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(handlers: TransportHandlers): Promise<Address> {
    const { server, socket, port } = await bindSamePort(this.host, this.#port);
    const address = this.#addresses.get(this.host, port);
    if (address === null || this.#closing !== null) {
      await Promise.all([new Promise((done) => server.close(done)), closeSocket(socket)]);
      throw new TransportError("closed", "the transport was closed while it opened");
    }
    this.#handlers = handlers;
    this.#server = server;
    this.#udp = socket;
    server.on("connection", (accepted) => this.#onConnection(accepted));
    // A listening server reports here that it could not accept a connection, and keeps listening.
    server.on("error", (error) => this.#handlers?.acceptFailed?.(error));
    socket.on("message", (bytes, source) => this.#onDatagram(bytes, source));
    socket.on("error", (error) => {
      // Windows reports here that an earlier datagram had no receiver. That concerns the peer, not the socket.
      if (!["ECONNRESET", "ECONNREFUSED"].includes(codeOf(error))) this.#onFailure(error);
    });
    socket.on("close", () => this.#onFailure(new Error("the datagram socket closed")));
    return address;
  }

  async #close(): Promise<void> {
    // Binding can't be cancelled. `#open` sees `#closing` and frees the port.
    await this.#opening?.catch(() => {});
    const server = this.#server;
    const socket = this.#udp;
    this.#udp = null;
    this.#server = null;
    if (server === null || socket === null) return;
    const serverClosed = new Promise((resolve) => server.close(resolve));
    for (const connecting of this.#connecting) connecting.destroy();
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([serverClosed, closeSocket(socket), ...[...this.#connections].map(({ gone }) => gone)]);
    this.#handlers = null;
  }

  #onDatagram(bytes: Buffer, source: RemoteInfo): void {
    if (this.#closing !== null) return;
    const from = this.#addresses.get(source.address, source.port);
    if (from === null) this.counters.sourcesUnusable++;
    else this.#handlers?.datagram(from, bytes);
  }

  #onConnection(socket: TcpSocket): void {
    const { remoteAddress, remotePort } = socket;
    // Both are missing if the peer has already disconnected.
    const remote = remoteAddress && remotePort ? this.#addresses.get(remoteAddress, remotePort) : null;
    if (remote === null || this.#closing !== null) {
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    this.#handlers?.connection(this.#keep(new TcpConnection(socket, remote)));
  }

  #keep(connection: TcpConnection): TcpConnection {
    this.#connections.add(connection);
    void connection.gone.then(() => this.#connections.delete(connection));
    return connection;
  }

  #onSendError(error: Error): void {
    const { address, port } = error as Error & { address?: unknown; port?: unknown };
    const to = typeof address === "string" && typeof port === "number" ? this.#addresses.get(address, port) : null;
    if (to === null) this.counters.sendsFailed++;
    else this.#fail(to, error);
  }

  #fail(to: Address, error: Error): void {
    this.counters.sendsFailed++;
    // Later, since no handler may run within `send`.
    queueMicrotask(() => {
      if (this.#closing === null) this.#handlers?.sendFailed(to, error);
    });
  }

  #onFailure(error: Error): void {
    if (this.#closing === null) this.#handlers?.failed(error);
  }

  /** A dual-stack socket takes IPv4 addresses only in mapped form. */
  #udpHost(to: Address): string {
    return this.host.includes(":") && !to.host.includes(":") ? `::ffff:${to.host}` : to.host;
  }
}

function closeSocket(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(resolve);
    } catch {
      // An error has already closed it.
      resolve();
    }
  });
}

function aborted(to: Address, signal: AbortSignal): TransportError {
  return new TransportError("aborted", `connecting to ${to.key} was aborted`, signal.reason);
}

function connectError(to: Address, error: Error): TransportError {
  switch (codeOf(error)) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return new TransportError("refused", `${to.key} refuses connections`, error);
    case "ETIMEDOUT":
      return new TransportError("timeout", `no answer from ${to.key}`, error);
    default:
      return new TransportError("unreachable", `no way to ${to.key}: ${error.message}`, error);
  }
}

import type { Address } from "@hearsay/core";

/**
 * The way to the other nodes: datagrams that may be lost, and streams, both on one port.
 *
 * A transport is opened once and closed once. `transportContract` of `hearsay/testing` checks everything said here.
 */
export interface Transport {
  /** What it has counted, for the cluster's metrics. A transport without it counts nothing. */
  readonly counters?: Readonly<TransportCounters>;
  /** Binds datagrams and streams to one port and starts delivering. Resolves to the bound address. */
  open(handlers: TransportHandlers): Promise<Address>;
  /**
   * Sends one datagram, or drops it. `bytes` is borrowed: the caller may overwrite it as soon as this returns. Never
   * throws; what is known to have failed goes to `handlers.sendFailed`. No handler may run within `send`, whose caller is
   * in the middle of something: not for a failure, and not for a datagram to this very node.
   */
  send(to: Address, bytes: Uint8Array): void;
  /** Opens a stream. Rejects with a {@link TransportError}; `aborted` if the signal did it, with its reason as cause. */
  connect(to: Address, options: ConnectOptions): Promise<Connection>;
  /**
   * Ends all connections and gives the port back. Idempotent. No handler runs any more once it has resolved; calls of
   * `connect` under way reject.
   */
  close(): Promise<void>;
}

/** What a transport has counted since it was opened. */
export interface TransportCounters {
  /** Datagrams that did not go out, for whatever reason. */
  sendsFailed: number;
  /** Datagrams from a source that has no `Address`, such as IPv6 link-local with a zone. */
  sourcesUnusable: number;
}

/** How long `connect` may take and what ends it early. */
export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Where a transport leaves what arrives. None of these may throw. */
export interface TransportHandlers {
  /** `bytes` is handed over: the transport doesn't touch it again. */
  datagram(from: Address, bytes: Uint8Array): void;
  /** Somebody opened a stream to this node. What it sends is kept until `listen` is called. */
  connection(connection: Connection): void;
  /** A datagram is known not to have gone out. The next one may. Called after `send` has returned. */
  sendFailed(to: Address, error: Error): void;
  /** A stream that somebody opened could not be taken, as when there are no file descriptors. The next one may. */
  acceptFailed?(error: Error): void;
  /** The transport can't go on. Called at most once; what is left is to close it. */
  failed(error: Error): void;
}

/** One stream, from either side. */
export interface Connection {
  /** The other side. On an accepted stream its port is none that could be connected to. */
  readonly remote: Address;
  /** Starts delivering. To be called once. */
  listen(handlers: ConnectionHandlers): void;
  /** Delivers nothing more until `resume`, so that the other side has to wait with what it sends. */
  pause(): void;
  /** Goes on delivering after `pause`. */
  resume(): void;
  /** Queues bytes, which must stay as they are until they are sent. Does nothing after `end` or `destroy`. */
  write(bytes: Uint8Array): void;
  /** Says that nothing more will be written. The other direction stays open. */
  end(): void;
  /** Gives up both directions and what is queued. */
  destroy(): void;
}

/** What happens on a stream, in this order: data, then at most one end, then closed. */
export interface ConnectionHandlers {
  /** `chunk` is handed over. */
  data(chunk: Uint8Array): void;
  /** The other side will send nothing more. */
  end(): void;
  /** Both directions are over; an error if that was not by agreement. Nothing follows. */
  closed(error: Error | null): void;
}

/**
 * Why a transport could not do something: nobody listens there; no answer in time; no way there; the transport or the
 * connection is closed; the caller's signal; too many bytes for a datagram; more queued than may be.
 */
export type TransportErrorCode =
  | "refused"
  | "timeout"
  | "unreachable"
  | "closed"
  | "aborted"
  | "too-large"
  | "overloaded";

/** An error of a {@link Transport}. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** The most that an IPv4 datagram can carry. */
export const DATAGRAM_BYTES_MAX = 65_507;

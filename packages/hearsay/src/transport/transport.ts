import type { Address } from "@hearsay/core";

/**
 * Connects a node to the others: datagrams, which may be lost, and streams, both on one port.
 *
 * A transport is opened once and closed once. `transportContract` of `hearsay/testing` tests these requirements.
 */
export interface Transport {
  /** Its counters, for the cluster's metrics. Without them they count as 0. */
  readonly counters?: Readonly<TransportCounters>;
  /** Binds datagrams and streams to one port and starts delivering. Resolves to the bound address. */
  open(handlers: TransportHandlers): Promise<Address>;
  /**
   * Sends one datagram, or drops it. `bytes` is borrowed: the caller may overwrite it as soon as this returns. Never
   * throws; known failures go to `handlers.sendFailed`. No handler may run within `send`, neither for a failure nor for
   * a datagram to this node itself.
   */
  send(to: Address, bytes: Uint8Array): void;
  /**
   * Opens a stream. Rejects with a {@link TransportError}; if the signal aborts, with the code `aborted` and the
   * signal's reason as cause.
   */
  connect(to: Address, options: ConnectOptions): Promise<Connection>;
  /**
   * Ends all connections and frees the port. Idempotent. No handler runs after it has resolved; pending calls of
   * `connect` reject.
   */
  close(): Promise<void>;
}

/** Counters of a transport since it was opened. */
export interface TransportCounters {
  /** Datagrams that were not sent, for any reason. */
  sendsFailed: number;
  /** Datagrams from a source that no `Address` can represent, such as IPv6 link-local with a zone. */
  sourcesUnusable: number;
}

/** Limits of `connect`. */
export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Callbacks of a transport. None of them may throw. */
export interface TransportHandlers {
  /** A datagram has arrived. The receiver owns `bytes`: the transport doesn't touch it again. */
  datagram(from: Address, bytes: Uint8Array): void;
  /** A peer has opened a stream to this node. Its bytes are kept until `listen` is called. */
  connection(connection: Connection): void;
  /** A datagram is known not to have been sent. The next one may succeed. Called after `send` has returned. */
  sendFailed(to: Address, error: Error): void;
  /**
   * A stream that a peer opened could not be accepted, such as for lack of file descriptors. The next one may succeed.
   */
  acceptFailed?(error: Error): void;
  /** The transport has failed for good. Called at most once; it can only be closed. */
  failed(error: Error): void;
}

/** One stream, from either side. */
export interface Connection {
  /** The peer's address. On an accepted stream its port can't be connected to. */
  readonly remote: Address;
  /** Starts delivering. Call it once. */
  listen(handlers: ConnectionHandlers): void;
  /** Delivers nothing more until `resume`, so that the peer has to wait. */
  pause(): void;
  /** Resumes delivering after `pause`. */
  resume(): void;
  /** Queues bytes, which must not change until they are sent. Does nothing after `end` or `destroy`. */
  write(bytes: Uint8Array): void;
  /** Ends this direction: nothing more will be written. The other direction stays open. */
  end(): void;
  /** Closes both directions and drops queued bytes. */
  destroy(): void;
}

/** What happens on a stream, in this order: data, then at most one end, then closed. */
export interface ConnectionHandlers {
  /** Bytes have arrived. The receiver owns `chunk`. */
  data(chunk: Uint8Array): void;
  /** The peer will send nothing more. */
  end(): void;
  /** Both directions are over, with an error unless both sides ended regularly. Nothing follows. */
  closed(error: Error | null): void;
}

/**
 * Why a transport operation failed, in this order: nothing listens there; no answer in time; no route; the transport or
 * the connection is closed; the caller's signal aborted; too many bytes; too much queued.
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

/** Most bytes that an IPv4 datagram can carry. */
export const DATAGRAM_BYTES_MAX = 65_507;

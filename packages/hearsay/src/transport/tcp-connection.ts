import type { Socket } from "node:net";
import type { Address } from "@hearsay/core";
import { type Connection, type ConnectionHandlers, TransportError } from "./transport.ts";

/** Most bytes that a connection queues for a peer that doesn't read: the largest message is 20 MiB. */
const QUEUED_BYTES_MAX = 64 * 1024 * 1024;

/** A stream over TCP. The socket must have been made with `allowHalfOpen`. */
export class TcpConnection implements Connection {
  readonly remote: Address;
  /** Settles when the socket has closed and every handler has run. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | null = null;
  #error: Error | null = null;
  #isClosed = false;

  constructor(socket: Socket, remote: Address) {
    this.#socket = socket;
    this.remote = remote;
    socket.setNoDelay(true);
    // Without a listener an error would end the process. An error before `listen` is reported after `listen`.
    socket.on("error", (error) => {
      this.#error ??= error;
    });
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.#isClosed = true;
        this.#handlers?.closed(this.#error);
        resolve();
      });
    });
  }

  listen(handlers: ConnectionHandlers): void {
    if (this.#handlers !== null) throw new TransportError("closed", "this connection has a listener already");
    this.#handlers = handlers;
    if (this.#isClosed) {
      queueMicrotask(() => handlers.closed(this.#error));
      return;
    }
    this.#socket.on("end", () => handlers.end());
    this.#socket.on("data", (chunk: Buffer) => handlers.data(chunk));
    // An accepted socket is paused until now: the kernel buffers what arrives and makes the peer wait.
    this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#socket.writableLength + bytes.length > QUEUED_BYTES_MAX) {
      this.#socket.destroy(new TransportError("overloaded", `more than ${QUEUED_BYTES_MAX} bytes wait for the peer`));
      return;
    }
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

import { createSocket, type Socket, type SocketType } from "node:dgram";
import { createServer, type Server } from "node:net";
import { HearsayError } from "../base/errors.ts";
import { messageOf } from "../base/message-of.ts";

/** A server for streams and a socket for datagrams on one port. */
export interface BoundPair {
  readonly server: Server;
  readonly socket: Socket;
  readonly port: number;
}

const TRIES = 10;
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;
const RECEIVE_BUFFER_BYTES_MIN = 64 * 1024;

/**
 * Binds streams and datagrams to the same port. For port 0 the system chooses a port for streams, which may be in use
 * for datagrams; so up to ten are tried, as memberlist does (docs/protocol/memberlist.md, section 23).
 *
 * @throws HearsayError `ERR_BIND` with the system error as cause.
 */
export async function bindSamePort(host: string, port: number): Promise<BoundPair> {
  for (let tries = port === 0 ? TRIES : 1; ; tries--) {
    try {
      return await bindBoth(host, port);
    } catch (cause) {
      if (tries > 1 && codeOf(cause) === "EADDRINUSE") continue;
      const reason = messageOf(cause);
      const retryable = !["EACCES", "EPERM"].includes(codeOf(cause));
      const text = `cannot bind ${host} port ${port}: ${reason}`;
      throw new HearsayError("ERR_BIND", text, { host, port }, { cause, retryable });
    }
  }
}

/** The code of a system error, such as EADDRINUSE; an empty string for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

async function bindBoth(host: string, port: number): Promise<BoundPair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const bound = await listen(server, host, port);
  try {
    const socket = await bindDatagrams(host, bound);
    return { server, socket, port: bound };
  } catch (error) {
    await new Promise((resolve) => server.close(resolve));
    throw error;
  }
}

// `exclusive`: otherwise workers of node:cluster would share one socket, and each would get the others' packets.

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function bindDatagrams(host: string, port: number): Promise<Socket> {
  const type: SocketType = host.includes(":") ? "udp6" : "udp4";
  // All destinations are IP literals. By default Node would still use the resolver's thread pool for each packet.
  const socket = createSocket({
    type,
    lookup: (address, _options, callback) => callback(null, address, type === "udp6" ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", onError);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off("error", onError);
      enlargeReceiveBuffer(socket);
      resolve(socket);
    });
  });
}

/** Requests 2 MiB, and halves it until the system accepts: a full buffer loses acks, which causes false suspicions. */
function enlargeReceiveBuffer(socket: Socket): void {
  for (let bytes = RECEIVE_BUFFER_BYTES; bytes >= RECEIVE_BUFFER_BYTES_MIN; bytes /= 2) {
    try {
      socket.setRecvBufferSize(bytes);
      return;
    } catch {
      // Some systems refuse a size above their limit instead of reducing it.
    }
  }
}

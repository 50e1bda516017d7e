import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ephemeral ports of systems, which an outgoing connection could take between the choice of a port and its
 * use. Each port is returned once, since members of an earlier pool may still write to theirs.
 */
const FIRST = 20_000;
const COUNT = 10_000;

let next = process.pid % COUNT;

/** A free port of 127.0.0.1, for streams and for datagrams. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if ((await takesStreams(port)) && (await takesDatagrams(port))) return port;
  }
  throw new Error(`none of the ports ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

async function takesStreams(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const isTaken = await once(server, "listening").then(
    () => false,
    () => true,
  );
  await new Promise((resolve) => server.close(resolve));
  return !isTaken;
}

async function takesDatagrams(port: number): Promise<boolean> {
  const socket = createSocket("udp4").bind(port, "127.0.0.1");
  const isTaken = await once(socket, "listening").then(
    () => false,
    () => true,
  );
  socket.close();
  return !isTaken;
}

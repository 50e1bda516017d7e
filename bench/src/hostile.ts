import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { encodeFilter, encodeSerfMessage, QUERY, TAG_FILTER } from "@hearsay/core/serf";
import { encodeMessage, MessageEncoder, StreamCodec, USER, wireOptions } from "@hearsay/core/wire";
import { createCluster } from "hearsay";
import type { Burden } from "./hostile-node.ts";
import { rest } from "./pool.ts";
import { type Row, row } from "./rows.ts";

const MIB = 1024 ** 2;

/** How long each load goes on before the node is asked. */
const LOAD_MS = 4000;

/** Queries are told apart by their number, which is in the expression, too, so that none is known. */
let lastQuery = 0;

interface Target {
  readonly process: ChildProcess;
  readonly port: number;
}

interface LoadBurden extends Burden {
  readonly joinedAfterMs: number;
}

/** What a node goes through that a peer sends much to: all that it can be made to hold, and the work of it. */
export async function hostile(quick: boolean): Promise<Row[]> {
  const streams = quick ? 20 : 100;
  const rows: Row[] = [];
  const loads: readonly (readonly [string, (target: Target) => Promise<() => void>])[] = [
    [`${streams} streams of 20 MiB, never ended`, (target) => flood(target, streams, plain(20 * MIB).subarray(0, -1))],
    [`${2 * streams} streams that decompress to 39 MiB`, (target) => flood(target, 2 * streams, packed(39 * MIB))],
    ["3,000 silent streams", (target) => flood(target, quick ? 600 : 3000, new Uint8Array(0))],
    ["120 queries with expressions of 400 states", (target) => queries(target, 120)],
  ];
  for (const [name, load] of loads) rows.push(...(await under(name, load)));
  return rows;
}

async function under(name: string, load: (target: Target) => Promise<() => void>): Promise<Row[]> {
  const target = await start();
  const cold = await burdenOf(target, load);
  const warm = await burdenOf(target, load);
  target.process.disconnect();
  return [
    row("hostile", `${name}: memory at the most`, "MiB", [cold.rssMib, warm.rssMib]),
    row("hostile", `${name}: work of the longest turn, cold`, "ms", [cold.workMs]),
    row("hostile", `${name}: work of the longest turn, warm`, "ms", [warm.workMs]),
    row("hostile", `${name}: longest pauses in a turn`, "ms", [cold.pausesMs, warm.pausesMs]),
    row("hostile", `${name}: a newcomer joins after`, "ms", [cold.joinedAfterMs, warm.joinedAfterMs]),
  ];
}

async function burdenOf(target: Target, load: (target: Target) => Promise<() => void>): Promise<LoadBurden> {
  target.process.send("begin");
  const end = await load(target);
  const begin = performance.now();
  const joinedAfterMs = await newcomer(target).then(() => performance.now() - begin);
  await rest(Math.max(0, LOAD_MS - joinedAfterMs));
  const burden = await burdenSoFar(target);
  end();
  return { ...burden, joinedAfterMs };
}

/** A node that wants to join meanwhile; gives up after 20 s. */
async function newcomer({ port }: Target): Promise<void> {
  const cluster = await createCluster({ bind: "127.0.0.1:0", nodeName: "newcomer", join: `127.0.0.1:${port}` });
  await cluster.ready({ members: 2, signal: AbortSignal.timeout(20_000) }).catch(() => {});
  await cluster.close();
}

async function flood({ port }: Target, count: number, bytes: Uint8Array): Promise<() => void> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: "127.0.0.1" }).on("error", () => {});
    sockets.push(socket);
    socket.once("connect", () => socket.write(bytes));
    if (i % 100 === 99) await rest(10);
  }
  await rest(200);
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

async function queries({ port }: Target, count: number): Promise<() => void> {
  const socket = createSocket("udp4");
  for (let i = 0; i < count; i++) {
    const id = ++lastQuery;
    const expression = `x{0,400}y${id}`;
    const query = encodeSerfMessage({
      type: QUERY,
      lTime: 10 + id,
      id,
      addr: Uint8Array.of(127, 0, 0, 1),
      port: 9,
      sourceNode: `asker-${id}`,
      filters: [encodeFilter({ type: TAG_FILTER, tag: "role", expression })],
      flags: 0,
      relayFactor: 0,
      timeoutNs: 1e9,
      name: "load",
      payload: null,
    });
    socket.send(encodeMessage({ type: USER, payload: query }), port, "127.0.0.1");
  }
  await rest(200);
  return () => socket.close();
}

function plain(bytes: number): Uint8Array {
  return new MessageEncoder().encodeStreamUser(new Uint8Array(bytes));
}

/** Zeros, which compress to a thousandth. */
function packed(bytes: number): Uint8Array {
  const wrap = new StreamCodec(wireOptions({})).wrap(plain(bytes), "connect");
  while (!wrap.step(MIB));
  return wrap.result().slice();
}

async function start(): Promise<Target> {
  const child = fork(fileURLToPath(new URL("./hostile-node.js", import.meta.url)), { execArgv: [] });
  const address = await new Promise<string>((resolve) => child.once("message", (message) => resolve(String(message))));
  return { process: child, port: Number(address.split(":").at(-1)) };
}

function burdenSoFar({ process: child }: Target): Promise<Burden> {
  return new Promise((resolve) => {
    child.once("message", (message) => resolve(message as Burden));
    child.send("end");
  });
}

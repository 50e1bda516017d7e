import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { encodeFilter, encodeSerfMessage, QUERY, TAG_FILTER } from "@hearsay/core/serf";
import { encodeMessage, MessageEncoder, StreamCodec, USER, wireOptions } from "@hearsay/core/wire";
import { createCluster } from "hearsay";
import type { Load } from "./load-monitor.ts";
import { rest } from "./pool.ts";
import { coldAndWarm, type Row } from "./rows.ts";

const MIB = 1024 ** 2;

/** The duration of each load before the node is asked. */
const LOAD_MS = 4000;

/** Time limit for the join of a new node. */
const JOIN_MS = 20_000;

/** Each query has its own number, which is also in its expression, so that the node has seen none of them before. */
let lastQuery = 0;

interface Target {
  readonly process: ChildProcess;
  readonly port: number;
}

/** A peer's attack, until `end`. */
interface Attack {
  /** The number of established connections; null if it needs none. */
  readonly opened: (() => number) | null;
  readonly end: () => void;
}

type Attacker = (target: Target) => Promise<Attack>;

interface Burden extends Load {
  readonly opened: number | null;
  /** NaN if the new node didn't join within `JOIN_MS`. */
  readonly joinedAfterMs: number;
}

/** The load of a node that a peer floods: all memory and work that the peer can cause. */
export async function hostile(quick: boolean): Promise<Row[]> {
  const streams = quick ? 20 : 100;
  const silent = quick ? 600 : 3000;
  const rows: Row[] = [];
  const loads: readonly (readonly [string, Attacker])[] = [
    [`${streams} streams of 20 MiB, never ended`, (target) => flood(target, streams, plain(20 * MIB).subarray(0, -1))],
    [`${2 * streams} streams that decompress to 39 MiB`, (target) => flood(target, 2 * streams, packed(39 * MIB))],
    [`${silent.toLocaleString("en")} silent streams`, (target) => flood(target, silent, new Uint8Array(0))],
    ["120 queries with expressions of 400 states", (target) => queries(target, 120)],
  ];
  for (const [name, load] of loads) rows.push(...(await under(name, load)));
  return rows;
}

async function under(name: string, attack: Attacker): Promise<Row[]> {
  const target = await start();
  const cold = await burdenOf(target, attack);
  const warm = await burdenOf(target, attack);
  target.process.disconnect();
  const rows = (what: string, unit: string, of: (burden: Burden) => number): Row[] =>
    coldAndWarm("hostile", `${name}: ${what}`, unit, [of(cold), of(warm)]);
  return [
    ...(cold.opened === null ? [] : rows("connections made", "connections", ({ opened }) => opened ?? Number.NaN)),
    ...rows("memory at the most", "MiB", ({ rssPeakMib }) => rssPeakMib),
    ...rows("work of the longest turn", "ms", ({ longestTurnMs }) => longestTurnMs),
    ...rows("longest pauses in a turn", "ms", ({ pausesMs }) => pausesMs),
    ...rows("a newcomer joins after", "ms", ({ joinedAfterMs }) => joinedAfterMs),
  ];
}

async function burdenOf(target: Target, attack: Attacker): Promise<Burden> {
  target.process.send("begin");
  const { opened, end } = await attack(target);
  const began = performance.now();
  const hasJoined = await newcomer(target);
  const waitedMs = performance.now() - began;
  await rest(Math.max(0, LOAD_MS - waitedMs));
  const load = await loadSoFar(target);
  const burden = { ...load, opened: opened?.() ?? null, joinedAfterMs: hasJoined ? waitedMs : Number.NaN };
  end();
  return burden;
}

/** Whether a new node can join meanwhile. */
async function newcomer({ port }: Target): Promise<boolean> {
  const cluster = await createCluster({ bind: "127.0.0.1:0", nodeName: "newcomer", join: `127.0.0.1:${port}` });
  const hasJoined = await cluster.ready({ members: 2, signal: AbortSignal.timeout(JOIN_MS) }).then(
    () => true,
    () => false,
  );
  await cluster.close();
  return hasJoined;
}

/** Opens connections, which the target may refuse or cut at any time; established ones are counted. */
async function flood({ port }: Target, count: number, bytes: Uint8Array): Promise<Attack> {
  const sockets: Socket[] = [];
  let opened = 0;
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: "127.0.0.1" }).on("error", () => {});
    sockets.push(socket);
    socket.once("connect", () => {
      opened++;
      socket.write(bytes);
    });
    if (i % 100 === 99) await rest(10);
  }
  await rest(200);
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { opened: () => opened, end };
}

async function queries({ port }: Target, count: number): Promise<Attack> {
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
  return { opened: null, end: () => void socket.close() };
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

function loadSoFar({ process: child }: Target): Promise<Load> {
  return new Promise((resolve) => {
    child.once("message", (message) => resolve(message as Load));
    child.send("end");
  });
}

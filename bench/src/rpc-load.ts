import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { SerfRpcClient } from "@hearsay/agent/rpc";
import { Writer } from "@hearsay/core/msgpack";
import { coldAndWarm, type Row, row } from "./rows.ts";
import type { AgentLoad } from "./rpc-load-agent.ts";

const STREAMS = 256;
const EVENTS = 100;

/** Requests of another client meanwhile. */
const QUESTIONS = 40;

/** An answer takes 13 to 15 bytes, depending on its number. */
const ANSWER_BYTES_MIN = 13;

/**
 * Loads an agent: `clients` have 256 streams each and read nothing, and 100 events come at once. Measures how long
 * another client waits, how long the turns of the agent's loop are, and the whole cost.
 */
export async function rpcLoad(clients: number): Promise<Row[]> {
  const agent = fork(fileURLToPath(new URL("./rpc-load-agent.js", import.meta.url)));
  const sockets: Socket[] = [];
  try {
    const port = Number(await answerOf(agent));
    for (let i = 0; i < clients; i++) sockets.push(await streaming(port));
    const cold = await loaded(agent, port);
    const warm = await loaded(agent, port);
    return [
      row("rpc-load", "an answer to another client", "ms", [...cold.waitsMs, ...warm.waitsMs]),
      ...coldAndWarm("rpc-load", "the last answer to all of it", "ms", [cold.allMs, warm.allMs]),
      ...coldAndWarm("rpc-load", "work of the longest turn", "ms", [cold.longestTurnMs, warm.longestTurnMs]),
      ...coldAndWarm("rpc-load", "work in all turns", "ms", [cold.allTurnsMs, warm.allTurnsMs]),
      ...coldAndWarm("rpc-load", "resident memory at most", "MiB", [cold.rssPeakMib, warm.rssPeakMib]),
      row("rpc-load", "kept for clients at most", "MiB", [warm.heldPeakMib]),
      row("rpc-load", "records dropped", "records", [warm.recordsDropped]),
      row("rpc-load", "events and lines dropped for all", "occurrences", [warm.occurrencesDropped]),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    agent.disconnect();
    await once(agent, "exit");
  }
}

interface Loaded extends AgentLoad {
  readonly waitsMs: readonly number[];
  readonly allMs: number;
}

/** Sends all events at once and measures the load. */
async function loaded(agent: ChildProcess, port: number): Promise<Loaded> {
  const asker = await SerfRpcClient.connect({ port, timeoutMs: 120_000 });
  agent.send("begin");
  await answerOf(agent);
  const told = performance.now();
  for (let i = 0; i < EVENTS; i++) void asker.event(`event-${i}`, Buffer.from("what happened"), false);
  const waitsMs = await waits(port);
  await asker.members();
  const allMs = performance.now() - told;
  agent.send("end");
  const figures = (await answerOf(agent)) as AgentLoad;
  asker.close();
  return { ...figures, waitsMs, allMs };
}

async function answerOf(agent: ChildProcess): Promise<unknown> {
  const [answer] = await once(agent, "message");
  return answer;
}

/** The response times of `members` on a separate connection, one request after the other. */
async function waits(port: number): Promise<number[]> {
  const client = await SerfRpcClient.connect({ port, timeoutMs: 120_000 });
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const asked = performance.now();
    await client.members();
    times.push(performance.now() - asked);
  }
  client.close();
  return times;
}

/** A client that has started its streams and stops reading. */
async function streaming(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const writer = new Writer();
  command(writer, "handshake", 0, "Version", 1);
  for (let seq = 1; seq <= STREAMS; seq++) command(writer, "stream", seq, "Type", "*");
  socket.write(writer.copy());
  for (let bytes = 0; bytes < ANSWER_BYTES_MIN * (STREAMS + 1); ) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes += chunk.length;
  }
  socket.pause();
  return socket;
}

function command(writer: Writer, name: string, seq: number, field: string, value: string | number): void {
  writer.mapHead(2);
  writer.name("Command");
  writer.name(name);
  writer.name("Seq");
  writer.uint(seq);
  writer.mapHead(1);
  writer.name(field);
  if (typeof value === "number") writer.uint(value);
  else writer.name(value);
}

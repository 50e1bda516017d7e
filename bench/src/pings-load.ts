import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { rest } from "./pool.ts";

/** The key of the encrypted runs. */
export const KEY: string = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => 3 * i)).toString("base64");

/** The name that the pinged node must have. */
export const PINGED = "node";

/** The result of a run of pings. */
export interface PingsRun {
  readonly answers: number;
  readonly cpuMicros: number;
  readonly micros: number;
}

/**
 * Keeps 64 pings outstanding for a time, from a process of its own. Its start costs processor time in this process, so
 * CPU is counted from after the start.
 */
export async function runPings(to: string, key: string, runMs: number, cpuMicros: () => number): Promise<PingsRun> {
  const client = fileURLToPath(new URL("./samples/pings-client.js", import.meta.url));
  const child = fork(client, [PINGED, to, String(runMs), key], { execArgv: [] });
  await rest(0);
  const before = cpuMicros();
  const answers = await new Promise<number>((resolve, reject) => {
    child.once("message", (count) => resolve(Number(count)));
    child.once("exit", () => reject(new Error("the client ended without a result")));
  });
  if (answers === 0) throw new Error(`no ping was answered by ${to}`);
  return { answers, cpuMicros: cpuMicros() - before, micros: runMs * 1000 };
}

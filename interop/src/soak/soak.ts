import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { settlesWithin } from "hearsay/internal";
import { blackout, kills } from "./agents.ts";
import { events } from "./events.ts";
import { junk } from "./junk.ts";
import { names } from "./names.ts";
import { type SoakCase, SoakRun } from "./soak-run.ts";

const MAIN: string = fileURLToPath(new URL("../main.js", import.meta.url));
const CASES: readonly SoakCase[] = [junk, names, kills, blackout, events];

/** The case names that the command line accepts. */
export const SOAK_CASE_NAMES: readonly string[] = CASES.map(({ name }) => name);

/**
 * Runs the cases in network and process namespaces of their own, so that a flood reaches nothing else and no process
 * remains. Needs Linux, `unshare`, `ip`, and the right to create namespaces. Returns the exit code.
 */
export async function runSoak(wanted: readonly string[]): Promise<number> {
  const isRoot = process.getuid?.() === 0;
  const namespaces = [
    ...(isRoot ? [] : ["--map-root-user"]),
    "--net",
    "--pid",
    "--fork",
    "--mount-proc",
    "--kill-child",
  ];
  const inside = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, MAIN, "soak-inside", ...wanted];
  const child = spawn("unshare", [...namespaces, ...inside], { stdio: "inherit" });
  return await new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Error("no namespace can be made for the flood", { cause })));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs the cases one after another inside the namespaces. Returns the exit code. */
export async function runSoakInside(wanted: readonly string[]): Promise<number> {
  const cases = wanted.length === 0 ? CASES : CASES.filter(({ name }) => wanted.includes(name));
  let failed = 0;
  for (const one of cases) if (!(await passes(one))) failed++;
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

async function passes(one: SoakCase): Promise<boolean> {
  const run = new SoakRun();
  const startedAt = performance.now();
  let failure: string | null = null;
  try {
    if (!(await settlesWithin(one.run(run), one.limitMs)))
      throw new Error(`the case hangs: not over in ${one.limitMs} ms`);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  await run.close();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`${failure === null ? "pass" : "FAIL"}  ${one.name}: ${one.shows}  ${seconds} s`);
  for (const line of run.figures) console.log(`      ${line}`);
  if (failure !== null) console.log(failure.replaceAll(/^/gm, "      "));
  return failure === null;
}

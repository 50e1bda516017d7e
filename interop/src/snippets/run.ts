import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../until.ts";
import { SNIPPETS, type Snippet, WAITING } from "./snippets.ts";

const COMMAND = fileURLToPath(new URL("../../../packages/cli/dist/bin/hearsay.js", import.meta.url));

/** More than a start takes on a busy machine. */
const START_MAX_MS = 60_000;

/** The gossip of a snippet without the profile of its document: a free port of loopback, so that several may run. */
const ALONE = ["--profile=lan", "--bind-host=127.0.0.1", "--bind-port=0"];

/**
 * Has `hearsay config check` read every block of configuration in the documents that Hearsay was founded on, as it is
 * printed there, and starts an agent with each that has no faults. Returns the exit code.
 */
export async function runSnippets(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "hearsay-snippets-"));
  let failed = 0;
  let passed = 0;
  try {
    for (const snippet of SNIPPETS) {
      const written = writtenIn(folder, snippet);
      for (const [how, flags, faults] of [
        ["as printed", [], snippet.faults],
        ["gossip alone", ALONE, snippet.alone],
      ] as const) {
        const problem = await problemWith(written, flags, faults);
        if (problem === null) passed++;
        else failed++;
        console.log(`${problem === null ? "pass" : "FAIL"}  ${snippet.document}: ${snippet.what}, ${how}`);
        if (problem !== null) console.log(problem.replaceAll(/^/gm, "      "));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const what of WAITING) console.log(`later ${what}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** What the command gets of a snippet. */
interface Written {
  readonly flags: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

function writtenIn(folder: string, { form, text }: Snippet): Written {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HEARSAY|LONGBOW)_/.test(name));
  const environment = Object.fromEntries(inherited);
  if (form === "environment") {
    const lines = text.trim().split("\n");
    const own = lines.map((line): [string, string] => [
      line.slice(0, line.indexOf("=")),
      line.slice(line.indexOf("=") + 1),
    ]);
    return { flags: [], environment: { ...environment, ...Object.fromEntries(own) } };
  }
  const file = join(folder, "printed.yaml");
  writeFileSync(file, text);
  return { flags: ["--config", file], environment };
}

/** What is not as wanted; null if all is. */
async function problemWith(
  written: Written,
  flags: readonly string[],
  wanted: Snippet["faults"],
): Promise<string | null> {
  const { code, output } = await run(["config", "check", ...written.flags, ...flags], written.environment);
  const lines = output.trim().split("\n").slice(0, -1);
  const faults = lines.filter((line) => !line.startsWith("advice: "));
  const isSound = wanted.length === 0;
  // The place stands whole before a colon, so that `cluster` is not found in the line of one of its parts.
  const says = (line: string, [place, part]: Snippet["faults"][number]): boolean =>
    (line.startsWith(`${place}: `) || line.includes(`: ${place}: `)) && line.includes(part);
  const areWanted =
    wanted.every((one) => faults.some((line) => says(line, one))) &&
    faults.every((line) => wanted.some((one) => says(line, one)));
  if (faults.length !== wanted.length || !areWanted || code !== (isSound ? 0 : 1)) {
    return `exit ${code}, instead of ${isSound ? "none" : wanted.map((one) => one.join(": ")).join("; ")}:\n${output}`;
  }
  return await problemAtStart(written, flags, isSound);
}

/** An agent starts if its configuration is sound, and says the same faults if it is not. */
async function problemAtStart(
  { flags, environment }: Written,
  more: readonly string[],
  isSound: boolean,
): Promise<string | null> {
  const child = start(["agent", ...flags, ...more], environment);
  const running = "==> Log data will now stream in";
  try {
    const isDecided = (): string | null =>
      child.output.includes(running) || child.code !== undefined ? null : "neither running nor ended";
    await until("the agent runs or ends", isDecided, START_MAX_MS);
    const hasStarted = child.output.includes(running);
    if (hasStarted !== isSound) return `${hasStarted ? "it started" : "it didn't start"}:\n${child.output}`;
    if (isSound) return await problemAtEnd(child);
    return child.code === 1 ? null : `exit ${child.code}, instead of 1:\n${child.output}`;
  } finally {
    child.process.kill("SIGKILL");
  }
}

/** A running agent leaves when it is told to. */
async function problemAtEnd(child: Running): Promise<string | null> {
  child.process.kill("SIGTERM");
  await until("the agent ends", () => (child.code === undefined ? "it still runs" : null), START_MAX_MS);
  return child.code === 0 ? null : `exit ${child.code} after SIGTERM:\n${child.output}`;
}

interface Running {
  readonly process: ChildProcess;
  output: string;
  /** Undefined while it runs. */
  code: number | null | undefined;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const running: Running = { process: child, output: "", code: undefined };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      running.output += text;
    });
  }
  child.once("close", (code) => {
    running.code = code;
  });
  return running;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const running = start(args, env);
  await until("the command ends", () => (running.code === undefined ? "it still runs" : null), START_MAX_MS);
  return { code: running.code ?? null, output: running.output };
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOURCE: string = fileURLToPath(new URL("../../serf/", import.meta.url));
const BUILT: string = fileURLToPath(new URL("../../bin/serf", import.meta.url));
const OURS: string = fileURLToPath(new URL("../../../packages/agent/dist/bin/hearsay-agent.js", import.meta.url));

/** A program that runs an agent: the command, and the words before its flags. */
export interface Program {
  /** For names of cases and lines of tables. */
  readonly label: string;
  readonly command: string;
  readonly words: readonly string[];
}

/** Our own agent. */
export const HEARSAY: Program = { label: "hearsay", command: process.execPath, words: [OURS] };

/** The `serf` commands that tests run with: the distribution's, and the newest release. */
export interface SerfPrograms {
  readonly debian: Program;
  readonly newest: Program;
}

let found: Promise<SerfPrograms> | undefined;

/**
 * Both releases of Serf. The newest is built from the modules that `interop/serf/go.sum` pins, which the first build on
 * a machine fetches.
 *
 * @throws Error when one of them is missing, with how to get it.
 */
export function serfPrograms(): Promise<SerfPrograms> {
  found ??= find();
  return found;
}

async function find(): Promise<SerfPrograms> {
  const installed = await versionOf("serf").catch(() => null);
  if (installed === null) throw new Error("the distribution's serf is missing; Debian has it in the package serf");
  const args = ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", BUILT];
  try {
    await run("go", [...args, "github.com/hashicorp/serf/cmd/serf"], { cwd: SOURCE });
  } catch (cause) {
    const words = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`Serf does not build: ${words}`, { cause });
  }
  return { debian: serf("debian", "serf"), newest: serf("newest", BUILT) };
}

function serf(label: string, command: string): Program {
  return { label, command, words: ["agent"] };
}

/** The first line of `serf version`. */
export async function versionOf(command: string): Promise<string> {
  const { stdout } = await run(command, ["version"]);
  return stdout.split("\n")[0] ?? "";
}

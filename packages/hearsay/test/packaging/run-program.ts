import { spawn } from "node:child_process";

/** How a program ended. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a program runs. */
export interface ProgramPlace {
  readonly cwd: string;
  /** What its environment has besides ours. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A program that has not ended by then hangs: far more than any takes on a busy machine. */
const LIMIT_MS = 600_000;

/** Runs a program to its end, and kills it if it hangs. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env }: ProgramPlace,
): Promise<ProgramResult> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

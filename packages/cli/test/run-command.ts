import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a run of the command ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = fileURLToPath(new URL("../dist/bin/hearsay.js", import.meta.url));

/**
 * Runs the command without a terminal to its end. `onOutput` sees what it has printed so far, and may send it a signal.
 */
export function runCommand(
  args: readonly string[],
  onOutput: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
    onOutput(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

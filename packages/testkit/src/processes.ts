import { readFileSync } from "node:fs";

/**
 * Whether a process of this machine runs. A zombie doesn't: the process that inherits it may reap it late or, in a
 * container, never.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

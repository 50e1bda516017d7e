import { readFileSync } from "node:fs";

/**
 * Whether a process of this machine runs. One that has ended and that nobody has asked about yet doesn't: who inherits
 * the dead children of others may be slow to ask, or, in a container, never do.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

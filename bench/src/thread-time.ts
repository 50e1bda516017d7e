import { openSync, readSync } from "node:fs";

const stat: number | null = openStat();
const text: Buffer = Buffer.alloc(64);

/**
 * Milliseconds that the main thread has spent on a processor. Linux tells that of a single thread; elsewhere it is the
 * whole process's time, with the collector's and the compiler's threads in it.
 */
export function threadMs(): number {
  // Asking for the process's time also makes the kernel bring the thread's up to date.
  const { user, system } = process.cpuUsage();
  if (stat === null) return (user + system) / 1000;
  const length = readSync(stat, text, 0, text.length, 0);
  return Number(text.toString("latin1", 0, length).split(" ", 1)[0]) / 1e6;
}

/**
 * Starts a stopwatch that gives milliseconds: by the clock or of processor time, whichever is less. Another process on
 * the machine makes the one too long, a helper thread may make the other.
 */
export function stopwatch(): () => number {
  const start = performance.now();
  const startUsed = threadMs();
  return () => {
    const took = performance.now() - start;
    return Math.min(took, threadMs() - startUsed);
  };
}

function openStat(): number | null {
  try {
    return openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  } catch {
    return null;
  }
}

import { openSync, readSync } from "node:fs";

const stat: number | null = openStat();
const text: Buffer = Buffer.alloc(64);

/**
 * Milliseconds of the main thread's processor time. Only Linux provides it for a single thread; elsewhere it is the
 * whole process's, including the collector's and the compiler's threads.
 */
export function threadMs(): number {
  // Reading the process's time also makes the kernel update the thread's.
  const { user, system } = process.cpuUsage();
  if (stat === null) return (user + system) / 1000;
  const length = readSync(stat, text, 0, text.length, 0);
  return Number(text.toString("latin1", 0, length).split(" ", 1)[0]) / 1e6;
}

/**
 * Starts a stopwatch that returns the lesser of clock time and processor time, in milliseconds. Another process on the
 * machine may lengthen the former, a helper thread the latter.
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

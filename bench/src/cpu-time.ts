/** Starts a stopwatch of the process's processor time, including the collector's and the compiler's threads, in ms. */
export function cpuStopwatch(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

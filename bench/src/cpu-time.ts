/** Starts a stopwatch of the whole process's processor time, the collector's and the compiler's threads included, in ms. */
export function cpuStopwatch(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

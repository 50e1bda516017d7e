/** `timings.probeInterval` as `timings_probe_interval`. */
export function snakeCase(path: string): string {
  return path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll(".", "_");
}

/** `timings.probeInterval` as `TIMINGS_PROBE_INTERVAL`. */
export function environmentCase(path: string): string {
  return snakeCase(path).toUpperCase();
}

/** `timings.probeInterval` as `timings-probe-interval`. */
export function flagCase(path: string): string {
  return snakeCase(path).replaceAll("_", "-");
}

import type { TimingOptions } from "../options/cluster-options.ts";

/** LAN defaults, but twice the probes: a death then takes three or four seconds, which is worth watching, not waiting. */
export const DEMO_TIMINGS: TimingOptions = { probeInterval: "500ms", probeTimeout: "250ms" };

/** The same in words, for the user. */
export const TIMINGS_TEXT = "LAN timings, but a probe every 500 ms instead of every second";

export const NODE_NAMES: readonly string[] = ["node-1", "node-2", "node-3", "node-4", "node-5"];

/** The channel that the nodes talk on. */
export const CHANNEL = "demo";

/** Longest that anything of the demo may take before it counts as failed, in milliseconds. */
export const STEP_LIMIT_MS = 15_000;

/** SIGSTOP and SIGCONT don't exist on Windows. */
export const CAN_PAUSE: boolean = process.platform !== "win32";

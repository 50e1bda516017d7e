/** What the nodes run with, for the user: the defaults, so that what is seen here is what a service gets. */
export const TIMINGS_TEXT = "Default (LAN) timings: a probe a second, and four seconds or more to refute a suspicion";

export const NODE_NAMES: readonly string[] = ["node-1", "node-2", "node-3", "node-4", "node-5"];

/** The channel that the nodes talk on. */
export const CHANNEL = "demo";

/**
 * Longest that any step may take before it counts as failed, in milliseconds. It is there for what never comes true; a step
 * takes some seconds, and many times that on a machine that is busy with other things.
 */
export const STEP_LIMIT_MS = 120_000;

/** SIGSTOP and SIGCONT don't exist on Windows. */
export const CAN_PAUSE: boolean = process.platform !== "win32";

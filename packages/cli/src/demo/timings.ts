/** The nodes' timings, as shown to the user: the defaults, so that the demo behaves like a service. */
export const TIMINGS_TEXT = "Default (LAN) timings: a probe a second, and four seconds or more to refute a suspicion";

export const NODE_NAMES: readonly string[] = ["node-1", "node-2", "node-3", "node-4", "node-5"];

/** The channel of the nodes' messages. */
export const CHANNEL = "demo";

/**
 * Time limit of a condition, in milliseconds, for what never comes true. A step takes a few seconds, and many times
 * that on a busy machine.
 */
export const STEP_LIMIT_MS = 120_000;

/** SIGSTOP and SIGCONT don't exist on Windows. */
export const CAN_PAUSE: boolean = process.platform !== "win32";

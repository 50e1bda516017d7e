import { HearsayError } from "./errors.ts";

interface Waiters {
  readonly runs: Set<() => void>;
  readonly listener: () => void;
}

const waitersOf = new WeakMap<AbortSignal, Waiters>();

/**
 * Calls `run` when the signal, if there is one, aborts from now on; returns a function that cancels it. All waits for
 * one signal share a listener: Node warns of more than ten, and callers may pass the same signal to any number of
 * calls.
 */
export function onceAborted(signal: AbortSignal | null | undefined, run: () => void): () => void {
  if (signal === undefined || signal === null) return () => {};
  const { runs, listener } = waitersOf.get(signal) ?? listen(signal);
  // A separate entry, so that a function given twice is called twice.
  const entry = (): void => run();
  runs.add(entry);
  return () => {
    if (!runs.delete(entry) || runs.size > 0) return;
    signal.removeEventListener("abort", listener);
    waitersOf.delete(signal);
  };
}

/** Throws `ERR_ABORTED` if the caller's signal has been aborted. `what` names the call in the message. */
export function checkSignal(signal: AbortSignal | null | undefined, what: string): void {
  if (signal?.aborted === true) throw abortedError(signal, what);
}

/** The error of a call whose signal was aborted; its cause is the signal's reason. */
export function abortedError(signal: AbortSignal, what: string): HearsayError<"ERR_ABORTED"> {
  return new HearsayError("ERR_ABORTED", `${what} was aborted`, { what }, { cause: signal.reason });
}

function listen(signal: AbortSignal): Waiters {
  const runs = new Set<() => void>();
  const listener = (): void => {
    for (const run of runs) run();
  };
  signal.addEventListener("abort", listener);
  const waiters = { runs, listener };
  waitersOf.set(signal, waiters);
  return waiters;
}

import { HearsayError } from "./errors.ts";

interface Waiters {
  readonly runs: Set<() => void>;
  readonly listener: () => void;
}

const waitersOf = new WeakMap<AbortSignal, Waiters>();

/**
 * Calls `run` when the signal, if there is one, is aborted from now on; returns what prevents it. All who wait for one
 * signal share a listener: Node warns of more than ten, and how many calls get the same signal is the caller's business.
 */
export function onceAborted(signal: AbortSignal | null | undefined, run: () => void): () => void {
  if (signal === undefined || signal === null) return () => {};
  const { runs, listener } = waitersOf.get(signal) ?? listen(signal);
  // An entry of its own, so that a function given twice is called twice.
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

/** What a call rejects with whose signal was aborted; the cause is the signal's reason. */
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

import { HearsayError } from "./errors.ts";

/** What calls get from the end's beginning on. What made the cluster fail is the cause, and no answer to the call. */
export function closedError(state: "closing" | "closed" | "failed", cause: HearsayError | null): HearsayError {
  const text = state === "failed" ? "the cluster has failed" : `the cluster is ${state}`;
  return new HearsayError("ERR_CLOSED", text, { state }, cause === null ? {} : { cause });
}

import { HearsayError } from "./errors.ts";

/** What calls get from the end's beginning on. What made the cluster fail is the cause, and no answer to the call. */
export function closedError(status: "closing" | "closed" | "failed", cause: HearsayError | null): HearsayError {
  const text = status === "failed" ? "the cluster has failed" : `the cluster is ${status}`;
  return new HearsayError("ERR_CLOSED", text, { status }, cause === null ? {} : { cause });
}

import { HearsayError } from "./errors.ts";

/** The error of calls once the end has begun. The reason of a failure is its `cause`. */
export function closedError(status: "closing" | "closed" | "failed", cause: HearsayError | null): HearsayError {
  const text = status === "failed" ? "the cluster has failed" : `the cluster is ${status}`;
  return new HearsayError("ERR_CLOSED", text, { status }, cause === null ? {} : { cause });
}

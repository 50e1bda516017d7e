import type { CoreEvent } from "@hearsay/core";

/** A part of the cluster that handles the core's events: logging, storage, metrics, or the application's handlers. */
export interface Service {
  /**
   * Handles an event, in order and in the turn of the call that caused it. Payloads are borrowed until it returns. It
   * may call the core; it must not pass on errors of the application's functions.
   */
  handle(event: CoreEvent): void;
}

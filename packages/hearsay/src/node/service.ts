import type { CoreEvent } from "@hearsay/core";

/** A part of the cluster that follows what its node's core reports: what is logged, kept, counted, or told the application. */
export interface Service {
  /**
   * Takes an event, in its order and within the turn of the call that caused it. Payloads are borrowed until it returns. It
   * may call the core; nothing that the application's own functions throw comes out.
   */
  handle(event: CoreEvent): void;
}

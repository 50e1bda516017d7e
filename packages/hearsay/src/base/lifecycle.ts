import { closedError } from "./closed-error.ts";
import { HearsayError } from "./errors.ts";
import { abortedError, onceAborted } from "./signals.ts";

/** The status of a cluster. `alone` means running without other members; `closed` and `failed` are final. */
export type ClusterStatus = "starting" | "alone" | "joined" | "leaving" | "closed" | "failed";

/** How a cluster ended. */
export interface ClosedReason {
  readonly status: "closed" | "failed";
  /** Why it failed; null if it was closed on request. */
  readonly cause: HearsayError | null;
}

/** The status of one cluster, the waits for a status, and the cluster's end. */
export class Lifecycle {
  #status: ClusterStatus = "starting";
  #cause: HearsayError | null = null;
  #isEnding = false;
  #settle: (reason: ClosedReason) => void = () => {};
  /** Settles once, and never rejects. */
  readonly closed: Promise<ClosedReason>;
  readonly #watchers = new Set<() => void>();
  readonly #ends = new Set<(cause: HearsayError | null) => void>();

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get status(): ClusterStatus {
    return this.#status;
  }

  /** Whether the end has begun or is over. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  get isOver(): boolean {
    return this.#status === "closed" || this.#status === "failed";
  }

  /** Changes the status. Only the end follows `leaving`, and nothing changes once the end has begun. */
  enter(status: "alone" | "joined" | "leaving"): void {
    if (this.#isEnding || this.#status === status || (this.#status === "leaving" && status !== "leaving")) return;
    this.#status = status;
    this.touched();
  }

  /** Begins the end: calls are refused from now on, but the status changes only when the end is over. */
  beginEnd(cause: HearsayError | null): void {
    this.#isEnding = true;
    this.#cause ??= cause;
    this.touched();
  }

  /** Completes the end: the cluster is closed or, with a cause, failed. Only the first call counts. */
  end(cause: HearsayError | null): void {
    if (this.isOver) return;
    this.#isEnding = true;
    this.#status = cause === null ? "closed" : "failed";
    this.#cause = cause;
    this.#settle({ status: this.#status, cause });
    this.touched();
    const ends = [...this.#ends];
    this.#ends.clear();
    for (const end of ends) end(cause);
  }

  /**
   * Calls `end` when the end is over, at once if it is already, with the cause of a failure or null. Returns a function
   * that cancels it.
   */
  whenOver(end: (cause: HearsayError | null) => void): () => void {
    if (this.isOver) {
      end(this.#cause);
      return () => {};
    }
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /** Something has changed that `until` may wait for. */
  touched(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Throws unless the cluster is running. */
  assertRunning(): void {
    if (this.#isEnding) throw this.closedError();
    if (this.#status === "leaving") throw new HearsayError("ERR_LEAVING", "this node is leaving the cluster", {});
  }

  /**
   * Waits until `isTrue`. Rejects when the cluster has ended, also after a leave, or when the signal aborts. If the
   * cluster failed, it rejects with the cause itself.
   */
  until(isTrue: () => boolean, what: string, signal?: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#watchers.delete(check);
        stopListening();
        act();
      };
      const check = (): void => {
        if (signal?.aborted === true) {
          const aborted = abortedError(signal, what);
          settle(() => reject(aborted));
        } else if (this.isOver) settle(() => reject(this.#cause ?? this.closedError()));
        else if (isTrue()) settle(resolve);
      };
      this.#watchers.add(check);
      const stopListening = onceAborted(signal, check);
      check();
    });
  }

  /** The error for calls after the end has begun. */
  closedError(): HearsayError {
    const status = this.#status === "closed" || this.#status === "failed" ? this.#status : "closing";
    return closedError(status, this.#cause);
  }
}

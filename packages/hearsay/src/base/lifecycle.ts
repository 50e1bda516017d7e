import { closedError } from "./closed-error.ts";
import { HearsayError } from "./errors.ts";
import { abortedError, onceAborted } from "./signals.ts";

/** What a cluster is doing. `alone` is up and running without others; the last two are ends. */
export type ClusterStatus = "starting" | "alone" | "joined" | "leaving" | "closed" | "failed";

/** How a cluster ended. */
export interface ClosedReason {
  readonly status: "closed" | "failed";
  /** Why it failed; null if it was closed on purpose. */
  readonly cause: HearsayError | null;
}

/** The status of one cluster, who waits for them, and its one end. */
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

  /** Whether the end has begun, or is over. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  get isOver(): boolean {
    return this.#status === "closed" || this.#status === "failed";
  }

  /** Moves on. An end stays the end, from its beginning. */
  enter(status: "alone" | "joined" | "leaving"): void {
    if (this.#isEnding || this.#status === status || (this.#status === "leaving" && status !== "leaving")) return;
    this.#status = status;
    this.touched();
  }

  /** The end has begun: from here on calls are refused, although the status says so only once all is over. */
  beginEnd(cause: HearsayError | null): void {
    this.#isEnding = true;
    this.#cause ??= cause;
    this.touched();
  }

  /** Ends it, as closed or, with a cause, as failed. Only the first call counts. */
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
   * Calls `end` once all is over, at once if it is: with why the cluster failed, or null. Returns a function that prevents it.
   */
  whenOver(end: (cause: HearsayError | null) => void): () => void {
    if (this.isOver) {
      end(this.#cause);
      return () => {};
    }
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /** Something changed that someone may wait for. */
  touched(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Throws unless the cluster runs. */
  assertRunning(): void {
    if (this.#isEnding) throw this.closedError();
    if (this.#status === "leaving") throw new HearsayError("ERR_LEAVING", "this node is leaving the cluster", {});
  }

  /**
   * Waits until `isTrue`. Rejects when the cluster has ended, also after a leave, or the signal aborts. Of a cluster that
   * failed the error is the reason itself, since whoever waits for a cluster to come up has done nothing wrong.
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

  /** What a call is refused with whose cluster has ended, or is about to. */
  closedError(): HearsayError {
    const status = this.#status === "closed" || this.#status === "failed" ? this.#status : "closing";
    return closedError(status, this.#cause);
  }
}

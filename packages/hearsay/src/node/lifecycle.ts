import { HearsayError } from "../errors.ts";
import { onceAborted } from "./once-aborted.ts";

/** What a cluster is doing. `alone` is up and running without others; the last two are ends. */
export type ClusterState = "starting" | "alone" | "joined" | "leaving" | "closed" | "failed";

/** How a cluster ended. */
export interface ClosedReason {
  readonly state: "closed" | "failed";
  /** Why it failed; null if it was closed on purpose. */
  readonly cause: HearsayError | null;
}

/** The states of one cluster, who waits for them, and its one end. */
export class Lifecycle {
  #state: ClusterState = "starting";
  #cause: HearsayError | null = null;
  #isEnding = false;
  #settle: (reason: ClosedReason) => void = () => {};
  /** Settles once, and never rejects. */
  readonly closed: Promise<ClosedReason>;
  readonly #watchers = new Set<() => void>();

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get state(): ClusterState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  /** Moves on. An end stays the end. */
  enter(state: "alone" | "joined" | "leaving"): void {
    if (this.isOver || this.#state === state || (this.#state === "leaving" && state !== "leaving")) return;
    this.#state = state;
    this.touched();
  }

  /** The end has begun: from here on calls are refused, although the state says so only once all is over. */
  beginEnd(cause: HearsayError | null): void {
    this.#isEnding = true;
    this.#cause ??= cause;
    this.touched();
  }

  /** Ends it, as closed or, with a cause, as failed. Only the first call counts. */
  end(cause: HearsayError | null): void {
    if (this.isOver) return;
    this.#state = cause === null ? "closed" : "failed";
    this.#cause = cause;
    this.#settle({ state: this.#state, cause });
    this.touched();
  }

  /** Something changed that someone may wait for. */
  touched(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Throws unless the cluster runs. */
  assertRunning(): void {
    if (this.isOver || this.#isEnding) throw this.endError();
    if (this.#state === "leaving") throw new HearsayError("ERR_LEAVING", "this node is leaving the cluster", {});
  }

  /** The error that calls get after the end. */
  endError(): HearsayError {
    if (this.#cause !== null) return this.#cause;
    const state = this.isOver ? this.#state : "closing";
    return new HearsayError("ERR_CLOSED", `the cluster is ${state}`, { state });
  }

  /** Waits until `isTrue`. Rejects when the cluster has ended, also after a leave, or the signal aborts. */
  until(isTrue: () => boolean, what: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#watchers.delete(check);
        stopListening();
        act();
      };
      const check = (): void => {
        if (signal?.aborted === true) {
          const aborted = new HearsayError("ERR_ABORTED", `${what} was aborted`, { what }, { cause: signal.reason });
          settle(() => reject(aborted));
        } else if (this.isOver) settle(() => reject(this.endError()));
        else if (isTrue()) settle(resolve);
      };
      this.#watchers.add(check);
      const stopListening = onceAborted(signal, check);
      check();
    });
  }
}

import { TOPIC_BYTES_MAX } from "@hearsay/core/messaging";
import { configError, HearsayError } from "../errors.ts";
import type { MessagingHost } from "./host.ts";

/** What each call of the application asks first: whether messaging is on, and has not ended. */
export class Gate {
  readonly #host: MessagingHost;
  readonly #ends = new Set<(error: HearsayError | null) => void>();
  #isClosed = false;
  #error: HearsayError | null = null;

  constructor(host: MessagingHost) {
    this.#host = host;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws if this node has no messaging, or has none any more. */
  check(feature: string): void {
    if (!this.#host.extensionsOn) {
      throw new HearsayError("ERR_EXTENSIONS_OFF", `${feature} need extensions: "all" on every node`, { feature });
    }
    if (this.#isClosed) throw this.closedError();
  }

  closedError(): HearsayError {
    const options = this.#error === null ? {} : { cause: this.#error };
    const state = this.#error === null ? "closed" : "failed";
    return new HearsayError("ERR_CLOSED", `the cluster is ${state}`, { state }, options);
  }

  /** Calls `end` when messaging ends, at once if it has. Returns a function that prevents it. */
  whenClosed(end: (error: HearsayError | null) => void): () => void {
    if (this.#isClosed) {
      end(this.#error);
      return () => {};
    }
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /** `error` is why the cluster failed; null if it was closed on purpose. */
  close(error: HearsayError | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    const ends = [...this.#ends];
    this.#ends.clear();
    for (const end of ends) end(error);
  }
}

/** Throws unless `name` can be the name of a channel or a handler. */
export function checkTopic(key: string, name: string): void {
  const isSound = typeof name === "string" && name !== "" && Buffer.byteLength(name) <= TOPIC_BYTES_MAX;
  // A lone surrogate has no bytes in UTF-8: two names that differ in it would become one.
  if (isSound && !/\p{Surrogate}/u.test(name)) return;
  throw configError([{ key, value: name, allowed: `well-formed text of 1 to ${TOPIC_BYTES_MAX} bytes` }]);
}

import type { Clock } from "../base/clock.ts";
import type { HearsayError } from "../base/errors.ts";
import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { Lifecycle } from "../base/lifecycle.ts";
import type { Log } from "../base/logger.ts";
import { settlesWithin } from "../base/settles-within.ts";
import { onceAborted } from "../base/signals.ts";

/** Time that what waits for somebody else gets once the farewell and the handlers are over: all of it together. */
export const DRAIN_MS = 2000;

/** Of it, time for replies that are on their way; the rest is for what is given back. */
const REPLIES_MS = 1500;

/** What a node ends with. */
export interface EndingParts {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlersAtWork: HandlersAtWork;
  /** How long handlers that are at work may go on while the node leaves. */
  readonly handlerTimeoutMs: number;
  /** No new work: nothing is begun from here on. At an end without a farewell, too. */
  readonly stopWork: (isLeaving: boolean) => void;
  /** Begins to tell the others; `told` is called once they have been. */
  readonly sayGoodbye: () => void;
  /** Settles when what handlers have answered is on its way no more. */
  readonly repliesSent: () => Promise<void>;
  /** Nothing runs on after this. */
  readonly stop: () => void;
  /** What is given back, all at a time: the port, and files. */
  readonly close: readonly (readonly [what: string, close: () => Promise<void>])[];
  /** All is over. */
  readonly ended: (error: HearsayError | null) => void;
}

/**
 * The order in which one node ends (docs/design/decisions/0005-endings.md): no new work; the farewell, and beside it the handlers
 * that are at work; then whatever waits for somebody else; then nothing. Each step has its time, and what is at the end of
 * it is cut.
 */
export class Ending {
  /** Settles when the others have been told, or won't be. */
  readonly left: Promise<void>;
  readonly #parts: EndingParts;
  #settleLeft: () => void = () => {};
  /** Settles when the farewell, the handlers and their replies are over. */
  #lastWords: Promise<void> | null = null;
  #cancelHandlerTimer: () => void = () => {};
  #drainEndsAt = Number.POSITIVE_INFINITY;

  constructor(parts: EndingParts) {
    this.#parts = parts;
    this.left = new Promise((resolve) => {
      this.#settleLeft = resolve;
    });
  }

  /** The others have been told. */
  told(): void {
    this.#settleLeft();
  }

  /**
   * Says goodbye, for `farewellMs` at the longest, and ends. Called again, it waits for the same end, and its own time and
   * signal may bring that sooner.
   */
  async leave(farewellMs: number, signal: AbortSignal | null): Promise<void> {
    const { lifecycle, clock } = this.#parts;
    if (!lifecycle.isEnding) {
      if (signal?.aborted === true) this.#cut();
      this.#lastWords ??= this.#sayLastWords(signal?.aborted !== true);
      const cancelTimer = clock.after(farewellMs, this.#settleLeft);
      const stopListening = onceAborted(signal, () => this.#cut());
      await this.#lastWords;
      cancelTimer();
      stopListening();
    }
    await this.end(null);
  }

  /** Ends at once. With an error, the cluster has failed. Only the first call counts. */
  async end(error: HearsayError | null): Promise<void> {
    const { lifecycle, log } = this.#parts;
    if (lifecycle.isEnding) {
      await lifecycle.closed;
      return;
    }
    lifecycle.beginEnd(error);
    this.#parts.stopWork(false);
    this.#cut();
    this.#parts.stop();
    if (error !== null) log.error("the cluster has failed", { error: error.message });
    await Promise.all(this.#parts.close.map(([what, close]) => this.#close(what, close)));
    this.#parts.ended(error);
  }

  /** Closes one thing beside the others, so that none takes the time of another. */
  async #close(what: string, close: () => Promise<void>): Promise<void> {
    const { log } = this.#parts;
    try {
      if (await this.#withinDrain(close(), DRAIN_MS)) return;
      log.warn(`closing ${what} takes too long; it is not waited for`);
    } catch (cause) {
      log.warn(`closing ${what} failed`, { error: String(cause) });
    }
  }

  async #sayLastWords(isTelling: boolean): Promise<void> {
    const { lifecycle, clock, handlersAtWork, handlerTimeoutMs } = this.#parts;
    lifecycle.enter("leaving");
    this.#parts.stopWork(true);
    handlersAtWork.close();
    this.#cancelHandlerTimer = clock.after(handlerTimeoutMs, () => this.#giveUpHandlers());
    if (isTelling) this.#parts.sayGoodbye();
    await Promise.all([this.left, handlersAtWork.over]);
    this.#cancelHandlerTimer();
    await this.#withinDrain(this.#parts.repliesSent(), REPLIES_MS);
  }

  /** Ends the farewell and the handlers' time. */
  #cut(): void {
    this.#settleLeft();
    this.#cancelHandlerTimer();
    this.#giveUpHandlers();
  }

  #giveUpHandlers(): void {
    const cut = this.#parts.handlersAtWork.giveUp();
    if (cut > 0) this.#parts.log.warn("handlers were still at work at the end; they are cut", { handlers: cut });
  }

  /** Whether it was done within what is left of the last step's time, or `limitMs` if that is less. */
  #withinDrain(work: Promise<void>, limitMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    if (this.#drainEndsAt === Number.POSITIVE_INFINITY) this.#drainEndsAt = clock.now() + DRAIN_MS;
    const leftMs = Math.max(0, this.#drainEndsAt - clock.now());
    return settlesWithin(work, Math.min(limitMs, leftMs), clock);
  }
}

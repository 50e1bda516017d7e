import type { Clock } from "../base/clock.ts";
import type { HearsayError } from "../base/errors.ts";
import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { Lifecycle } from "../base/lifecycle.ts";
import type { Log } from "../base/logger.ts";
import { settlesWithin } from "../base/settles-within.ts";
import { onceAborted } from "../base/signals.ts";

/** Total time for all waits on others once the farewell and the handlers are over. */
export const DRAIN_MS = 2000;

/** The part of it for replies that are being sent; the rest is for closing the port and files. */
const REPLIES_MS = 1500;

/** What ending a node works with. */
export interface EndingParts {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlersAtWork: HandlersAtWork;
  /** How long running handlers may continue while the node leaves. */
  readonly handlerTimeoutMs: number;
  /** Stops new work. Called for every end, with or without a farewell. */
  readonly stopWork: (isLeaving: boolean) => void;
  /** Starts telling the others; `told` is called when that is done. */
  readonly sayGoodbye: () => void;
  /** Settles when the handlers' replies have been sent. */
  readonly repliesSent: () => Promise<void>;
  /** Stops the node; nothing runs afterwards. */
  readonly stop: () => void;
  /** What to close, all at the same time: the port and files. */
  readonly close: readonly (readonly [what: string, close: () => Promise<void>])[];
  /** The end is over. */
  readonly ended: (error: HearsayError | null) => void;
}

/**
 * The order in which a node ends (docs/design/decisions/0005-endings.md): no new work; the farewell, and at the same
 * time the wait for running handlers; then the waits on others. Each step has a time limit, after which the rest is
 * cut.
 */
export class Ending {
  /** Settles when the others have been told, or when telling has been given up. */
  readonly left: Promise<void>;
  readonly #parts: EndingParts;
  #settleLeft: () => void = () => {};
  /** Settles when the farewell, the handlers and their replies are done. */
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
   * Tells the others, for at most `farewellMs`, and ends. A further call waits for the same end; its own time limit and
   * signal may end the telling sooner.
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

  /** Ends at once; with an error, as failed. Only the first call counts. */
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

  /** Closes one thing, concurrently with the others, so that none uses up another's time. */
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

  /** Ends the farewell and the wait for handlers. */
  #cut(): void {
    this.#settleLeft();
    this.#cancelHandlerTimer();
    this.#giveUpHandlers();
  }

  #giveUpHandlers(): void {
    const cut = this.#parts.handlersAtWork.giveUp();
    if (cut > 0) this.#parts.log.warn("handlers were still at work at the end; they are cut", { handlers: cut });
  }

  /** Whether the work finished within the remaining time of the last step, at most `limitMs`. */
  #withinDrain(work: Promise<void>, limitMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    if (this.#drainEndsAt === Number.POSITIVE_INFINITY) this.#drainEndsAt = clock.now() + DRAIN_MS;
    const leftMs = Math.max(0, this.#drainEndsAt - clock.now());
    return settlesWithin(work, Math.min(limitMs, leftMs), clock);
  }
}

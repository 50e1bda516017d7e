import type { Address, CoreEvent, ExchangeResult, Outbox, Swim } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { type LoopDelay, LoopDelayWindow } from "./loop-delay.ts";

/** The connection to the peers. */
export interface Link {
  /** Sends a datagram, best effort. `bytes` are borrowed. */
  send(to: Address, bytes: Uint8Array): void;
  /**
   * Sends a request over a stream, and calls `done` once, in a later turn, with the result. Returns a function that
   * cancels it; a later call of `done` is ignored.
   */
  exchange(to: Address, request: Uint8Array, deadline: number, done: (result: ExchangeResult) => void): () => void;
}

/** Passes a peer's request to a node. `answered` is called once; null closes the stream without an answer. */
export type Accept = (from: Address, request: Uint8Array, answered: (answer: Uint8Array | null) => void) => void;

/**
 * Events of one turn that handlers cause by their own calls; the rest waits for the next turn, so that a handler which
 * answers itself does not hold the loop. They borrow no bytes from a datagram.
 */
const CAUSED_EVENTS_MAX = 256;

/** What a driver runs with. */
export interface DriverParts {
  readonly swim: Swim;
  readonly link: Link;
  readonly clock: Pick<Clock, "now" | "after" | "soon">;
  /** Called for each event, in order, after the core call that caused it and in the same turn. It may call `run`. */
  readonly onEvent: (event: CoreEvent) => void;
  /** Called on a bug in the core or in an event handler: the cluster must stop. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * Runs one `Swim` on a clock and a link, real or virtual: passes it what arrives, sends its output, and wakes it at its
 * deadlines. There is one timer, whatever the number of suspicions.
 */
export class Driver implements Outbox {
  readonly #parts: DriverParts;
  readonly #swim: Swim;
  readonly #loopDelay = new LoopDelayWindow();
  /** The greatest delay seen so far of the deadlines that are due; negative if none is. */
  #lateMs = -1;
  #cancelTimer: (() => void) | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #isSoonArmed = false;
  #phase: "new" | "running" | "stopped" = "new";
  /** Events of the current call; handled after it, since handlers may call the core again. */
  #events: CoreEvent[] = [];
  #isRunning = false;
  /** Running exchanges, each with the function that cancels it. */
  readonly #exchanges = new Map<number, () => void>();
  /** Accepted streams that have no answer yet. */
  readonly #accepted = new Map<number, (answer: Uint8Array | null) => void>();
  #lastAccepted = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#swim = parts.swim;
  }

  /** Whether the driver was ever started, even if it has stopped since. */
  get hasStarted(): boolean {
    return this.#phase !== "new";
  }

  start(): void {
    this.#phase = "running";
    this.run((now) => this.#swim.start(now, this));
  }

  /** Stops everything: cancels the timer, cuts exchanges, drops late answers. */
  stop(): void {
    this.#phase = "stopped";
    this.#cancelTimer?.();
    for (const token of [...this.#exchanges.keys()]) this.cancelExchange(token);
    for (const answered of this.#accepted.values()) answered(null);
    this.#accepted.clear();
  }

  /** A datagram has arrived; `bytes` are borrowed until its turn ends. */
  receive(from: Address, bytes: Uint8Array): void {
    this.run((now) => this.#swim.receive(now, from, bytes, this));
  }

  /** A datagram could not be sent. */
  sendFailed(to: Address): void {
    this.run((now) => this.#swim.datagramFailed(now, to, this));
  }

  /** A peer has sent a request over a stream. A stopped node gives no answer. */
  accept(from: Address, request: Uint8Array, answered: (answer: Uint8Array | null) => void): void {
    if (this.#phase === "stopped") return answered(null);
    const token = ++this.#lastAccepted;
    this.#accepted.set(token, answered);
    this.run((now) => this.#swim.accept(now, token, from, request, this));
  }

  /**
   * Makes one call of the core, then handles its events and arms the timer. Makes no call unless the driver runs. Never
   * throws: an error is passed to `onBroken`, which stops the cluster.
   */
  run<T>(call: (now: number) => T): T | undefined {
    if (this.#phase !== "running") return undefined;
    const isOutermost = !this.#isRunning;
    this.#isRunning = true;
    try {
      const now = this.#parts.clock.now();
      // Before the call, since an input may meet a deadline, and a late core may postpone deadlines.
      if (isOutermost) this.#lateMs = Math.max(this.#lateMs, now - this.#swim.nextDeadline());
      const result = call(now);
      if (isOutermost) this.#deliver();
      return result;
    } catch (error) {
      this.#parts.onBroken(error);
      return undefined;
    } finally {
      if (isOutermost) {
        this.#isRunning = false;
        this.#arm();
      }
    }
  }

  /** Calls `act` when no event waits to be delivered: now, or soon. */
  settled(act: () => void): void {
    if (this.#isRunning) queueMicrotask(() => this.settled(act));
    else if (this.#events.length > 0 && this.#phase === "running") this.#parts.clock.soon(() => this.settled(act));
    else act();
  }

  /** How late deadlines were met in the last minute. */
  get loopDelay(): LoopDelay {
    return this.#loopDelay.read(this.#parts.clock.now());
  }

  datagram(to: Address, bytes: Uint8Array): void {
    this.#parts.link.send(to, bytes);
  }

  event(event: CoreEvent): void {
    // Payloads are borrowed from the datagram, which stays unchanged until this turn ends.
    this.#events.push(event);
  }

  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void {
    const end = this.#parts.link.exchange(to, request, deadline, (result) => this.#exchanged(token, result));
    // A transport that failed within the call has stopped this driver.
    if (this.#phase === "stopped") end();
    else this.#exchanges.set(token, end);
  }

  cancelExchange(token: number): void {
    const end = this.#exchanges.get(token);
    this.#exchanges.delete(token);
    end?.();
  }

  answer(token: number, message: Uint8Array | null): void {
    const answered = this.#accepted.get(token);
    this.#accepted.delete(token);
    answered?.(message);
  }

  #exchanged(token: number, result: ExchangeResult): void {
    // The core has forgotten an exchange that it cancelled.
    if (this.#exchanges.delete(token)) this.run((now) => this.#swim.exchangeDone(now, token, result, this));
  }

  /** Delivers the events that the call caused, and of those that their handlers cause as many as one turn may have. */
  #deliver(): void {
    const events = this.#events;
    if (events.length === 0) return;
    const limit = events.length + CAUSED_EVENTS_MAX;
    let count = 0;
    while (count < Math.min(events.length, limit)) this.#parts.onEvent(events[count++] as CoreEvent);
    this.#events = count === events.length ? [] : events.slice(count);
    if (this.#events.length > 0) this.#armSoon();
  }

  #arm(): void {
    if (this.#phase === "stopped") return;
    const { clock } = this.#parts;
    const at = this.#swim.nextDeadline();
    const now = clock.now();
    if (at <= now) return this.#armSoon();
    this.#noteDelay(now);
    if (at !== this.#timerAt) {
      this.#cancelTimer?.();
      this.#timerAt = at;
      this.#cancelTimer = at === Number.POSITIVE_INFINITY ? null : clock.after(at - now, () => this.#wake());
    }
  }

  /** The timer has fired. Input that waits in the sockets may answer what is due, so it is handled first. */
  #wake(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#cancelTimer = null;
    this.#armSoon();
  }

  #armSoon(): void {
    if (this.#isSoonArmed) return;
    this.#isSoonArmed = true;
    this.#parts.clock.soon(() => {
      this.#isSoonArmed = false;
      this.run((now) => {
        this.#noteDelay(now);
        this.#swim.advance(now, this);
      });
    });
  }

  /** Records the delay: all due deadlines are met or about to be. */
  #noteDelay(now: number): void {
    if (this.#lateMs >= 0) this.#loopDelay.note(now, this.#lateMs);
    this.#lateMs = -1;
  }
}

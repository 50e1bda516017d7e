import type { UserEventHeard } from "@hearsay/core/serf";
import { type OptionFault, tooLargeError } from "../base/errors.ts";
import { Feed } from "../base/feed.ts";
import type { HandlerGuard } from "../base/listeners.ts";
import { checkHandler, checkText } from "../forms/arguments.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, atLeast, flag, word } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import { payloadBytes, type SerfHost, type SerfHostCounters } from "./serf-host.ts";

/** A user event that a member sent to the cluster. */
export interface UserEvent {
  readonly name: string;
  readonly payload: Uint8Array;
  /** The event's Lamport time: an event fired by a node that had already heard another one has the later time. */
  readonly lTime: number;
  /**
   * The sender's `coalesce` option: only the latest event of its name matters. False for events that arrive with a
   * push/pull, which doesn't carry the option.
   */
  readonly coalesce: boolean;
}

/** How to send a user event. */
export interface EventOptions {
  /** Whether receivers may drop the event for a later one of the same name. @defaultValue false */
  readonly coalesce?: boolean;
}

/** Which events to read, and how. */
export interface EventsOptions {
  /** @defaultValue events of all names */
  readonly name?: string;
  /**
   * Events that may wait for the reader; beyond that the oldest is dropped for a newer one.
   * @defaultValue `limits.messagesMax`
   */
  readonly queueMax?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

const EVENT_OPTIONS = { coalesce: option(flag, false) } satisfies Rows<EventOptions>;

const EVENTS_OPTIONS = {
  name: optional(word),
  queueMax: optional(atLeast(1)),
  signal: optional(abortSignal),
} satisfies Rows<EventsOptions>;

/** The user events of one node: those that it sends, and those that it hears, its own included. */
export class UserEventFeed {
  readonly #host: SerfHost;
  readonly #feed: Feed<UserEvent>;
  readonly #guard: HandlerGuard<UserEvent>;

  constructor(host: SerfHost, counters: SerfHostCounters) {
    this.#host = host;
    this.#feed = new Feed({
      atBound: "drop-oldest",
      queueMax: host.queueMax,
      dropped: () => counters.userEventsDropped++,
    });
    host.lifecycle.whenOver((error) => this.#feed.close(error));
    this.#guard = {
      atWork: host.handlersAtWork,
      failed: (error, event) => {
        counters.serfHandlersFailed++;
        host.warn("a handler of user events failed", { event: event.name, error });
      },
    };
  }

  /** Implements `Cluster.event`. */
  fire(name: string, payload: Uint8Array | string | undefined, options: EventOptions | undefined): number {
    const { serf, run } = this.#host;
    this.#host.lifecycle.assertRunning();
    const faults: OptionFault[] = [];
    if (typeof name !== "string") faults.push({ key: "name", value: name, allowed: "text" });
    const bytes = payloadBytes(payload, faults);
    const { coalesce } = readCallOptions("event", EVENT_OPTIONS, options, faults);
    const result = run((now, out) => serf.event(now, name, bytes, coalesce, out));
    if (result === undefined) throw this.#host.lifecycle.closedError();
    if (typeof result === "number") return result;
    const { sizeBytes, limitBytes, isEncoded } = result;
    const what = `the user event ${JSON.stringify(name)}${isEncoded ? ", encoded," : ""}`;
    throw tooLargeError({ what, sizeBytes, limitBytes });
  }

  /** A user event has arrived; its payload is borrowed. */
  heard({ name, payload, lTime, coalesce }: UserEventHeard): void {
    if (this.#feed.size === 0) return;
    this.#feed.push(Object.freeze({ name, payload: new Uint8Array(payload), lTime, coalesce }));
  }

  /** Calls `handler` with each event of this name, or of any name for "*", in the turn in which it arrives. */
  on(name: string, handler: (event: UserEvent) => unknown): () => void {
    checkText(name, "name", "onEvent");
    checkHandler(handler, "onEvent");
    const { lifecycle } = this.#host;
    if (lifecycle.isOver) throw lifecycle.closedError();
    const isOfName = (event: UserEvent): boolean => name === "*" || event.name === name;
    return this.#feed.on((event) => (isOfName(event) ? handler(event) : undefined), this.#guard);
  }

  /** Iterates over the events from now on. The iteration ends when the cluster closes, and throws if it fails. */
  events(options?: EventsOptions): AsyncIterableIterator<UserEvent, undefined, undefined> {
    const { name, ...reading } = readCallOptions("events", EVENTS_OPTIONS, options);
    return this.#feed.read({ ...reading, where: name === null ? undefined : (event) => event.name === name });
  }
}

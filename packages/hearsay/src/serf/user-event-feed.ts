import type { UserEventHeard } from "@hearsay/core/serf";
import { type OptionFault, tooLargeError } from "../base/errors.ts";
import { Feed } from "../base/feed.ts";
import type { HandlerGuard } from "../base/listeners.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, atLeast, flag, word } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import { payloadBytes, type SerfHost, type SerfHostCounters } from "./serf-host.ts";

/** Something that a member told the cluster. */
export interface UserEvent {
  readonly name: string;
  readonly payload: Uint8Array;
  /** The event's Lamport time: whoever had seen one event fired the other one later. */
  readonly lTime: number;
  /** Whether it says no more than the latest event of its name. False for events from before this node joined. */
  readonly coalesce: boolean;
}

/** How to tell the cluster something. */
export interface EventOptions {
  /** Whether receivers may drop it for a later one of the same name. @defaultValue false */
  readonly coalesce?: boolean;
}

/** Which events to read, and how. */
export interface EventsOptions {
  /** @defaultValue events of all names */
  readonly name?: string;
  /** Events that may wait for the reader; the oldest goes for a newer one. @defaultValue `limits.messagesMax` */
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

/** User events of one node: what it tells, and what it hears, its own included. */
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

  /** Does what `Cluster.event` promises. */
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

  /** One was heard; its payload is borrowed. */
  heard({ name, payload, lTime, coalesce }: UserEventHeard): void {
    if (this.#feed.size === 0) return;
    this.#feed.push(Object.freeze({ name, payload: new Uint8Array(payload), lTime, coalesce }));
  }

  /** Calls `handler` within the turn in which an event of this name, or of any for "*", is heard. */
  on(name: string, handler: (event: UserEvent) => unknown): () => void {
    const isOfName = (event: UserEvent): boolean => name === "*" || event.name === name;
    return this.#feed.on((event) => (isOfName(event) ? handler(event) : undefined), this.#guard);
  }

  /** The events from now on. The iteration ends when the cluster closes, and throws if it fails. */
  events(options?: EventsOptions): AsyncIterableIterator<UserEvent, undefined, undefined> {
    const { name, ...reading } = readCallOptions("events", EVENTS_OPTIONS, options);
    return this.#feed.read({ ...reading, where: name === null ? undefined : (event) => event.name === name });
  }
}

import type { UserEventHeard } from "@hearsay/core/serf";
import { configError, tooLargeError } from "../base/errors.ts";
import { MessageQueue } from "../base/message-queue.ts";
import { checkedQueueMax } from "../base/queue-max.ts";
import { onceAborted } from "../base/signals.ts";
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

type Listener = (event: UserEvent) => void;

/** User events of one node: what it tells, and what it hears, its own included. */
export class UserEventFeed {
  readonly #host: SerfHost;
  readonly #counters: SerfHostCounters;
  readonly #listeners = new Set<Listener>();

  constructor(host: SerfHost, counters: SerfHostCounters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** Does what `Cluster.event` promises. */
  fire(name: string, payload: Uint8Array | string | undefined, { coalesce = false }: EventOptions): number {
    const { serf, run } = this.#host;
    this.#host.assertRunning();
    const bytes = payloadBytes(payload);
    if (typeof name !== "string") throw configError([{ key: "name", value: name, allowed: "text" }]);
    if (bytes === null) throw configError([{ key: "payload", value: payload, allowed: "text or a Uint8Array" }]);
    const result = run((now, out) => serf.event(now, name, bytes, coalesce, out));
    if (result === undefined) throw this.#host.closing.closedError();
    if (typeof result === "number") return result;
    const { sizeBytes, limitBytes, isEncoded } = result;
    const what = `the user event ${JSON.stringify(name)}${isEncoded ? ", encoded," : ""}`;
    throw tooLargeError({ what, sizeBytes, limitBytes });
  }

  /** One was heard; its payload is borrowed. */
  heard({ name, payload, lTime, coalesce }: UserEventHeard): void {
    if (this.#listeners.size === 0) return;
    const event: UserEvent = Object.freeze({ name, payload: new Uint8Array(payload), lTime, coalesce });
    for (const listener of [...this.#listeners]) {
      // One of those before it may have ended it.
      if (this.#listeners.has(listener)) listener(event);
    }
  }

  /** Calls `handler` within the turn in which an event of this name, or of any for "*", is heard. */
  on(name: string, handler: (event: UserEvent) => unknown): () => void {
    const onError = (event: UserEvent, error: unknown): void => {
      this.#counters.serfHandlersFailed++;
      this.#host.warn("a handler of user events failed", { event: event.name, error });
    };
    return this.#listen((event) => {
      if (name !== "*" && event.name !== name) return;
      try {
        const result: unknown = handler(event);
        if (!(result instanceof Promise)) return;
        this.#host.handlersAtWork.watch(result);
        result.catch((error: unknown) => onError(event, error));
      } catch (error) {
        onError(event, error);
      }
    });
  }

  /** The events from now on. The iteration ends when the cluster closes, and throws if it fails. */
  events(options: EventsOptions = {}): AsyncIterableIterator<UserEvent, undefined, undefined> {
    const { name, signal, queueMax } = options;
    const ends: (() => void)[] = [];
    const queue = new MessageQueue<UserEvent>(checkedQueueMax(queueMax ?? this.#host.queueMax), () => {
      for (const end of ends) end();
    });
    const stopListening = this.#listen((event) => {
      if (name !== undefined && event.name !== name) return;
      if (!queue.push(event)) this.#counters.userEventsDropped++;
    });
    ends.push(
      stopListening,
      this.#host.closing.whenClosed((error) => queue.end(error)),
      onceAborted(signal, () => queue.end(null)),
    );
    if (signal?.aborted === true) queue.end(null);
    return queue;
  }

  #listen(listener: Listener): () => void {
    // A function of its own for each call, since the same handler may be given twice.
    const entry: Listener = (event) => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }
}

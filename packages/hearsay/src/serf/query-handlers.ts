import type { QueryHeard, RespondFault } from "@hearsay/core/serf";
import { configError, HearsayError, type OptionFault, tooLargeError } from "../base/errors.ts";
import { checkHandler, checkText } from "../forms/arguments.ts";
import { payloadBytes, type SerfHost, type SerfHostCounters } from "./serf-host.ts";

/** A query that this node has received. */
export interface IncomingQuery {
  readonly name: string;
  readonly payload: Uint8Array;
  /** Name of the member that asks. */
  readonly from: string;
  readonly lTime: number;
  /** When its time is over, in milliseconds since the epoch by this node's clock. */
  readonly deadlineMs: number;
  /**
   * Answers the query, once. Returning a value from the handler does the same.
   *
   * @throws HearsayError `ERR_QUERY_CLOSED`, `ERR_MESSAGE_TOO_LARGE`, `ERR_CONFIG`
   */
  respond(payload: Uint8Array | string): void;
}

/** The result of a handler: the answer; undefined for no answer, or if `respond` gives it. */
export type QueryResult = Uint8Array | string | undefined;

/** Answers queries. */
export type QueryHandler = (query: IncomingQuery) => QueryResult | Promise<QueryResult> | void | Promise<void>;

/** Lets the application answer queries, including those of this node. */
export class QueryHandlers {
  readonly #host: SerfHost;
  readonly #counters: SerfHostCounters;
  readonly #handlers = new Map<string, QueryHandler>();

  constructor(host: SerfHost, counters: SerfHostCounters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** Answers queries of a name; "*" stands for all names without a handler. Returns a function that removes it. */
  add(name: string, handler: QueryHandler): () => void {
    checkText(name, "name", "onQuery");
    checkHandler(handler, "onQuery");
    const { lifecycle } = this.#host;
    if (lifecycle.isOver) throw lifecycle.closedError();
    if (this.#handlers.has(name)) {
      throw configError([{ key: "name", value: name, allowed: "a name that has no handler yet" }]);
    }
    this.#handlers.set(name, handler);
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    };
  }

  /** A query has arrived; its payload is borrowed. */
  heard(event: QueryHeard): void {
    const handler = this.#handlers.get(event.name) ?? this.#handlers.get("*");
    // A leaving node starts nothing new: to the requester it is as if the node had left.
    if (handler === undefined || !this.#host.handlersAtWork.isAccepting) return;
    const { name, from, lTime } = event;
    const { clock } = this.#host;
    const query: IncomingQuery = Object.freeze({
      name,
      payload: new Uint8Array(event.payload),
      from,
      lTime,
      deadlineMs: Math.round(clock.wallNow() + event.deadlineMs - clock.now()),
      respond: (payload: Uint8Array | string) => this.#respond(event, payload),
    });
    this.#host.handlersAtWork.watch(this.#run(handler, query));
  }

  async #run(handler: QueryHandler, query: IncomingQuery): Promise<void> {
    try {
      const result = await handler(query);
      if (result !== undefined) query.respond(result);
    } catch (error) {
      this.#counters.serfHandlersFailed++;
      this.#host.warn("a handler of queries failed", { query: query.name, from: query.from, error });
    }
  }

  #respond({ handle, name }: QueryHeard, payload: unknown): void {
    const { serf, run, lifecycle } = this.#host;
    const faults: OptionFault[] = [];
    const bytes = payloadBytes(payload ?? null, faults);
    if (faults.length > 0) throw configError(faults);
    const fault = run((now, out) => serf.respond(now, handle, bytes, out));
    if (fault === null) return;
    this.#counters.queryAnswersRefused++;
    throw fault === undefined ? lifecycle.closedError() : respondError(name, fault);
  }
}

function respondError(name: string, fault: RespondFault): HearsayError {
  const query = `the query ${JSON.stringify(name)}`;
  if (fault.fault === "too-large") {
    const { sizeBytes, limitBytes } = fault;
    return tooLargeError({ what: `the answer to ${query}, encoded,`, sizeBytes, limitBytes });
  }
  const text = fault.fault === "answered" ? `${query} has been answered already` : `the time of ${query} is over`;
  return new HearsayError("ERR_QUERY_CLOSED", text, { name, reason: fault.fault });
}

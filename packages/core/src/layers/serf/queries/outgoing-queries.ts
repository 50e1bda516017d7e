import { EMPTY } from "../../../base/bytes.ts";
import { below } from "../../../base/random.ts";
import type { Call } from "../../../call/call.ts";
import type { TooLarge } from "../events/user-events.ts";
import { OUTGOING_QUERY } from "../serf-deadlines.ts";
import type { SerfParts } from "../serf-parts.ts";
import { encodeSerfMessage } from "../wire/encode.ts";
import type { LTime } from "../wire/ltime.ts";
import { QUERY, QUERY_ACK, type Query, type QueryResponse, RESPONSE_ACK } from "../wire/messages.ts";

/** Limit on this node's running queries. */
export const OUTGOING_QUERIES_MAX = 1024;

/** Minimum of a query's answer limit, which is otherwise twice the members present at its start. */
const ANSWERS_MIN = 64;

/** The gossip interval assumed for timeouts if gossip ticks are off: the LAN's. */
const NO_TICKS_MS = 200;

/** The parameters of a query. */
export interface QueryParams {
  readonly name: string;
  /** Null and empty differ only for internal queries. */
  readonly payload: Uint8Array | null;
  /** Encoded filters; null asks all members. */
  readonly filters: readonly Uint8Array[] | null;
  /** Whether members should acknowledge the query. */
  readonly ack: boolean;
  /** Members that relay each answer, 0 to 255. */
  readonly relayFactor: number;
  /** 0 for the default: gossip interval x `queryTimeoutMult` x ceil(log10(n + 1)). */
  readonly timeoutMs: number;
}

/** Too many queries are running. */
export interface Busy {
  readonly fault: "busy";
}

/** A query that has started. */
export interface StartedQuery {
  /** Its number in its events. */
  readonly query: number;
  /** When it ends, on the host's clock. */
  readonly deadlineMs: number;
}

/** Callbacks for the results of a query. */
export interface QueryWatcher {
  acked(call: Call, query: number, from: string): void;
  answered(call: Call, query: number, from: string, payload: Uint8Array): void;
  finished(call: Call, query: number): void;
}

interface OutgoingQuery {
  readonly lTime: LTime;
  readonly watcher: QueryWatcher;
  readonly acked: Set<string>;
  readonly answered: Set<string>;
  readonly answersMax: number;
}

/** Queries that this node asks, and their results (docs/protocol/serf.md, sections 11.1 and 11.6). */
export class OutgoingQueries {
  readonly #parts: SerfParts;
  readonly #begin: (call: Call, query: Query, bytes: Uint8Array) => void;
  readonly #toApplication: QueryWatcher;
  /** By id. */
  readonly #queries = new Map<number, OutgoingQuery>();

  /** `begin` handles a query here and broadcasts it. */
  constructor(parts: SerfParts, begin: (call: Call, query: Query, bytes: Uint8Array) => void) {
    this.#parts = parts;
    this.#begin = begin;
    const { host } = parts;
    this.#toApplication = {
      acked: (call, query, from) => host.event(call, { type: "query-acked", query, from }),
      answered: (call, query, from, payload) => host.event(call, { type: "query-answered", query, from, payload }),
      finished: (call, query) => host.event(call, { type: "query-finished", query }),
    };
  }

  get size(): number {
    return this.#queries.size;
  }

  start(call: Call, params: QueryParams, watcher: QueryWatcher = this.#toApplication): StartedQuery | TooLarge | Busy {
    const { host, config, queryClock } = this.#parts;
    if (this.#queries.size >= OUTGOING_QUERIES_MAX) return { fault: "busy" };
    const timeoutMs = params.timeoutMs > 0 ? params.timeoutMs : this.defaultTimeoutMs();
    const query: Query = {
      type: QUERY,
      lTime: queryClock.time,
      id: this.#freeId(),
      addr: host.address.ip,
      port: host.address.port,
      sourceNode: host.name,
      filters: params.filters,
      flags: params.ack ? QUERY_ACK : 0,
      relayFactor: params.relayFactor,
      timeoutNs: Math.round(timeoutMs * 1e6),
      name: params.name,
      payload: params.payload,
    };
    const bytes = encodeSerfMessage(query);
    const limitBytes = Math.min(config.queryBytesMax, host.payloadBytesMax);
    if (bytes.length > limitBytes) return { fault: "too-large", sizeBytes: bytes.length, limitBytes, isEncoded: true };
    this.#queries.set(query.id, {
      lTime: query.lTime,
      watcher,
      acked: new Set(),
      answered: new Set(),
      answersMax: Math.max(ANSWERS_MIN, 2 * host.present()),
    });
    const deadlineMs = call.now + timeoutMs;
    host.wakeAt(deadlineMs, OUTGOING_QUERY, query.id);
    this.#begin(call, query, bytes);
    return { query: query.id, deadlineMs };
  }

  /** Handles a response, from this node itself or from another. */
  collect(call: Call, { lTime, id, from, flags, payload }: QueryResponse): void {
    const { counters } = this.#parts;
    const query = this.#queries.get(id);
    if (query === undefined || query.lTime !== lTime) {
      counters.answersStray++;
      return;
    }
    const isAck = (flags & RESPONSE_ACK) !== 0;
    const seen = isAck ? query.acked : query.answered;
    if (seen.has(from)) {
      counters.answersDuplicate++;
    } else if (seen.size >= query.answersMax) {
      counters.answersDropped++;
    } else {
      seen.add(from);
      if (isAck) query.watcher.acked(call, id, from);
      else query.watcher.answered(call, id, from, payload ?? EMPTY);
    }
  }

  /** Ends a query: it timed out, or its asker wants no more answers. */
  finish(call: Call, id: number): void {
    const query = this.#queries.get(id);
    if (query === undefined) return;
    this.#queries.delete(id);
    query.watcher.finished(call, id);
  }

  isCurrent(id: number): boolean {
    return this.#queries.has(id);
  }

  /** The timeout of a query without its own, for the present size of the pool. */
  defaultTimeoutMs(): number {
    const { host, config } = this.#parts;
    const intervalMs = host.config.gossipIntervalMs || NO_TICKS_MS;
    return intervalMs * config.queryTimeoutMult * Math.ceil(Math.log10(host.present() + 1));
  }

  #freeId(): number {
    for (;;) {
      const id = below(this.#parts.host.random, 0x8000_0000);
      if (!this.#queries.has(id)) return id;
    }
  }
}

import {
  encodeFilter,
  INTERNAL_QUERY_PREFIX,
  NODE_FILTER,
  PING_QUERY,
  type QueryAcked,
  type QueryAnswered,
  type QueryParams,
  TAG_FILTER,
} from "@hearsay/core/serf";
import type { Duration } from "../base/durations.ts";
import { HearsayError, type OptionFault, tooLargeError } from "../base/errors.ts";
import { checkSignal, onceAborted } from "../base/signals.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, flag, list, texts, timer, word } from "../forms/plain-forms.ts";
import { option, optional, parts, type Rows } from "../forms/rows.ts";
import { Query, type QueryMissing } from "./query.ts";
import { payloadBytes, relayFactor, type SerfHost } from "./serf-host.ts";

/** Which members a query asks: those that match all filters. */
export interface QueryFilters {
  /** Their names, at least one. @defaultValue all */
  readonly nodes?: readonly string[];
  /**
   * For each tag a regular expression in RE2's syntax, at most 256 bytes, that must match anywhere in the value; a
   * member without the tag has the empty value. Serf agents accept any length.
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** How to query. */
export interface QueryOptions {
  /** @defaultValue every member, this node included */
  readonly filters?: QueryFilters;
  /** Whether members acknowledge the query when they receive it, before they answer. @defaultValue false */
  readonly ack?: boolean;
  /** Number of other members that also relay each answer, 0 to 255, against loss; members limit it. @defaultValue 0 */
  readonly relay?: number;
  /**
   * How long to wait for answers: milliseconds or text such as "5s". It ends sooner once each present member, or each
   * member in `filters.nodes`, has answered (and acknowledged, with `ack`) or is gone; not with `filters.tags`, since
   * this node can't tell which members match.
   * @defaultValue 16 gossip intervals for each digit of the number of members: 3.2 s for up to 9, 6.4 s for up to 99
   */
  readonly timeout?: Duration;
  /** Cancels the query. */
  readonly signal?: AbortSignal;
}

/** The filters, checked; null for no restriction. */
interface Filters {
  readonly nodes: readonly string[] | null;
  readonly tags: Readonly<Record<string, string>> | null;
}

const FILTERS: Rows<QueryFilters, Filters> = {
  // An empty list would ask every member, which is hardly intended.
  nodes: optional(list(word, { type: "list of names", bounds: "at least one" }, "a list of at least one name")),
  tags: optional(texts),
};

const OPTIONS = {
  filters: parts(FILTERS),
  ack: option(flag, false),
  relay: option(relayFactor, 0),
  timeout: optional(timer(1)),
  signal: optional(abortSignal),
} satisfies Rows<QueryOptions>;

/** A running query, and what it waits for. */
interface Asked {
  readonly query: Query;
  /** The names in its filter; null for every member. */
  readonly names: readonly string[] | null;
  /** Those of `names` that have gone since the query began. A removed member is unknown afterwards. */
  readonly gone: Set<string>;
  /** What to expect from each member; nothing if tags decide who is asked. */
  readonly awaits: { readonly acks: boolean; readonly answers: boolean };
}

/** The queries that this node sends. */
export class OutgoingQueries {
  readonly #host: SerfHost;
  readonly #queries = new Map<number, Asked>();

  constructor(host: SerfHost) {
    this.#host = host;
    host.lifecycle.whenOver(() => {
      for (const { query } of this.#queries.values()) query.onEnd();
      this.#queries.clear();
    });
  }

  /** Implements `Cluster.query`. */
  ask(name: string, payload: Uint8Array | string | undefined, given: QueryOptions): Query {
    const faults = nameFaults(name, payload);
    const bytes = payloadBytes(payload, faults);
    const { filters, ack, relay, timeout, signal } = readCallOptions("query", OPTIONS, given, faults);
    this.#host.lifecycle.assertRunning();
    checkSignal(signal, "the query");
    const params = {
      name,
      payload: payload === undefined ? null : bytes,
      filters: encodedFilters(filters),
      ack,
      relayFactor: relay,
      timeoutMs: timeout ?? 0,
    };
    return this.start(params, filters, signal);
  }

  /** Starts a query, also an internal one. @throws HearsayError `ERR_MESSAGE_TOO_LARGE`, `ERR_BUSY`, `ERR_CLOSED` */
  start(params: QueryParams, filters: Filters = { nodes: null, tags: null }, signal: AbortSignal | null = null): Query {
    const { serf, clock, lifecycle, run } = this.#host;
    const started = run((now, out) => {
      const result = serf.query(now, params, out);
      if ("fault" in result) return result;
      const deadlineMs = Math.round(clock.wallNow() + result.deadlineMs - now);
      // A copy, since the caller may change its list.
      const names = filters.nodes === null ? null : [...filters.nodes];
      const query = new Query(deadlineMs, {
        cancel: () => this.#cancel(result.query),
        missing: ({ acked, answered }) => this.#missing(names, acked, answered),
      });
      // Within the call, since this node's own answers are handled right after it.
      this.#queries.set(result.query, { query, names, gone: new Set(), awaits: awaited(params, filters) });
      return query;
    });
    if (started === undefined) throw lifecycle.closedError();
    if (started instanceof Query) {
      const stopListening = onceAborted(signal, () => started.cancel());
      void started.done.then(stopListening);
      return started;
    }
    if (started.fault === "busy") {
      throw new HearsayError("ERR_BUSY", "too many queries are under way", { what: "queries" });
    }
    const { sizeBytes, limitBytes } = started;
    throw tooLargeError({ what: `the query ${JSON.stringify(params.name)}, encoded,`, sizeBytes, limitBytes });
  }

  acked({ query, from }: QueryAcked): void {
    this.#queries.get(query)?.query.onAck(from);
    this.#endIfComplete(query);
  }

  answered({ query, from, payload }: QueryAnswered): void {
    this.#queries.get(query)?.query.onAnswer(from, payload);
    this.#endIfComplete(query);
  }

  /** A member has failed, left or been removed: queries may have nothing left to wait for. */
  gone(name: string): void {
    for (const [query, { names, gone }] of [...this.#queries]) {
      if (names?.includes(name)) gone.add(name);
      this.#endIfComplete(query);
    }
  }

  finished(query: number): void {
    this.#queries.get(query)?.query.onEnd();
    this.#queries.delete(query);
  }

  /** Ends a query that has all its answers. */
  #endIfComplete(id: number): void {
    const asked = this.#queries.get(id);
    if (asked === undefined) return;
    const { query, names, gone, awaits } = asked;
    if (!awaits.acks && !awaits.answers) return;
    const has = (name: string): boolean =>
      (!awaits.acks || query.acked.has(name)) && (!awaits.answers || query.answered.has(name));
    if (names === null) {
      // Compares numbers first, since this runs for every answer.
      const least = this.#host.presentCount();
      const isEnough = (!awaits.acks || query.acked.size >= least) && (!awaits.answers || query.answered.size >= least);
      if (isEnough && this.#host.presentNames().every(has)) this.#cancel(id);
      return;
    }
    const isGone = (name: string): boolean =>
      this.#host.isGone(name) || (gone.has(name) && !this.#host.presentNames().includes(name));
    if (names.every((name) => has(name) || isGone(name))) this.#cancel(id);
  }

  #missing(names: readonly string[] | null, acked: ReadonlySet<string>, answered: ReadonlySet<string>): QueryMissing {
    const isMissing = (name: string): boolean =>
      (names?.includes(name) ?? true) && !acked.has(name) && !answered.has(name);
    return {
      silent: this.#host.presentNames().filter(isMissing).sort(),
      away: this.#host.awayNames().filter(isMissing).sort(),
    };
  }

  #cancel(query: number): void {
    const { serf, run } = this.#host;
    if (this.#queries.has(query)) run((now, out) => serf.endQuery(now, query, out));
  }
}

function awaited({ name, ack }: QueryParams, filters: Filters): Asked["awaits"] {
  if (Object.keys(filters.tags ?? {}).length > 0) return { acks: false, answers: false };
  // A ping is only acknowledged, never answered.
  return { acks: ack, answers: name !== PING_QUERY };
}

/** Refuses names of Serf's own queries, except the ping, which asks for acknowledgements only. */
function nameFaults(name: unknown, payload: unknown): OptionFault[] {
  const isText = typeof name === "string";
  const isInternal =
    isText && name.startsWith(INTERNAL_QUERY_PREFIX) && !(name === PING_QUERY && payload === undefined);
  if (isText && !isInternal) return [];
  return [{ key: "name", value: name, allowed: `text that doesn't begin with ${INTERNAL_QUERY_PREFIX}` }];
}

function encodedFilters({ nodes, tags }: Filters): Uint8Array[] | null {
  const filters: Uint8Array[] = [];
  if (nodes !== null) filters.push(encodeFilter({ type: NODE_FILTER, names: nodes }));
  for (const [tag, expression] of Object.entries(tags ?? {})) {
    filters.push(encodeFilter({ type: TAG_FILTER, tag, expression }));
  }
  return filters.length === 0 ? null : filters;
}

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

/** Which members a query asks: those whom all filters match. */
export interface QueryFilters {
  /** Their names, at least one. @defaultValue all */
  readonly nodes?: readonly string[];
  /**
   * For each tag an expression in RE2's syntax, at most 256 bytes, that must be found anywhere in the value; a member
   * without the tag has the empty value. Serf agents take any length.
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** How to ask. */
export interface QueryOptions {
  /** @defaultValue every member, this node too */
  readonly filters?: QueryFilters;
  /** Whether members acknowledge that they have got it, before anything answers. @defaultValue false */
  readonly ack?: boolean;
  /** Other members that send each answer on as well, 0 to 255, against loss; receivers limit it. @defaultValue 0 */
  readonly relay?: number;
  /**
   * How long to wait for answers: milliseconds or text such as "5s". It ends sooner once each member that is here, or each
   * that `filters.nodes` names, has answered (and acknowledged, with `ack`) or is gone; not with `filters.tags`, as nobody
   * knows for others whom they match.
   * @defaultValue 16 gossip intervals for each digit of the number of members: 3.2 s for up to 9, 6.4 s for up to 99
   */
  readonly timeout?: Duration;
  /** Cancels the query. */
  readonly signal?: AbortSignal;
}

/** Which members a query asks, checked: null for all, and for those with any tags. */
interface Filters {
  readonly nodes: readonly string[] | null;
  readonly tags: Readonly<Record<string, string>> | null;
}

const FILTERS: Rows<QueryFilters, Filters> = {
  // An empty list would ask everybody, which is hardly what was meant.
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

/** A query under way, and what it waits for. */
interface Asked {
  readonly query: Query;
  /** Whom it asks; null for everybody. */
  readonly names: readonly string[] | null;
  /** Which of these were seen to go since it began. Nobody knows any more that a member that was removed is gone. */
  readonly gone: Set<string>;
  /** What each of them sends; nothing that could be waited for if tags decide who is asked. */
  readonly awaits: { readonly acks: boolean; readonly answers: boolean };
}

/** Queries that this node asks. */
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

  /** Does what `Cluster.query` promises. */
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

  /** Starts a query, an internal one too. @throws HearsayError `ERR_MESSAGE_TOO_LARGE`, `ERR_BUSY`, `ERR_CLOSED` */
  start(params: QueryParams, filters: Filters = { nodes: null, tags: null }, signal: AbortSignal | null = null): Query {
    const { serf, clock, lifecycle, run } = this.#host;
    const started = run((now, out) => {
      const result = serf.query(now, params, out);
      if ("fault" in result) return result;
      const deadlineMs = Math.round(clock.wallNow() + result.deadlineMs - now);
      // The caller's list may become another one.
      const names = filters.nodes === null ? null : [...filters.nodes];
      const query = new Query(deadlineMs, {
        cancel: () => this.#cancel(result.query),
        missing: ({ acked, answered }) => this.#missing(names, acked, answered),
      });
      // Within the call, since answers of this node itself are handled right after it.
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

  /** A member has failed, has left or was removed: queries may have nothing more to wait for. */
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

  /** Ends a query to which nothing more will come. */
  #endIfComplete(id: number): void {
    const asked = this.#queries.get(id);
    if (asked === undefined) return;
    const { query, names, gone, awaits } = asked;
    if (!awaits.acks && !awaits.answers) return;
    const has = (name: string): boolean =>
      (!awaits.acks || query.acked.has(name)) && (!awaits.answers || query.answered.has(name));
    if (names === null) {
      // By number first, as every answer comes by here.
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
  // Nobody answers a ping, but for acknowledging it.
  return { acks: ack, answers: name !== PING_QUERY };
}

/** Names of Serf's own queries are refused but for the ping, which asks nothing but for acknowledgements. */
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

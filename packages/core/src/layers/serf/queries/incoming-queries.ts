import { EMPTY, sameBytes } from "../../../base/bytes.ts";
import type { Call } from "../../../call/call.ts";
import { URGENT } from "../../../dissemination/rumor.ts";
import { isFault } from "../../../wire/faults.ts";
import { decodeName } from "../../../wire/names.ts";
import { INCOMING_QUERY } from "../serf-deadlines.ts";
import type { KeyOperation } from "../serf-event.ts";
import { QUERY_SUBJECT, type SerfParts } from "../serf-parts.ts";
import { encodeSerfMessage } from "../wire/encode.ts";
import { type FilterSubject, matchesFilters, type RegExpMatcher } from "../wire/filter-match.ts";
import {
  CONFLICT_QUERY,
  INSTALL_KEY_QUERY,
  INTERNAL_QUERY_PREFIX,
  LIST_KEYS_QUERY,
  REMOVE_KEY_QUERY,
  USE_KEY_QUERY,
} from "../wire/internal-queries.ts";
import {
  type ConflictResponse,
  KEY_REQUEST,
  KEY_RESPONSE,
  type KeyResponse,
  QUERY_ACK,
  QUERY_NO_BROADCAST,
  type Query,
  type QueryResponse,
  RESPONSE_ACK,
} from "../wire/messages.ts";
import { type Answers, responseTo } from "./answers.ts";
import { FilterBudget } from "./filter-budget.ts";
import { encodeKeyResponse } from "./key-response.ts";
import { OpenQueries, type OpenQuery } from "./open-queries.ts";
import { QueryRing } from "./query-ring.ts";

/** Why an answer was not sent. */
export type RespondFault =
  /** The query is over, or was dropped. */
  | { readonly fault: "late" }
  /** The query has been answered. */
  | { readonly fault: "answered" }
  | { readonly fault: "too-large"; readonly sizeBytes: number; readonly limitBytes: number };

/** Dependencies of `IncomingQueries`. */
export interface IncomingQueriesParts extends SerfParts {
  readonly answers: Answers;
  readonly matcher: RegExpMatcher;
  /** This node as filters see it. */
  readonly subject: () => FilterSubject;
  /** What this node knows about the member with a disputed name. */
  readonly conflictResponse: (name: string) => ConflictResponse;
  /** Delivers an answer of this node to its own query. */
  readonly collect: (call: Call, response: QueryResponse) => void;
}

const KEY_OPERATIONS: ReadonlyMap<string, KeyOperation> = new Map([
  [INSTALL_KEY_QUERY, "install"],
  [USE_KEY_QUERY, "use"],
  [REMOVE_KEY_QUERY, "remove"],
  [LIST_KEYS_QUERY, "list"],
]);

/** The reference's answer to an unreadable request. */
const UNREADABLE: KeyResponse = { type: KEY_RESPONSE, result: false, message: "", keys: null, primaryKey: "" };

/** Queries that reach this node, its own included: relays, acknowledges and delivers them (section 11.2). */
export class IncomingQueries {
  readonly ring: QueryRing;
  readonly #parts: IncomingQueriesParts;
  readonly #open: OpenQueries;
  readonly #budget: FilterBudget;

  constructor(parts: IncomingQueriesParts) {
    this.#parts = parts;
    this.ring = new QueryRing(parts.config.queryBuffer);
    this.#budget = new FilterBudget(parts.config.filterWorkMax);
    this.#open = new OpenQueries(() => parts.counters.queriesDropped++);
  }

  /** Queries that can still be answered. */
  get size(): number {
    return this.#open.size;
  }

  /** Handles a query from gossip; `bytes` is the message, borrowed. */
  receive(call: Call, query: Query, bytes: Uint8Array): void {
    const { queryClock, host } = this.#parts;
    queryClock.witness(call, query.lTime);
    const subject = `${QUERY_SUBJECT}${query.lTime}/${query.id}`;
    if (!this.#isFresh(query)) {
      host.heardAgain(call, subject);
      return;
    }
    this.#handle(call, query);
    if ((query.flags & QUERY_NO_BROADCAST) === 0) this.#tell(call, subject, bytes.slice());
  }

  /** Starts this node's own query: handles it here first, then broadcasts it. `bytes` is handed over. */
  begin(call: Call, query: Query, bytes: Uint8Array): void {
    this.#parts.queryClock.witness(call, query.lTime);
    this.ring.offer(query.lTime, query.id, this.#parts.queryClock.time);
    this.#handle(call, query);
    this.#tell(call, `${QUERY_SUBJECT}${query.lTime}/${query.id}`, bytes);
  }

  /** Answers a query. Returns null if the answer is accepted. */
  respond(call: Call, handle: number, payload: Uint8Array | null): RespondFault | null {
    const { host, config } = this.#parts;
    const query = this.#open.get(handle);
    if (query === undefined || call.now > query.deadlineMs) return { fault: "late" };
    if (query.isAnswered) return { fault: "answered" };
    const response = responseTo(query.question, host.name, 0, payload);
    const bytes = encodeSerfMessage(response);
    const limitBytes = Math.min(config.queryResponseBytesMax, host.payloadBytesMax);
    if (bytes.length > limitBytes) return { fault: "too-large", sizeBytes: bytes.length, limitBytes };
    query.isAnswered = true;
    this.#send(call, query, response, bytes);
    return null;
  }

  /** Answers a key query, with as many keys as fit. */
  respondToKeyQuery(call: Call, handle: number, response: KeyResponse): RespondFault | null {
    const query = this.#open.get(handle);
    if (query === undefined) return { fault: "late" };
    const { host, config } = this.#parts;
    const limitBytes = Math.min(config.queryResponseBytesMax, host.payloadBytesMax);
    const sizeOf = (payload: Uint8Array): number =>
      encodeSerfMessage(responseTo(query.question, host.name, 0, payload)).length;
    return this.respond(call, handle, encodeKeyResponse(response, config.queryResponseBytesMax, limitBytes, sizeOf));
  }

  /** The time to answer a query is over. */
  expired(handle: number): void {
    this.#open.close(handle);
  }

  isCurrent(handle: number): boolean {
    return this.#open.get(handle) !== undefined;
  }

  #isFresh({ lTime, id }: Query): boolean {
    const { counters, queryClock } = this.#parts;
    const verdict = this.ring.offer(lTime, id, queryClock.time);
    if (verdict === "duplicate") counters.queriesDuplicate++;
    else if (verdict === "too-old") counters.queriesTooOld++;
    return verdict === "fresh";
  }

  #handle(call: Call, query: Query): void {
    const { counters, host } = this.#parts;
    counters.queries++;
    if (!this.#isMeant(call, query)) {
      counters.queriesFiltered++;
      return;
    }
    const deadlineMs = call.now + Math.max(0, query.timeoutNs / 1e6);
    const { lTime, id, addr, port, sourceNode, relayFactor } = query;
    const question = { lTime, id, addr: addr.slice(), port, sourceNode, relayFactor };
    const open = this.#open.open(question, deadlineMs);
    host.wakeAt(deadlineMs, INCOMING_QUERY, open.handle);
    if ((query.flags & QUERY_ACK) !== 0) {
      const ack = responseTo(question, host.name, RESPONSE_ACK, null);
      this.#send(call, open, ack, encodeSerfMessage(ack));
    }
    if (query.name.startsWith(INTERNAL_QUERY_PREFIX)) this.#handleInternal(call, query, open);
    else this.#deliver(call, query, open);
  }

  /** Whether a query's filters match this node. A query whose filters would cost too much doesn't match. */
  #isMeant(call: Call, { filters, sourceNode }: Query): boolean {
    const { counters, matcher, subject, decoder } = this.#parts;
    let isTooCostly = false;
    const spend = (work: number): boolean => {
      const isGranted = !isTooCostly && this.#budget.spend(call.now, sourceNode, work);
      isTooCostly = !isGranted;
      return isGranted;
    };
    const isMeant = matchesFilters(filters, subject(), matcher, decoder, spend);
    if (!isTooCostly) return isMeant;
    counters.filtersRefused++;
    this.#parts.host.event(call, { type: "notice", notice: { kind: "costly-filter", from: sourceNode } });
    return false;
  }

  #deliver(call: Call, { lTime, name, payload, sourceNode }: Query, { handle, deadlineMs }: OpenQuery): void {
    const body = payload ?? EMPTY;
    this.#parts.host.event(call, { type: "query", handle, lTime, name, payload: body, from: sourceNode, deadlineMs });
  }

  /** Section 12. Internal queries other than conflict and key queries get no answer. */
  #handleInternal(call: Call, { name, payload }: Query, open: OpenQuery): void {
    const operation = KEY_OPERATIONS.get(name);
    if (operation !== undefined) {
      this.#handleKeyQuery(call, operation, payload ?? EMPTY, open);
      return;
    }
    const asked = name === CONFLICT_QUERY ? decodeName(payload ?? EMPTY, 0, payload?.length ?? 0) : null;
    // The node that has the disputed name is a party and doesn't vote.
    if (asked === null || asked === this.#parts.host.name) this.#open.close(open.handle);
    else this.respond(call, open.handle, encodeSerfMessage(this.#parts.conflictResponse(asked)));
  }

  #handleKeyQuery(call: Call, operation: KeyOperation, payload: Uint8Array, { handle }: OpenQuery): void {
    const request = this.#parts.decoder.decode(payload, 0, payload.length);
    if (isFault(request) || request.type !== KEY_REQUEST) {
      this.#parts.counters.messagesRefused++;
      this.respond(call, handle, encodeSerfMessage(UNREADABLE));
      return;
    }
    this.#parts.host.event(call, { type: "key-query", handle, operation, key: request.key.slice() });
  }

  #send(call: Call, { question }: OpenQuery, response: QueryResponse, bytes: Uint8Array): void {
    const { host, answers, collect } = this.#parts;
    // The reference sends its own answer to itself through the network, where it may be lost.
    const isOwn = question.port === host.address.port && sameBytes(question.addr, host.address.ip);
    if (isOwn) collect(call, response);
    else answers.send(call, question, bytes);
  }

  #tell(call: Call, subject: string, payload: Uint8Array): void {
    this.#parts.host.broadcast(call, { payload, rumorClass: URGENT, subject });
  }
}

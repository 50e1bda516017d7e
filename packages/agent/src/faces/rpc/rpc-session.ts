import type { IncomingQuery, Query } from "hearsay";
import type { AgentEvent } from "../../events/agent-event.ts";
import { type EventFilter, wants } from "../../events/event-filter.ts";
import { type AgentLogLevel, isAtLeast } from "../../log/log-ring.ts";
import type { Codec } from "./codec.ts";
import type { Fanout } from "./fanout.ts";
import * as m from "./messages.ts";
import type { Outlet, RecordSource } from "./outlet.ts";
import type { RpcHost } from "./rpc-host.ts";
import { rpcMember } from "./rpc-members.ts";
import type { RpcUsage } from "./rpc-usage.ts";
import { RpcWriter } from "./rpc-writer.ts";

/** Unanswered queries of one connection; beyond it the oldest can no longer be answered. */
export const PENDING_QUERIES_MAX = 4096;

/** Cost of one of them. */
const PENDING_QUERY_BYTES = 128;

/** Streams of one connection. */
export const STREAMS_MAX = 256;

/** Cost of a stream, a monitor or a query besides its records. */
const STREAM_BYTES = 512;

/** Cost of matching one event with one stream, in microseconds, roughly. */
const STREAM_MICROS = 0.1;

/** Cost of making and sending a record, in the same unit. */
const RECORD_MICROS = 1;

/** An event on its way to all streams; its record is encoded once. */
export interface SharedEvent {
  readonly event: AgentEvent;
  /**
   * The record after the header; null before the first stream that wants it. Queries don't use it: their records
   * differ.
   */
  body: Uint8Array | null;
}

/** A line of the log on its way to all monitors. */
export interface SharedLine {
  readonly level: AgentLogLevel;
  readonly line: string;
  body: Uint8Array | null;
}

/** The events and log lines for all sessions of a server. */
export interface Feeds {
  readonly events: Fanout<SharedEvent>;
  readonly lines: Fanout<SharedLine>;
}

/** What the sessions of one server share. */
export interface SessionParts {
  readonly host: RpcHost;
  readonly feeds: Feeds;
  /** The usage of all clients, and the counters. */
  usage(): RpcUsage;
  /** Reports that a session waits for room for an answer. */
  wantsRoom(): void;
}

interface Followed extends RecordSource {
  stop(): void;
}

interface Stream extends Followed {
  readonly filters: readonly EventFilter[];
}

/** Shared by all codecs, one after the other. */
const writer = new RpcWriter();

/** The state of one client: its streams, its monitor, and queries that it may answer. */
export class RpcSession {
  readonly host: RpcHost;
  readonly usage: () => RpcUsage;
  version = 0;
  isAuthenticated = false;
  readonly #feeds: Feeds;
  readonly #wantsRoom: () => void;
  readonly #outlet: Outlet;
  /** Streams and monitors by their sequence numbers, queries by numbers of their own. */
  readonly #followed = new Map<number, Followed>();
  readonly #streams = new Set<Stream>();
  readonly #queries = new Map<number, IncomingQuery>();
  #stopEvents: (() => void) | null = null;
  #monitor: number | null = null;
  #lastQuery = 0;
  /** The key of this client's last own query: negative, unlike any sequence number. */
  #lastOwnQuery = 0;
  readonly #gone = new AbortController();

  constructor({ host, feeds, usage, wantsRoom }: SessionParts, outlet: Outlet) {
    this.host = host;
    this.#wantsRoom = wantsRoom;
    this.usage = usage;
    this.#feeds = feeds;
    this.#outlet = outlet;
  }

  /** Whether the client may do more than shake hands and authenticate. */
  get isOpen(): boolean {
    return this.version !== 0 && (this.host.authKey === null || this.isAuthenticated);
  }

  /** Aborted when the connection has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Resolves once there is room for another answer, or when the connection has ended. */
  readonly room = (): Promise<void> => this.#outlet.account.roomForAnswer(this.gone, this.#wantsRoom);

  get hasMonitor(): boolean {
    return this.#monitor !== null;
  }

  /** Whether there is room for another stream, monitor or query, on this connection and on the server. */
  get hasRoom(): boolean {
    return this.#followed.size < STREAMS_MAX && this.#outlet.account.hasRoomForLasting(STREAM_BYTES);
  }

  hasStream(seq: number): boolean {
    return this.#followed.has(seq);
  }

  /** Sends the events that match a filter, until the client stops it. */
  stream(seq: number, filters: readonly EventFilter[]): void {
    const stream: Stream = { head: headOf(seq), waiting: 0, filters, stop: () => this.#streams.delete(stream) };
    this.#begin(seq, stream);
    this.#streams.add(stream);
    this.#stopEvents ??= this.#feeds.events.follow((shared) => this.#happened(shared));
  }

  /** Sends the lines of the log, until the client stops it. */
  monitor(seq: number, level: AgentLogLevel): void {
    const monitor = { head: headOf(seq), waiting: 0 };
    for (const line of this.host.log.last(level)) this.#outlet.add(monitor, bodyOf(m.LOG_RECORD, { Log: line }));
    const stop = this.#feeds.lines.follow((shared) => {
      if (!isAtLeast(shared.level, level)) return 0;
      shared.body ??= bodyOf(m.LOG_RECORD, { Log: shared.line });
      this.#outlet.add(monitor, shared.body);
      this.#outlet.pump();
      return RECORD_MICROS;
    });
    this.#begin(seq, Object.assign(monitor, { stop }));
    this.#monitor = seq;
    this.#outlet.pump();
  }

  /** Ends a stream or a monitor; nothing happens if there is none. */
  stop(seq: number): void {
    const followed = this.#followed.get(seq);
    if (followed === undefined) return;
    this.#end(seq, followed);
    this.#outlet.discard(followed);
    if (this.#monitor === seq) this.#monitor = null;
    if (this.#streams.size > 0) return;
    this.#stopEvents?.();
    this.#stopEvents = null;
  }

  /** Sends the acks and responses of a query, and its end. */
  async followQuery(seq: number, query: Query): Promise<void> {
    // Clients may reuse a number while an earlier query with it still runs.
    const key = --this.#lastOwnQuery;
    const followed: Followed = { head: headOf(seq), waiting: 0, stop: () => query.cancel() };
    this.#begin(key, followed);
    const send = (Type: string, From: string, Payload: Uint8Array | null): void => {
      if (this.gone.aborted) return;
      this.#outlet.add(followed, bodyOf(m.QUERY_RECORD, { Type, From, Payload }));
      this.#outlet.pump();
    };
    const acks = async (): Promise<void> => {
      for await (const from of query.acks()) send("ack", from, null);
    };
    const answers = async (): Promise<void> => {
      for await (const { from, payload } of query) send("response", from, payload);
    };
    await Promise.all([acks(), answers(), query.done]);
    // This record is never dropped: without it a client would wait forever.
    if (!this.gone.aborted)
      this.#outlet.addLast(followed, bodyOf(m.QUERY_RECORD, { Type: "done", From: "", Payload: null }));
    if (!this.gone.aborted) this.#end(key, followed);
  }

  /** A query that a stream reported; undefined if there is none, or its time is over. */
  pendingQuery(id: number): IncomingQuery | undefined {
    const query = this.#queries.get(id);
    return query === undefined || query.deadlineMs < Date.now() ? undefined : query;
  }

  /** Called when the connection has ended. */
  end(): void {
    this.#gone.abort();
    this.#stopEvents?.();
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    this.#queries.clear();
  }

  #begin(key: number, followed: Followed): void {
    this.#followed.set(key, followed);
    this.#outlet.account.addLasting(STREAM_BYTES);
  }

  #end(key: number, followed: Followed): void {
    followed.stop();
    if (this.#followed.delete(key)) this.#outlet.account.addLasting(-STREAM_BYTES);
  }

  /** Sends an event to all streams that want it. Returns the work in microseconds, roughly. */
  #happened(shared: SharedEvent): number {
    const { event } = shared;
    let records = 0;
    for (const stream of this.#streams) {
      if (!stream.filters.some((filter) => wants(filter, event))) continue;
      this.#outlet.add(stream, this.#bodyFor(shared));
      records++;
    }
    if (records > 0) this.#outlet.pump();
    return this.#streams.size * STREAM_MICROS + records * RECORD_MICROS;
  }

  #bodyFor(shared: SharedEvent): Uint8Array {
    const { event } = shared;
    if (event.kind === "query") return this.#queryBody(event.query);
    shared.body ??= eventBody(event);
    return shared.body;
  }

  #queryBody(query: IncomingQuery): Uint8Array {
    const { lTime, name, payload } = query;
    const ID = this.#remember(query);
    return bodyOf(m.QUERY_EVENT_RECORD, { Event: "query", ID, LTime: lTime, Name: name, Payload: payload });
  }

  #remember(query: IncomingQuery): number {
    const now = Date.now();
    const { account } = this.#outlet;
    for (const [id, { deadlineMs }] of this.#queries) {
      const isFull = this.#queries.size >= PENDING_QUERIES_MAX || !account.hasRoomForLasting(PENDING_QUERY_BYTES);
      if (deadlineMs >= now && !isFull) break;
      this.#queries.delete(id);
      account.addLasting(-PENDING_QUERY_BYTES);
    }
    account.addLasting(PENDING_QUERY_BYTES);
    this.#queries.set(++this.#lastQuery, query);
    return this.#lastQuery;
  }
}

function eventBody(event: Exclude<AgentEvent, { readonly kind: "query" }>): Uint8Array {
  if (event.kind === "member") {
    return bodyOf(m.MEMBER_EVENT_RECORD, { Event: event.type, Members: event.members.map(rpcMember) });
  }
  const { lTime, name, payload, coalesce } = event.event;
  const record = { Event: "user", LTime: lTime, Name: name, Payload: payload, Coalesce: coalesce };
  return bodyOf(m.USER_EVENT_RECORD, record);
}

/** The header of records, which has no error. */
function headOf(seq: number): Uint8Array {
  return bodyOf(m.RESPONSE_HEADER, { Seq: seq, Error: "" });
}

function bodyOf<T>(codec: Codec<T>, value: T): Uint8Array {
  writer.reset();
  codec.write(writer, value);
  return writer.copy();
}

import type { IncomingQuery } from "hearsay";
import type { AgentEvent } from "../events/agent-event.ts";
import { type EventFilter, wants } from "../events/event-filter.ts";
import type { AgentLogLevel } from "../log/log-ring.ts";
import type { Codec } from "./codec.ts";
import * as m from "./messages.ts";
import { RecordQueue, type RecordSink } from "./record-queue.ts";
import type { RpcHost } from "./rpc-host.ts";
import { rpcMember } from "./rpc-members.ts";
import { RpcWriter } from "./rpc-writer.ts";

/** Queries of one connection that can still be answered; beyond it the oldest can't any more. */
export const PENDING_QUERIES_MAX = 4096;

/** Streams of one connection. */
export const STREAMS_MAX = 256;

/** What one client has begun: streams, a monitor, queries that it may answer. */
export class RpcSession {
  readonly host: RpcHost;
  version = 0;
  isAuthenticated = false;
  readonly #sink: RecordSink;
  readonly #writer = new RpcWriter();
  /** What ends each stream or monitor, by its sequence number. */
  readonly #followed = new Map<number, { readonly queue: RecordQueue; readonly stop: () => void }>();
  readonly #queries = new Map<number, IncomingQuery>();
  #monitor: number | null = null;
  #lastQuery = 0;
  #isEnded = false;

  constructor(host: RpcHost, sink: RecordSink) {
    this.host = host;
    this.#sink = sink;
  }

  get hasMonitor(): boolean {
    return this.#monitor !== null;
  }

  get streams(): number {
    return this.#followed.size;
  }

  hasStream(seq: number): boolean {
    return this.#followed.has(seq);
  }

  /** Sends the events that a filter wants, until the client stops it. */
  stream(seq: number, filters: readonly EventFilter[]): void {
    const queue = new RecordQueue(this.#sink);
    const stop = this.host.events.listen((event) => {
      if (filters.some((filter) => wants(filter, event))) queue.add(this.#eventRecord(seq, event));
    });
    this.#followed.set(seq, { queue, stop });
  }

  /** Sends the log's lines, until the client stops it. */
  monitor(seq: number, level: AgentLogLevel): void {
    const queue = new RecordQueue(this.#sink);
    const stop = this.host.log.follow(level, (line) => queue.add(this.record(seq, m.LOG_RECORD, { Log: line })));
    this.#followed.set(seq, { queue, stop });
    this.#monitor = seq;
  }

  /** Ends a stream or a monitor; nothing happens if there is none. */
  stop(seq: number): void {
    this.#followed.get(seq)?.stop();
    this.#followed.delete(seq);
    if (this.#monitor === seq) this.#monitor = null;
  }

  /** Sends what comes of a query. */
  async followQuery(seq: number, query: ReturnType<RpcHost["cluster"]["query"]>): Promise<void> {
    const queue = new RecordQueue(this.#sink);
    const key = -seq - 1;
    this.#followed.set(key, { queue, stop: () => query.cancel() });
    const send = (Type: string, From: string, Payload: Uint8Array | null): void => {
      if (!this.#isEnded) queue.add(this.record(seq, m.QUERY_RECORD, { Type, From, Payload }));
    };
    const acks = async (): Promise<void> => {
      for await (const from of query.acks()) send("ack", from, null);
    };
    const answers = async (): Promise<void> => {
      for await (const { from, payload } of query) send("response", from, payload);
    };
    await Promise.all([acks(), answers(), query.done]);
    send("done", "", null);
    if (!this.#isEnded) this.#followed.delete(key);
  }

  /** A query that a stream has shown; undefined if there is no such one, or its time is over. */
  pendingQuery(id: number): IncomingQuery | undefined {
    const query = this.#queries.get(id);
    return query === undefined || query.deadlineMs < Date.now() ? undefined : query;
  }

  /** The client has read. */
  drain(): void {
    for (const { queue } of this.#followed.values()) queue.drain();
  }

  /** The connection is over. */
  end(): void {
    this.#isEnded = true;
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    this.#queries.clear();
  }

  /** A header without an error and what follows it, as bytes. */
  record<T>(seq: number, codec: Codec<T>, value: T): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    m.RESPONSE_HEADER.write(writer, { Seq: seq, Error: "" });
    codec.write(writer, value);
    return writer.copy();
  }

  #eventRecord(seq: number, event: AgentEvent): Uint8Array {
    if (event.kind === "member") {
      const record = { Event: event.type, Members: event.members.map(rpcMember) };
      return this.record(seq, m.MEMBER_EVENT_RECORD, record);
    }
    if (event.kind === "user") {
      const { lTime, name, payload, coalesce } = event.event;
      const record = { Event: "user", LTime: lTime, Name: name, Payload: payload, Coalesce: coalesce };
      return this.record(seq, m.USER_EVENT_RECORD, record);
    }
    const { lTime, name, payload } = event.query;
    const id = this.#remember(event.query);
    return this.record(seq, m.QUERY_EVENT_RECORD, {
      Event: "query",
      ID: id,
      LTime: lTime,
      Name: name,
      Payload: payload,
    });
  }

  #remember(query: IncomingQuery): number {
    const now = Date.now();
    for (const [id, { deadlineMs }] of this.#queries) {
      if (deadlineMs >= now && this.#queries.size < PENDING_QUERIES_MAX) break;
      this.#queries.delete(id);
    }
    this.#queries.set(++this.#lastQuery, query);
    return this.#lastQuery;
  }
}

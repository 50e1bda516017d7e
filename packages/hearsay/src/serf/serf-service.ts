import type { CoreEvent, MemberChange } from "@hearsay/core";
import type { LocalKeys } from "../crypto/local-keys.ts";
import { KeyQueryServer } from "./key-query-server.ts";
import { OutgoingQueries } from "./outgoing-queries.ts";
import { PoolKeys } from "./pool-keys.ts";
import { QueryHandlers } from "./query-handlers.ts";
import { newSerfHostCounters, type SerfHost, type SerfHostCounters } from "./serf-host.ts";
import { UserEventFeed } from "./user-event-feed.ts";

/** The application's side of Serf on one node. */
export class SerfService {
  readonly counters: SerfHostCounters = newSerfHostCounters();
  readonly events: UserEventFeed;
  readonly queries: OutgoingQueries;
  readonly handlers: QueryHandlers;
  readonly keys: PoolKeys;
  readonly #host: SerfHost;
  readonly #keyQueries: KeyQueryServer;

  constructor(host: SerfHost, localKeys: LocalKeys) {
    this.#host = host;
    this.events = new UserEventFeed(host, this.counters);
    this.queries = new OutgoingQueries(host);
    this.handlers = new QueryHandlers(host, this.counters);
    this.keys = new PoolKeys(host, this.queries);
    this.#keyQueries = new KeyQueryServer(host, localKeys);
  }

  handle(event: CoreEvent): void {
    if (event.type === "member") return this.#memberChanged(event);
    const told = event.type === "layer" ? this.#host.serf.eventOf(event) : undefined;
    switch (told?.type) {
      case "user-event":
        return this.events.heard(told);
      case "query":
        return this.handlers.heard(told);
      case "query-acked":
        return this.queries.acked(told);
      case "query-answered":
        return this.queries.answered(told);
      case "query-finished":
        return this.queries.finished(told.query);
      case "key-query":
        return void this.#keyQueries.heard(told);
      case "notice":
        if (told.notice.kind === "outvoted") this.#host.nameLost(told.notice.address);
    }
  }

  /** Queries stop waiting for a member that is gone. */
  #memberChanged({ kind, member }: MemberChange): void {
    if (kind === "failed" || kind === "left" || kind === "reaped") this.queries.gone(member.name);
  }
}

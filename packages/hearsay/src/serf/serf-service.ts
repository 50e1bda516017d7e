import type { SerfEvent } from "@hearsay/core/serf";
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
  readonly #keyQueries: KeyQueryServer;

  constructor(host: SerfHost, localKeys: LocalKeys) {
    this.events = new UserEventFeed(host, this.counters);
    this.queries = new OutgoingQueries(host);
    this.handlers = new QueryHandlers(host, this.counters);
    this.keys = new PoolKeys(host, this.queries);
    this.#keyQueries = new KeyQueryServer(host, localKeys);
  }

  /** What the core reports of Serf. */
  handle(event: SerfEvent): void {
    switch (event.type) {
      case "user-event":
        return this.events.heard(event);
      case "query":
        return this.handlers.heard(event);
      case "query-acked":
        return this.queries.acked(event);
      case "query-answered":
        return this.queries.answered(event);
      case "query-finished":
        return this.queries.finished(event.query);
      case "key-query":
        void this.#keyQueries.heard(event);
    }
  }
}

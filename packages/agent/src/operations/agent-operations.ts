import type {
  Cluster,
  Coordinate,
  EventOptions,
  JoinOptions,
  JoinReport,
  KeyReport,
  Member,
  MemberTags,
  Query,
  QueryOptions,
  Stats,
} from "hearsay";
import type { TagKeeper } from "../config/tag-keeper.ts";
import type { HandlerSpec } from "../events/handler-spec.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { AgentFigures } from "../observe/agent-metrics.ts";
import { EVERY_STATUS, MemberSearch, type SearchFilter } from "./member-search.ts";

/** The parts of an agent that the operations use. */
export interface OperationsParts {
  readonly cluster: Cluster;
  readonly log: LogRing;
  readonly tags: TagKeeper;
  /** The current event handlers. */
  readonly handlers: () => readonly HandlerSpec[];
  readonly figures: () => AgentFigures;
  /** Begins to leave, after which the agent ends. Resolves once the others have been told. */
  readonly leave: () => Promise<void>;
}

/** An agent's current state. */
export interface AgentStats {
  readonly name: string;
  readonly tags: MemberTags;
  /** Known members, including failed and left ones. */
  readonly members: number;
  readonly isEncrypted: boolean;
  readonly awareness: number;
  readonly serf: Stats["serf"];
  readonly handlers: readonly HandlerSpec[];
  readonly figures: AgentFigures;
}

/**
 * The operations of an agent. Each of its faces translates its own language into them, so that all have the same rules
 * and write the same log lines: those of Serf's agent. A refusal by the cluster arrives as its `HearsayError`, with the
 * codes of the corresponding method of `Cluster`.
 */
export class AgentOperations {
  readonly #parts: OperationsParts;
  readonly #search: MemberSearch;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#search = new MemberSearch((status) => parts.cluster.members({ status }));
  }

  /** Joins these targets, as `Cluster.join` does. */
  async join(targets: readonly string[], options: Pick<JoinOptions, "replay" | "keep"> = {}): Promise<JoinReport> {
    this.#log("INFO", `joining: [${targets.join(" ")}] replay: ${options.replay ?? false}`);
    const report = await this.#parts.cluster.join(targets, options);
    this.#log("INFO", `joined: ${report.contacted} nodes`);
    return report;
  }

  /**
   * Leaves. Resolves once the others have been told. The agent ends once its scripts have, since a script may be the
   * caller.
   */
  async leave(): Promise<void> {
    this.#log("INFO", "requesting graceful leave from Serf");
    await this.#parts.leave();
  }

  /** Marks a failed member as left, as `Cluster.forceLeave` does; with `prune` it is forgotten at once. */
  async forceLeave(name: string, options: { readonly prune?: boolean } = {}): Promise<void> {
    this.#log("INFO", `Force leaving node${options.prune === true ? " (prune)" : ""}: ${name}`);
    await this.#parts.cluster.forceLeave(name, options);
  }

  /** Sends a user event to every member, as `Cluster.event` does. Returns the event's Lamport time. */
  event(name: string, payload?: Uint8Array, options: EventOptions = {}): number {
    this.#log("DEBUG", `Requesting user event send: ${name}. Coalesced: ${options.coalesce ?? false}.`);
    return this.#parts.cluster.event(name, payload, options);
  }

  /** Sends a query to the members, as `Cluster.query` does. */
  query(name: string, payload?: Uint8Array, options: QueryOptions = {}): Query {
    this.#log("DEBUG", `Requesting query send: ${name}.`);
    return this.#parts.cluster.query(name, payload, options);
  }

  /**
   * Removes some tags and sets others, here and in the tags file. Resolves once the other members have been told.
   * Rejects as `Cluster.setTags`, or with the error of writing the file; then nothing has changed.
   */
  async changeTags(set: ReadonlyMap<string, string>, remove: readonly string[] = []): Promise<void> {
    await this.#parts.tags.change(set, remove);
  }

  /**
   * Makes every member install a further key. The key is in base64; this and the other key operations do what
   * `cluster.keys` does.
   */
  async installKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating key installation");
    return this.#parts.cluster.keys.install(key);
  }

  /** Makes this key the primary one of every member. */
  async useKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating primary key change");
    return this.#parts.cluster.keys.use(key);
  }

  /** Makes every member remove this key. */
  async removeKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating key removal");
    return this.#parts.cluster.keys.remove(key);
  }

  /** Lists the keys of the members. */
  async listKeys(): Promise<KeyReport> {
    this.#log("INFO", "Initiating key listing");
    return this.#parts.cluster.keys.list();
  }

  /**
   * The members that a filter matches, in slices that each take a turn of the event loop, so that no expression blocks
   * it. @throws SearchRefused, or the signal's reason
   */
  members(filter: SearchFilter, signal: AbortSignal): AsyncGenerator<readonly Member[], void, undefined> {
    return this.#search.find(filter, signal);
  }

  /** A member's coordinate; undefined while it is unknown. */
  coordinate(name: string): Coordinate | undefined {
    return this.#parts.cluster.coordinate(name);
  }

  /** The agent's current state. */
  stats(): AgentStats {
    const { cluster, handlers, figures } = this.#parts;
    return {
      name: cluster.self.name,
      tags: cluster.self.tags,
      members: cluster.members({ status: EVERY_STATUS }).length,
      isEncrypted: cluster.keys.local.isEnabled,
      awareness: cluster.self.awareness,
      serf: cluster.stats().serf,
      handlers: handlers(),
      figures: figures(),
    };
  }

  #log(level: "INFO" | "DEBUG", text: string): void {
    this.#parts.log.write(level, `agent: ${text}`);
  }
}

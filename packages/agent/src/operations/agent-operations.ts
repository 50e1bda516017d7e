import type {
  Cluster,
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
import type { LogRing } from "../log/log-ring.ts";
import type { AgentFigures } from "../observe/agent-metrics.ts";
import type { HandlerSpec } from "../scripts/handler-spec.ts";
import { EVERY_STATUS, MemberSearch, type SearchFilter } from "./member-search.ts";

/** What the operations work on. */
export interface OperationsParts {
  readonly cluster: Cluster;
  readonly log: LogRing;
  readonly tags: TagKeeper;
  /** The event handlers that are in force. */
  readonly handlers: () => readonly HandlerSpec[];
  readonly figures: () => AgentFigures;
  /** Begins to leave, with which the agent ends. Resolves once the others have been told. */
  readonly leave: () => Promise<void>;
}

/** An agent as it stands. */
export interface AgentStats {
  readonly name: string;
  readonly tags: MemberTags;
  /** Members that it knows, those that are gone included. */
  readonly members: number;
  readonly isEncrypted: boolean;
  readonly awareness: number;
  readonly serf: Stats["serf"];
  readonly handlers: readonly HandlerSpec[];
  readonly figures: AgentFigures;
}

type Coordinate = NonNullable<ReturnType<Cluster["coordinate"]>>;

/**
 * What an agent can be told to do, and asked. Each of its faces translates a language of its own into these, so that all
 * have the same rules, and leave the same lines in the log: those of Serf's agent. What the cluster refuses comes as its
 * `HearsayError`, with the codes of the method of `Cluster` that has the same purpose.
 */
export class AgentOperations {
  readonly #parts: OperationsParts;
  readonly #search: MemberSearch;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#search = new MemberSearch((status) => parts.cluster.members({ status }));
  }

  /** Joins by these targets, as `Cluster.join` does. */
  async join(targets: readonly string[], options: Pick<JoinOptions, "replay" | "keep"> = {}): Promise<JoinReport> {
    this.#log("INFO", `joining: [${targets.join(" ")}] replay: ${options.replay ?? false}`);
    const report = await this.#parts.cluster.join(targets, options);
    this.#log("INFO", `joined: ${report.contacted} nodes`);
    return report;
  }

  /** Says goodbye. Resolves once the others have been told; the agent ends once its scripts have: one of them may be who asks. */
  async leave(): Promise<void> {
    this.#log("INFO", "requesting graceful leave from Serf");
    await this.#parts.leave();
  }

  /** Has a failed member count as one that left, as `Cluster.forceLeave` does; with `prune` it is forgotten at once. */
  async forceLeave(name: string, options: { readonly prune?: boolean } = {}): Promise<void> {
    this.#log("INFO", `Force leaving node${options.prune === true ? " (prune)" : ""}: ${name}`);
    await this.#parts.cluster.forceLeave(name, options);
  }

  /** Tells every member something, as `Cluster.event` does. Returns the event's Lamport time. */
  event(name: string, payload?: Uint8Array, options: EventOptions = {}): number {
    this.#log("DEBUG", `Requesting user event send: ${name}. Coalesced: ${options.coalesce ?? false}.`);
    return this.#parts.cluster.event(name, payload, options);
  }

  /** Asks the members, as `Cluster.query` does. */
  query(name: string, payload?: Uint8Array, options: QueryOptions = {}): Query {
    this.#log("DEBUG", `Requesting query send: ${name}.`);
    return this.#parts.cluster.query(name, payload, options);
  }

  /**
   * Removes some tags and sets others, here and in the file that keeps them. Resolves once the other members have been told.
   * Rejects as `Cluster.setTags`, or with why the file can't be written, and then nothing has changed.
   */
  async changeTags(set: ReadonlyMap<string, string>, remove: readonly string[] = []): Promise<void> {
    await this.#parts.tags.change(set, remove);
  }

  /** Has every member take a further key. The key is in base64; this and the others do what `cluster.keys` does. */
  async installKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating key installation");
    return this.#parts.cluster.keys.install(key);
  }

  /** Has every member seal with this key. */
  async useKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating primary key change");
    return this.#parts.cluster.keys.use(key);
  }

  /** Has every member forget this key. */
  async removeKey(key: string): Promise<KeyReport> {
    this.#log("INFO", "Initiating key removal");
    return this.#parts.cluster.keys.remove(key);
  }

  /** Which keys the members have. */
  async listKeys(): Promise<KeyReport> {
    this.#log("INFO", "Initiating key listing");
    return this.#parts.cluster.keys.list();
  }

  /**
   * The members that a filter matches, in slices that each take a turn of the event loop, so that nobody's expressions hold
   * it up. @throws SearchRefused, or the signal's reason
   */
  members(filter: SearchFilter, signal: AbortSignal): AsyncGenerator<readonly Member[], void, undefined> {
    return this.#search.find(filter, signal);
  }

  /** Where a member lies in the space of round trips; undefined as long as that is not known. */
  coordinate(name: string): Coordinate | undefined {
    return this.#parts.cluster.coordinate(name);
  }

  /** The agent as it stands. */
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

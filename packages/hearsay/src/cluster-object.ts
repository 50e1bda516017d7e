import type { Counters, Swim, SwimConfig } from "@hearsay/core";
import { type Coordinate, estimatedRttMs } from "@hearsay/core/serf";
import type { Duration } from "./base/durations.ts";
import { configError, flavourError, HearsayError, tooLargeError } from "./base/errors.ts";
import type { Metrics } from "./base/metrics.ts";
import { ClusterMembership } from "./cluster-membership.ts";
import type { MessagingCalls } from "./contract.ts";
import { LocalKeys } from "./crypto/local-keys.ts";
import { checkHandler, checkText } from "./forms/arguments.ts";
import { readCallOptions } from "./forms/call-options.ts";
import { flag, timer } from "./forms/plain-forms.ts";
import { option, type Rows } from "./forms/rows.ts";
import { type MemberTags, tagsFault, tagsToMeta } from "./members/member-tags.ts";
import type { Channel } from "./messaging/channel.ts";
import { type ChannelOptions, type HandlerOptions, MessagingService } from "./messaging/messaging-service.ts";
import { type RawMessage, RELIABLE_BYTES_MAX, readSendRaw, type SendRawOptions } from "./messaging/raw.ts";
import { RawHandlers } from "./messaging/raw-handlers.ts";
import type { RequestHandler } from "./messaging/request-handlers.ts";
import type { RequestOptions } from "./messaging/requests.ts";
import { URGENCY_CLASSES } from "./messaging/urgency.ts";
import type { NodeSettings, Platform } from "./node/settings.ts";
import { sendDatagram, sendReliable } from "./node/unicast.ts";
import { type DebugHandler, debugHandler } from "./observe/debug-handler.ts";
import { addMessagingMetrics } from "./observe/messaging-metrics.ts";
import { addSerfMetrics, type SerfStats, serfStats } from "./observe/serf-metrics.ts";
import type { Flavour } from "./options/cluster-options.ts";
import { type LiveTimingOptions, readLiveTimings } from "./options/live-timings.ts";
import { metaBytes } from "./options/meta.ts";
import { Ring, type RingHost, type RingOptions } from "./ring/ring.ts";
import { ClusterRuntime } from "./runtime/cluster-runtime.ts";
import { messagingHost, serfHost } from "./runtime/hosts.ts";
import { ClusterKeys } from "./serf/cluster-keys.ts";
import type { QueryOptions } from "./serf/outgoing-queries.ts";
import type { Query } from "./serf/query.ts";
import type { QueryHandler } from "./serf/query-handlers.ts";
import { SerfService } from "./serf/serf-service.ts";
import type { EventOptions, EventsOptions, UserEvent } from "./serf/user-event-feed.ts";

/** Counters and fill levels, for machines. Names may be added; existing ones keep their meaning. */
export interface Stats {
  readonly counters: Readonly<Counters>;
  readonly occupancy: Swim["occupancy"];
  readonly messaging: Readonly<Record<string, number>>;
  /** Counters of this node's transport, streams and log. */
  readonly node: Readonly<Record<string, number>>;
  /** Serf's clocks, queues and counters; null in the flavour `memberlist`. */
  readonly serf: SerfStats | null;
  /** Number of membership changes that this node has seen. */
  readonly version: number;
}

/** How to remove a member. */
export interface ForceLeaveOptions {
  /** Whether to forget the member at once. @defaultValue false */
  readonly prune?: boolean;
  /** Time limit for telling the others: milliseconds or text such as "5s". @defaultValue 5000 */
  readonly timeout?: Duration;
}

const FORCE_LEAVE_OPTIONS = {
  prune: option(flag, false),
  timeout: option(timer(), 5000),
} satisfies Rows<ForceLeaveOptions>;

/**
 * A cluster of any flavour. `createCluster` returns it as a `Cluster`, a `SerfCluster` or a `MemberlistCluster`, whose
 * types have only the calls of that flavour. From JavaScript, a call of another flavour throws `ERR_FLAVOUR` or
 * `ERR_EXTENSIONS_OFF`.
 */
export class ClusterObject extends ClusterMembership implements MessagingCalls {
  /** The keys of the pool; `local` holds this node's. */
  readonly keys: ClusterKeys;
  /** All metrics, in Prometheus's text format. An application can declare its own. */
  readonly metrics: Metrics;
  readonly #messaging: MessagingService;
  readonly #raw: RawHandlers;
  readonly #serf: SerfService | null;
  readonly #runtime: ClusterRuntime;

  private constructor(runtime: ClusterRuntime) {
    super(runtime);
    this.#runtime = runtime;
    this.metrics = runtime.metrics;
    const { keyring, keyFile } = runtime.settings;
    const localKeys = new LocalKeys(keyring, keyFile);
    const { messaging, serf } = runtime.node;
    this.#messaging = runtime.attach(new MessagingService(messagingHost(runtime), messaging));
    addMessagingMetrics(runtime.metrics, this.#messaging, messaging.messenger.counters);
    this.#raw = runtime.attach(new RawHandlers(runtime.guard("raw messages", "rawHandlersFailed")));
    this.#serf = serf === null ? null : runtime.attach(new SerfService(serfHost(runtime, serf), localKeys));
    this.keys = new ClusterKeys(localKeys, () => this.#serfOf("keys of the whole pool").keys);
    runtime.lifecycle.whenOver(() => runtime.node.timings.close());
    if (serf !== null && this.#serf !== null) addSerfMetrics(runtime.metrics, serf, this.#serf.counters);
  }

  /** Internal: use `createCluster`. */
  static async open(settings: NodeSettings, platform: Platform): Promise<ClusterObject> {
    const runtime = await ClusterRuntime.open(settings, platform);
    const cluster = new ClusterObject(runtime);
    await runtime.start();
    return cluster;
  }

  /** The kind of pool. */
  get flavour(): Flavour {
    return this.#runtime.settings.flavour;
  }

  /** The protocol's settings at this moment, with times in milliseconds. */
  get timings(): SwimConfig {
    return Object.freeze({ ...this.#runtime.node.timings.current });
  }

  /**
   * Changes settings of the protocol on this node. No value changes by more than a factor of two at once, and each step
   * stays for 10 s, so that a mistake shows before it is complete; the first step is taken at once, unless another one
   * was taken within that time. Ticks take a new interval when they are next due. Resolves once every value is where it was to go, or the node has ended.
   *
   * @throws HearsayError `ERR_CONFIG`, also for settings that are read at the start only, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async setTimings(timings: LiveTimingOptions): Promise<void> {
    const { lifecycle, node } = this.#runtime;
    lifecycle.assertRunning();
    await node.timings.change(readLiveTimings(timings, node.timings.current, "setTimings"));
  }

  /** Checks timings without setting them: throws the `ERR_CONFIG` that `setTimings` would reject with. */
  checkTimings(timings: LiveTimingOptions): void {
    readLiveTimings(timings, this.#runtime.node.timings.current, "checkTimings");
  }

  /**
   * Replaces this node's tags, which all members see as its `tags`. Resolves once the others have been told, or if
   * there are none.
   *
   * @throws HearsayError `ERR_TAGS_TOO_LARGE`, `ERR_FLAVOUR`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async setTags(tags: MemberTags): Promise<void> {
    await this.#runtime.setMeta(this.#metaOf(tags));
  }

  /** Checks tags without setting them: throws what `setTags` would reject with. */
  checkTags(tags: MemberTags): void {
    this.#metaOf(tags);
  }

  /**
   * Broadcasts a user event in Serf's protocol to every member, this node included. Each member hears it once; a member
   * that missed the rumor gets it with the next push/pull. Events may arrive in any order: their Lamport times order
   * them. Returns the event's Lamport time.
   *
   * @throws HearsayError `ERR_MESSAGE_TOO_LARGE` (512 bytes unless configured), `ERR_FLAVOUR`, `ERR_CONFIG`,
   * `ERR_CLOSED`, `ERR_LEAVING`
   */
  event(name: string, payload?: Uint8Array | string, options?: EventOptions): number {
    return this.#serfOf("user events").events.fire(name, payload, options);
  }

  /**
   * Calls `handler` for each user event of a name, or of any name for "*", in the turn in which it arrives. Returns a
   * function that removes the handler. Errors of the handler are logged and counted.
   *
   * @throws HearsayError `ERR_FLAVOUR`
   */
  onEvent(name: string, handler: (event: UserEvent) => unknown): () => void {
    return this.#serfOf("user events").events.on(name, handler);
  }

  /**
   * Iterates over the user events from now on. The iteration ends when the cluster closes, and throws if it fails.
   * @throws HearsayError `ERR_CONFIG`, and as `onEvent`
   */
  events(options?: EventsOptions): AsyncIterableIterator<UserEvent, undefined, undefined> {
    return this.#serfOf("user events").events.events(options);
  }

  /**
   * Asks the members, this node included, and yields their answers as they arrive, until all have answered or the time
   * is over. Names that begin with `_serf_` are reserved for Serf. Only `_serf_ping` can be asked, without a payload:
   * members acknowledge it, with `ack`, and don't answer.
   *
   * @throws HearsayError `ERR_MESSAGE_TOO_LARGE` (1,024 bytes unless configured), `ERR_BUSY` (1,024 queries under way),
   * `ERR_ABORTED`, `ERR_FLAVOUR`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  query(name: string, payload?: Uint8Array | string, options: QueryOptions = {}): Query {
    return this.#serfOf("queries").queries.ask(name, payload, options);
  }

  /**
   * Answers queries of a name with what `handler` returns; "*" stands for all names without a handler. Returns a
   * function that removes the handler. @throws HearsayError `ERR_FLAVOUR`, `ERR_CONFIG` if the name has a handler
   */
  onQuery(name: string, handler: QueryHandler): () => void {
    return this.#serfOf("queries").handlers.add(name, handler);
  }

  /**
   * The network coordinate of a member, by default of this node; undefined while it is unknown.
   *
   * @throws HearsayError `ERR_FLAVOUR`
   */
  coordinate(name?: string): Coordinate | undefined {
    this.#serfOf("coordinates");
    if (name !== undefined) checkText(name, "name", "coordinate");
    return this.#runtime.node.serf?.coordinate(name);
  }

  /**
   * The estimated round trip between two members in milliseconds, even if they never communicated; undefined while a
   * coordinate is unknown. `to` defaults to this node. @throws HearsayError `ERR_FLAVOUR`
   */
  distance(from: string, to: string = this.self.name): number | undefined {
    const one = this.coordinate(from);
    const other = this.coordinate(to);
    return one === undefined || other === undefined ? undefined : estimatedRttMs(one, other);
  }

  /**
   * Marks a failed member as left on all members, so that nobody tries to reconnect to it; with `prune` it is forgotten
   * at once. A live member refutes this and stays. Resolves once the others have been told, or if there are none.
   *
   * @throws HearsayError `ERR_TIMEOUT`, `ERR_FLAVOUR`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async forceLeave(name: string, options?: ForceLeaveOptions): Promise<void> {
    const { lifecycle, platform } = this.#runtime;
    lifecycle.assertRunning();
    this.#serfOf("removal of members");
    checkText(name, "name", "forceLeave");
    const { prune, timeout: timeoutMs } = readCallOptions("forceLeave", FORCE_LEAVE_OPTIONS, options);
    const what = `telling the others of the removal of ${JSON.stringify(name)}`;
    await new Promise<void>((resolve, reject) => {
      const text = `${what} took longer than ${timeoutMs} ms`;
      const cancelTimer = platform.clock.after(timeoutMs, () =>
        reject(new HearsayError("ERR_TIMEOUT", text, { what, timeoutMs })),
      );
      void this.#runtime.forceLeave(name, prune).then(() => {
        cancelTimer();
        resolve();
      });
    });
  }

  /**
   * A ring that assigns keys to members, by this node's view of the members. Nodes that create it with the same name
   * and options and have equal views give equal answers. A ring costs nothing until it is used.
   *
   * @throws HearsayError `ERR_CONFIG`
   */
  ring(name: string, options: RingOptions = {}): Ring {
    const { feed, node } = this.#runtime;
    const host: RingHost = {
      name: node.name,
      version: () => feed.version,
      members: () => this.members(),
      member: (one) => this.member(one),
      batches: (batchMs, following) => feed.batches(batchMs, following),
    };
    return new Ring(host, name, options);
  }

  channel<T>(name: string, options?: ChannelOptions<T>): Channel<T> {
    return this.#messaging.channel<T>(name, options);
  }

  async request<T, R>(member: string, name: string, payload: T, options?: RequestOptions<T, R>): Promise<R> {
    this.#runtime.lifecycle.assertRunning();
    return this.#messaging.request<T, R>(member, name, payload, options);
  }

  onRequest<T, R>(name: string, handler: RequestHandler<T, R>, options?: HandlerOptions<T, R>): () => void {
    return this.#messaging.onRequest<T, R>(name, handler, options);
  }

  /**
   * Sends bytes as plain memberlist nodes do, without Hearsay's envelope: to one member, or to all by gossip. Receivers
   * don't forward them. Only in the flavour `memberlist`: Serf agents would read them as Serf messages.
   *
   * @throws HearsayError `ERR_MESSAGE_TOO_LARGE` (what one packet carries, or 12 MiB over a stream),
   * `ERR_UNKNOWN_MEMBER`, `ERR_BUSY` (too much is being sent over streams), `ERR_FLAVOUR`, `ERR_CONFIG`, `ERR_CLOSED`,
   * `ERR_LEAVING`
   */
  sendRaw(payload: Uint8Array, options?: SendRawOptions): void {
    const { lifecycle, node } = this.#runtime;
    lifecycle.assertRunning();
    this.#assertMemberlist("raw messages");
    const { to, reliable, urgency } = readSendRaw(payload, options);
    const limitBytes = reliable ? RELIABLE_BYTES_MAX : node.swim.payloadBytesMax;
    if (payload.length > limitBytes) {
      throw tooLargeError({ what: "the raw message", sizeBytes: payload.length, limitBytes });
    }
    if (to === null) {
      return this.#runtime.broadcast(payload, URGENCY_CLASSES[urgency]);
    }
    const sent = reliable ? sendReliable(node, to, payload) : sendDatagram(node, to, payload);
    if (sent instanceof HearsayError) throw sent;
  }

  /** Calls `handler` for each raw message. Returns a function that removes it. @throws HearsayError `ERR_FLAVOUR` */
  onRaw(handler: (message: RawMessage) => void): () => void {
    this.#assertMemberlist("raw messages");
    checkHandler(handler, "onRaw");
    return this.#raw.on(handler);
  }

  /**
   * Replaces this node's metadata, which all members see as its `meta`. Only in the flavour `memberlist`; in the others
   * the metadata encodes the tags. Resolves once the others have been told, or if there are none.
   *
   * @throws HearsayError `ERR_META_TOO_LARGE` above 512 bytes, or above what a packet carries if `packetBytes` is
   * small; `ERR_FLAVOUR`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async setMeta(meta: Uint8Array | string): Promise<void> {
    this.#runtime.lifecycle.assertRunning();
    this.#assertMemberlist("metadata of the application's own");
    const limitBytes = this.#runtime.node.metaBytesMax;
    const bytes = metaBytes(meta);
    if (bytes === null) throw configError([{ key: "meta", value: meta, allowed: "text or a Uint8Array" }]);
    if (bytes.length > limitBytes) {
      const text = `the metadata has ${bytes.length} bytes; at most ${limitBytes} are possible`;
      throw new HearsayError("ERR_META_TOO_LARGE", text, { sizeBytes: bytes.length, limitBytes });
    }
    await this.#runtime.setMeta(bytes);
  }

  /** This node's counters and fill levels. */
  stats(): Stats {
    const { swim, serf, messaging: layer } = this.#runtime.node;
    const messaging = { ...layer.messenger.counters, ...this.#messaging.counters };
    return {
      counters: { ...swim.counters },
      occupancy: swim.occupancy,
      messaging,
      node: { ...this.#runtime.counters },
      serf: serf === null ? null : serfStats(serf, this.#serf?.counters ?? {}),
      version: this.#runtime.feed.version,
    };
  }

  /** A handler for `node:http` that shows members, causes, this node and metrics. Read-only; never shows keys. */
  debugHandler(): DebugHandler {
    return debugHandler(this, (after, limit) => this.#runtime.node.roster.page(after, limit));
  }

  /** Tags as this node announces them. */
  #metaOf(tags: MemberTags): Uint8Array {
    const { lifecycle, settings, node } = this.#runtime;
    lifecycle.assertRunning();
    this.#serfOf("tags");
    const fault = tagsFault(tags);
    if (fault !== null) throw configError([{ key: "tags", value: tags, allowed: fault }]);
    const limitBytes = node.metaBytesMax;
    const meta = tagsToMeta(tags, settings.serf?.capabilities ?? 0);
    if (meta === null || meta.length > limitBytes) {
      throw new HearsayError("ERR_TAGS_TOO_LARGE", `the tags have more than ${limitBytes} bytes, encoded`, {
        limitBytes,
      });
    }
    return meta;
  }

  /** Serf's part of this node. */
  #serfOf(feature: string): SerfService {
    if (this.#serf !== null) return this.#serf;
    throw flavourError(feature, this.#runtime.settings.flavour);
  }

  #assertMemberlist(feature: string): void {
    const { flavour } = this.#runtime.settings;
    if (flavour !== "memberlist") throw flavourError(feature, flavour);
  }
}

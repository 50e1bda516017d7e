import type { Cause, Counters, MemberStatus, Swim } from "@hearsay/core";
import { Messenger } from "@hearsay/core/messaging";
import type { Change, ChangeBatch, ChangesOptions, Snapshot } from "./changes/change-feed.ts";
import { ClusterKeys } from "./crypto/cluster-keys.ts";
import { checkedTargets } from "./discovery/targets.ts";
import { configError, HearsayError, tooLargeError } from "./errors.ts";
import type { Member } from "./member.ts";
import type { Channel } from "./messaging/channel.ts";
import type { MessagingHost } from "./messaging/host.ts";
import { type ChannelOptions, type HandlerOptions, Messaging } from "./messaging/messaging.ts";
import {
  checkSendRaw,
  RAW_CLASSES,
  type RawMessage,
  RELIABLE_BYTES_MAX,
  type SendRawOptions,
} from "./messaging/raw.ts";
import type { RequestHandler } from "./messaging/request-handlers.ts";
import type { RequestOptions } from "./messaging/requests.ts";
import { Conductor } from "./node/conductor.ts";
import { joinError } from "./node/join-error.ts";
import type { ClosedReason, ClusterState } from "./node/lifecycle.ts";
import type { JoinReport } from "./node/seed-keeper.ts";
import type { NodeSettings, Platform } from "./node/settings.ts";
import { sendDatagram, sendReliable } from "./node/unicast.ts";
import { type DebugHandler, debugHandler } from "./observe/debug-handler.ts";
import { type LoopDelay, LoopDelayMonitor } from "./observe/loop-delay.ts";
import { addMessagingMetrics } from "./observe/messaging-metrics.ts";
import { checkedDuration, type Duration } from "./options/durations.ts";
import { metaBytes } from "./options/meta.ts";
import { checkSignal } from "./signals.ts";

/** What to wait for. */
export interface ReadyOptions {
  /** Members that must be present, this node included. @defaultValue 1 */
  readonly members?: number;
  readonly signal?: AbortSignal;
}

/** How to say goodbye. */
export interface LeaveOptions {
  /** Longest time to spend on telling the others: milliseconds or text such as "5s". @defaultValue 5000 */
  readonly timeoutMs?: Duration;
  /** Ends the telling early; the node closes in any case. */
  readonly signal?: AbortSignal;
}

/** Which members to list. */
export interface MembersFilter {
  /** @defaultValue alive and suspect: everybody who is not known to be gone */
  readonly status?: MemberStatus | readonly MemberStatus[];
}

/** How well this node does. */
export interface Health {
  readonly state: ClusterState;
  /** How much this node distrusts itself: 0 is healthy, each point stretches its probes by one interval. */
  readonly score: number;
  /** How late this process's event loop was since the last look. */
  readonly loopDelay: LoopDelay;
  /** In words, what is wrong; null if nothing is. */
  readonly reason: string | null;
}

/** Counters and fill levels, for machines; names may grow in number but keep their meaning. */
export interface Stats {
  readonly counters: Readonly<Counters>;
  readonly occupancy: Swim["occupancy"];
  readonly messaging: Readonly<Record<string, number>>;
  /** Changes of membership that this node has seen. */
  readonly version: number;
}

const LEAVE_TIMEOUT_MS = 5000;

/**
 * One node's membership of a cluster. Made by `createCluster`.
 *
 * States: `starting`, then `alone` or `joined` and back as others come and go, `leaving`, and at the end `closed` or
 * `failed`. `closed` settles once with the reason; after it nothing of the cluster runs on.
 */
export class Cluster {
  /** Settles when the cluster has ended, and never rejects. */
  readonly closed: Promise<ClosedReason>;
  /** This node's keys: list, add, use, remove. */
  readonly keys: ClusterKeys;
  /** Everything that is counted, in Prometheus's text format. */
  readonly metrics: { prometheus(): string };
  readonly #conductor: Conductor;
  readonly #messaging: Messaging;
  readonly #messenger: Messenger;
  readonly #loopDelay = new LoopDelayMonitor();
  readonly #rawHandlers = new Set<(message: RawMessage) => void>();

  private constructor(conductor: Conductor) {
    this.#conductor = conductor;
    this.closed = conductor.lifecycle.closed;
    this.metrics = conductor.metrics;
    const { keyring, keyFile } = conductor.settings;
    this.keys = new ClusterKeys(keyring, keyFile);
    this.#messenger = new Messenger({ name: conductor.node.name, bootId: conductor.platform.randomBytes(8) });
    this.#messaging = new Messaging(this.#messagingHost(), this.#messenger);
    addMessagingMetrics(conductor.metrics, this.#messaging, this.#messenger.counters);
    conductor.onUserMessage = (payload, from, reliable) => {
      if (!this.#messaging.deliver(payload, from, reliable)) this.#deliverRaw(payload, from.key, reliable);
    };
    conductor.onJoined = (name) => this.#messaging.joined(name);
    conductor.onEnd = (error) => {
      this.#loopDelay.stop();
      this.#messaging.close(error);
    };
    this.#loopDelay.start();
  }

  /** Internal: use `createCluster`. */
  static async open(settings: NodeSettings, platform: Platform): Promise<Cluster> {
    return new Cluster(await Conductor.open(settings, platform));
  }

  /** What this cluster is doing now. */
  get state(): ClusterState {
    return this.#conductor.lifecycle.state;
  }

  /** This node's name in the cluster. */
  get name(): string {
    return this.#conductor.node.name;
  }

  /** Where others reach this node, `host:port`. */
  get address(): string {
    return this.#conductor.node.address.key;
  }

  /** Everybody who is not known to be gone, this node included, in order of their names; or those of some statuses. */
  members(filter: MembersFilter = {}): Member[] {
    const wanted = filter.status ?? ["alive", "suspect"];
    return this.#conductor.node.members().filter(({ status }) => wanted === status || wanted.includes(status));
  }

  /** One member by its name, whatever its status; undefined if it is not known, or not any more. */
  member(name: string): Member | undefined {
    const view = this.#conductor.node.swim.member(name);
    return view === undefined ? undefined : this.#conductor.node.member(view);
  }

  /** A snapshot of the members, then each change. A reader that falls behind gets a new snapshot, so no state is lost. */
  changes(options?: ChangesOptions): AsyncGenerator<Snapshot | Change, void, undefined>;
  /**
   * A snapshot, then batches: what happened within `batchMs`, milliseconds or text such as "500ms", of a first change,
   * reduced to its net result.
   */
  changes(
    options: ChangesOptions & { readonly batchMs: Duration },
  ): AsyncGenerator<Snapshot | ChangeBatch, void, undefined>;
  changes(
    options: ChangesOptions & { readonly batchMs?: Duration } = {},
  ): AsyncGenerator<Snapshot | Change | ChangeBatch, void, undefined> {
    const { feed } = this.#conductor;
    return options.batchMs === undefined ? feed.follow(options) : feed.batches(options.batchMs, options);
  }

  /**
   * Resolves once this node has joined, if there is anybody to join, and sees `members` members. It waits for as long as
   * it takes; bring a signal to give up. Rejects when the cluster ends first: with the reason if it failed, or else with
   * `ERR_CLOSED`.
   */
  ready(options: ReadyOptions = {}): Promise<void> {
    const { members = 1, signal } = options;
    const conductor = this.#conductor;
    const isReady = (): boolean => conductor.isReady && conductor.presentCount >= members;
    return conductor.lifecycle.until(isReady, "waiting for the cluster", signal);
  }

  /**
   * Joins by further targets, `[name/]host[:port]` each, besides those of the options. An abort, and a leave, end what is
   * under way; only a peer that has read this node's state already may still bring it in.
   *
   * @throws HearsayError `ERR_JOIN_SILENT` (label or key mismatch?), `ERR_JOIN_FAILED` with each target's reason,
   * `ERR_ABORTED`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async join(
    targets: string | readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JoinReport> {
    const { lifecycle, seeds, settings } = this.#conductor;
    lifecycle.assertRunning();
    const report = await seeds.join(checkedTargets(targets), options.signal);
    checkSignal(options.signal, "joining");
    lifecycle.assertRunning();
    const error = joinError(report, settings);
    if (error !== null) throw error;
    return report;
  }

  /**
   * Says goodbye, so that the others take it for left and not for failed, and closes. Idempotent: each call resolves once
   * the cluster has ended, and the first time limit or signal of them all ends the telling.
   *
   * @throws HearsayError `ERR_CONFIG`, and then nothing has happened
   */
  async leave(options: LeaveOptions = {}): Promise<void> {
    const timeoutMs = checkedDuration("timeoutMs", options.timeoutMs ?? LEAVE_TIMEOUT_MS);
    await this.#conductor.leave(timeoutMs, options.signal);
  }

  /** Closes without a word: the others will find this node to have failed. Idempotent. */
  close(): Promise<void> {
    return this.#conductor.end(null);
  }

  /** `await using` leaves. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** Leaves when the process gets one of these signals. Nothing listens for signals unless it is asked to. */
  leaveOn(...signals: NodeJS.Signals[]): void {
    const onSignal = (): void => void this.leave();
    for (const signal of signals) process.once(signal, onSignal);
    void this.closed.then(() => {
      for (const signal of signals) process.removeListener(signal, onSignal);
    });
  }

  /** A named stream of messages from any member to all others. Needs `extensions: "all"`. */
  channel<T = unknown>(name: string, options?: ChannelOptions<T>): Channel<T> {
    return this.#messaging.channel<T>(name, options);
  }

  /**
   * Asks one member by name and resolves to its handler's answer. Needs `extensions: "all"`. After a timeout or an abort
   * the handler may have run or not; a request that was still waiting to be sent is withdrawn. What the codec throws is
   * passed on as it is.
   *
   * @throws HearsayError `ERR_UNKNOWN_MEMBER`, `ERR_NO_HANDLER`, `ERR_HANDLER_FAILED` (with the handler's message),
   * `ERR_TIMEOUT`, `ERR_ABORTED`, `ERR_MESSAGE_TOO_LARGE` (8 MiB), `ERR_BUSY` (1,024 requests under way, or too much on
   * its way to that member), `ERR_CONFIG` (also for a codec that makes anything but bytes), `ERR_EXTENSIONS_OFF`,
   * `ERR_CLOSED`, `ERR_LEAVING`
   */
  async request<R = unknown, T = unknown>(
    member: string,
    name: string,
    payload: T,
    options?: RequestOptions<T, R>,
  ): Promise<R> {
    this.#conductor.lifecycle.assertRunning();
    return this.#messaging.request<R, T>(member, name, payload, options);
  }

  /** Answers requests of a name. Returns a function that ends it. Needs `extensions: "all"`. */
  onRequest<T = unknown, R = unknown>(
    name: string,
    handler: RequestHandler<T, R>,
    options?: HandlerOptions<T, R>,
  ): () => void {
    return this.#messaging.onRequest<T, R>(name, handler, options);
  }

  /**
   * Sends bytes as plain memberlist nodes do, without Hearsay's envelope: to one member, or to all by gossip. Receivers
   * don't pass them on by themselves.
   *
   * @throws HearsayError `ERR_MESSAGE_TOO_LARGE` (one packet's worth, or 12 MiB over a stream), `ERR_UNKNOWN_MEMBER`,
   * `ERR_BUSY` (too much on its way over streams), `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  sendRaw(payload: Uint8Array, options: SendRawOptions = {}): void {
    const { lifecycle, node } = this.#conductor;
    lifecycle.assertRunning();
    const { to, reliable = false, urgency = "normal" } = options;
    checkSendRaw(payload, options);
    const limitBytes = reliable ? RELIABLE_BYTES_MAX : node.swim.payloadBytesMax;
    if (payload.length > limitBytes) {
      throw tooLargeError({ what: "the raw message", sizeBytes: payload.length, limitBytes });
    }
    if (to === undefined) return this.#conductor.broadcast(payload, RAW_CLASSES[urgency], null);
    const sent = reliable ? sendReliable(node, to, payload) : sendDatagram(node, to, payload);
    if (sent instanceof HearsayError) throw sent;
  }

  /** Calls `handler` for each raw message. Returns a function that ends it. */
  onRaw(handler: (message: RawMessage) => void): () => void {
    // An entry of its own, so that a handler given twice is called twice.
    const entry = (message: RawMessage): void => handler(message);
    this.#rawHandlers.add(entry);
    return () => this.#rawHandlers.delete(entry);
  }

  /**
   * Replaces this node's metadata, which every member's `meta` shows. Resolves once the others have been told, or there
   * is nobody left to tell.
   *
   * @throws HearsayError `ERR_META_TOO_LARGE` above 512 bytes, or above what a packet carries if `packetBytes` is small;
   * `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async setMeta(meta: Uint8Array | string): Promise<void> {
    this.#conductor.lifecycle.assertRunning();
    const limitBytes = this.#conductor.node.metaBytesMax;
    const bytes = metaBytes(meta);
    if (bytes === null) throw configError([{ key: "meta", value: meta, allowed: "text or a Uint8Array" }]);
    if (bytes.length > limitBytes) {
      const text = `the metadata has ${bytes.length} bytes; at most ${limitBytes} are possible`;
      throw new HearsayError("ERR_META_TOO_LARGE", text, { sizeBytes: bytes.length, limitBytes });
    }
    await this.#conductor.setMeta(bytes);
  }

  /** Why a member is what it is: who accused it, by which path, who confirmed, who refuted, when. Oldest first. */
  explain(name: string): readonly Cause[] {
    const { node } = this.#conductor;
    return node.swim.explain(name).map((cause) => node.cause(cause));
  }

  /** How well this node does. Reading starts a new measurement of the loop's delay, which all readers share. */
  health(): Health {
    const { swim } = this.#conductor.node;
    const loopDelay = this.#loopDelay.read();
    const reason = healthReason(this.state, swim.awareness, loopDelay);
    return { state: this.state, score: swim.awareness, loopDelay, reason };
  }

  /** What this node has counted, and how full it is. */
  stats(): Stats {
    const { swim } = this.#conductor.node;
    const messaging = { ...this.#messenger.counters, ...this.#messaging.counters };
    return {
      counters: { ...swim.counters },
      occupancy: swim.occupancy,
      messaging,
      version: this.#conductor.feed.version,
    };
  }

  /** A handler for `node:http` that shows members, causes, health and metrics. Read-only; never shows keys. */
  debugHandler(): DebugHandler {
    return debugHandler(this);
  }

  #deliverRaw(payload: Uint8Array, from: string, reliable: boolean): void {
    if (this.#rawHandlers.size === 0) return;
    const message: RawMessage = { payload: new Uint8Array(payload), from, reliable };
    const onError = (error: unknown): void =>
      this.#conductor.log.repeated("raw", "error", "a handler of raw messages failed", { error });
    for (const handler of [...this.#rawHandlers]) {
      try {
        const result: unknown = handler(message);
        if (result instanceof Promise) result.catch(onError);
      } catch (error) {
        onError(error);
      }
    }
  }

  #messagingHost(): MessagingHost {
    const conductor = this.#conductor;
    const { clock } = conductor.platform;
    return {
      extensionsOn: conductor.settings.extensions,
      payloadBytesMax: conductor.node.swim.payloadBytesMax,
      messagesMax: conductor.settings.messagesMax,
      // What peers can cause at will is said once in a while for each text.
      logger: { warn: (text, facts) => conductor.log.repeated(text, "warn", text, facts) },
      nowMs: () => clock.wallNow(),
      elapsedMs: () => clock.now(),
      broadcast: (bytes, { rumorClass, source }) => {
        if (source === null) conductor.lifecycle.assertRunning();
        conductor.broadcast(bytes, rumorClass, source);
      },
      sendReliable: (to, bytes) => sendReliable(conductor.node, to, bytes),
      setTimer: (ms, fn) => clock.after(ms, fn),
    };
  }
}

function healthReason(state: ClusterState, score: number, { p99Ms }: LoopDelay): string | null {
  if (state === "failed") return "the cluster has failed";
  if (p99Ms >= 250) return `this process's event loop is late by up to ${Math.round(p99Ms)} ms`;
  return score > 0 ? "probes of this node fail, or others accuse it: look at its network and load" : null;
}

import { type Address, BULK, type CoreEvent, type JoinFinished, type RumorClass } from "@hearsay/core";
import { HearsayError, isHearsayError } from "../base/errors.ts";
import { HandlersAtWork } from "../base/handlers-at-work.ts";
import { Lifecycle } from "../base/lifecycle.ts";
import type { HandlerGuard } from "../base/listeners.ts";
import { Log } from "../base/logger.ts";
import { messageOf } from "../base/message-of.ts";
import { Metrics } from "../base/metrics.ts";
import { ChangeFeed } from "../members/change-feed.ts";
import { invariantError, type Node, openNode } from "../node/node.ts";
import type { Service } from "../node/service.ts";
import { type NodeSettings, type Platform, seededRandom } from "../node/settings.ts";
import { ClusterMetrics } from "../observe/cluster-metrics.ts";
import { EventLog } from "../observe/event-log.ts";
import { KeyAdvice } from "../observe/key-advice.ts";
import { type HandlerFailures, type NodeCounters, nodeCounters } from "../observe/node-counters.ts";
import { type FoundSnapshot, findSnapshot, SnapshotKeeper } from "../snapshot/snapshot-keeper.ts";
import { Ending } from "./ending.ts";
import { FormerMembers } from "./former-members.ts";
import { joinError } from "./join-error.ts";
import { nameHeldError, nameRememberedError } from "./name-in-use.ts";
import { RumorWaiters } from "./rumor-waiters.ts";
import { type JoinReport, SeedKeeper } from "./seed-keeper.ts";

/** How long after its first join a node still fails if its name turns out to be in use. */
const NAME_CHECK_MS = 10_000;

/** How long running joins may continue when a node that knows no other member leaves. */
const LAST_JOINS_MS = 1000;

/**
 * One node in a cluster: its seeds, its status, its end, and the attached services. Every core event passes through
 * here: first to the services, in the order in which they were attached; then it may change the status.
 */
export class ClusterRuntime {
  readonly settings: NodeSettings;
  readonly platform: Platform;
  readonly lifecycle: Lifecycle = new Lifecycle();
  readonly log: Log;
  readonly metrics: Metrics;
  readonly node: Node;
  readonly seeds: SeedKeeper;
  readonly feed: ChangeFeed;
  /** The application's running asynchronous handlers. */
  readonly handlersAtWork: HandlersAtWork = new HandlersAtWork();
  readonly handlerFailures: HandlerFailures = { memberHandlersFailed: 0, rawHandlersFailed: 0 };
  readonly ending: Ending;
  readonly #keyAdvice: KeyAdvice;
  readonly #former: FormerMembers;
  readonly #eventLog: EventLog;
  readonly #rumorWaiters = new RumorWaiters();
  readonly #services: Service[] = [];
  #snapshot: SnapshotKeeper | null = null;
  #hasJoined = false;
  /** All targets lead to this node itself, as on the first of several seeds. */
  #isSoleTarget = false;
  /** When this node first met others, by its own join or by theirs. */
  #joinedAt = Number.POSITIVE_INFINITY;

  private constructor(settings: NodeSettings, platform: Platform, node: Node, found: FoundSnapshot | null) {
    this.settings = settings;
    this.platform = platform;
    this.node = node;
    this.log = new Log(settings.logger, { now: () => platform.clock.now(), fields: { node: node.name } });
    this.#keyAdvice = new KeyAdvice({
      log: this.log,
      isEncrypted: settings.keyring !== null,
      keyFile: settings.keyFile,
      isAlone: () => node.roster.presentCount <= 1,
    });
    this.#eventLog = new EventLog(this.log, this.#keyAdvice, node.serf);
    this.metrics = new Metrics(settings.metrics.prefix);
    this.feed = new ChangeFeed({
      clock: platform.clock,
      roster: node.roster,
      settled: (act) => node.driver.settled(act),
      queueMax: settings.limits.changesMax,
    });
    this.#former = formerMembers(platform, node, found);
    const { feed, handlersAtWork: handlers } = this;
    const metrics = new ClusterMetrics(this.metrics, { node, counters: () => this.counters, feed, handlers });
    this.seeds = new SeedKeeper({
      targets: settings.join,
      former: this.#former,
      isKnown: (name) => node.roster.view(name) !== undefined,
      onForgotten: (names) => this.#snapshot?.forget(names),
      resolve: settings.resolve,
      clock: platform.clock,
      random: seededRandom(platform),
      healIntervalMs: settings.timings.healIntervalMs,
      join: (token, targets, replays) => this.#join(token, targets, replays),
      cancelJoin: (token) => node.driver.run((now) => node.swim.cancelJoin(now, token, node.driver)),
      own: node.ownKeys,
      reached: () => this.#reached(),
      onReport: (report) => this.#reported(report),
    });
    this.ending = this.#newEnding();
    this.attach(this.#eventLog);
    this.attach(node.roster);
    this.attach(metrics);
    this.attach(feed);
  }

  /**
   * Binds a node, which `start` then starts. Rejects with the transport's error, also one that it reports before the
   * node runs, with `ERR_SNAPSHOT`, or with `ERR_CONFIG` if no address can be advertised.
   */
  static async open(settings: NodeSettings, platform: Platform): Promise<ClusterRuntime> {
    let runtime: ClusterRuntime | null = null;
    let earlyFailure: HearsayError | null = null;
    const wanted = settings.serf?.snapshot ?? null;
    const found = wanted === null ? null : await findSnapshot(wanted);
    const node = await openNode(settings, found?.replay ?? null, platform, {
      event: (event) => {
        if (runtime !== null) runtime.#handle(event);
      },
      streamRefused: (from, reason) => {
        if (runtime !== null) runtime.#eventLog.refused(from.host, from.key, reason);
      },
      acceptFailed: ({ message }) =>
        runtime?.log.repeated("accept", "warn", "a peer's stream can't be taken", { error: message }),
      broken: (error) => {
        earlyFailure ??= error;
        void runtime?.ending.end(error);
      },
    }).catch(async (error: unknown) => {
      // An error on closing would hide the first one.
      await settings.transport.close().catch(() => {});
      throw error;
    });
    runtime = new ClusterRuntime(settings, platform, node, found);
    const snapshotFailure = found === null ? null : await runtime.#openSnapshot(found);
    earlyFailure ??= snapshotFailure;
    if (earlyFailure === null) return runtime;
    await runtime.ending.end(earlyFailure);
    throw earlyFailure;
  }

  /** Keeps this node safe from the application's handlers of `what`. */
  guard(what: string, counter: keyof HandlerFailures): HandlerGuard<unknown> {
    return {
      atWork: this.handlersAtWork,
      failed: (error) => {
        this.handlerFailures[counter]++;
        this.log.repeated(`${counter} ${messageOf(error)}`, "warn", `a handler of ${what} failed`, { error });
      },
    };
  }

  /** Attaches a service, which gets all events of the core from now on. */
  attach<T extends Service>(service: T): T {
    this.#services.push(service);
    return service;
  }

  /**
   * Starts the node and the search for the others. Call it once, after all services are attached. Rejects if the node
   * fails before or during the start.
   */
  async start(): Promise<void> {
    if (!this.lifecycle.isEnding) this.#begin();
    if (!this.lifecycle.isEnding) return;
    const { cause } = await this.lifecycle.closed;
    throw cause ?? this.lifecycle.closedError();
  }

  #begin(): void {
    const { settings, node, log } = this;
    for (const caution of [...settings.cautions, ...node.cautions]) log.warn(caution, { address: node.address.key });
    this.#sayWhomItMisses();
    // The application's logger and transport are called here, and may have ended the cluster.
    if (!this.lifecycle.isEnding) node.driver.start();
    if (this.lifecycle.isEnding) return;
    this.lifecycle.enter("alone");
    this.seeds.start();
  }

  /** Whether this node has found the others, or has none to look for. Members from a snapshot are looked for, too. */
  get isReady(): boolean {
    const hasFound = this.#hasJoined || this.node.roster.presentCount > 1;
    return hasFound || !this.seeds.isSeeking || (this.#isSoleTarget && this.#former.size === 0);
  }

  /** The counters of this node's host. */
  get counters(): NodeCounters {
    return nodeCounters({ ...this, streams: this.node.streams, transport: this.settings.transport });
  }

  #handle(event: CoreEvent): void {
    if (event.type === "member") this.#settleStatus(); // before the application's handlers, which may look at it
    for (const service of this.#services) service.handle(event);
    switch (event.type) {
      case "join-finished":
        return this.#joinFinished(event);
      case "rumor-finished":
        return this.#rumorWaiters.finished(event.token);
      case "leave-finished":
        return this.ending.told();
      case "notice":
        if (event.notice.kind === "isolated") this.seeds.hurry();
        else if (event.notice.kind === "name-in-use") this.#nameInUse(event.notice.name, event.notice.address);
    }
  }

  /** Broadcasts the application's own bytes to all members, which don't forward them. */
  broadcast(bytes: Uint8Array, rumorClass: RumorClass): void {
    const { driver, swim } = this.node;
    const isEager = rumorClass !== BULK;
    driver.run((now) => swim.broadcast(now, bytes, { rumorClass, isEager }, driver));
  }

  /** Replaces the metadata; resolves once the others have been told, or if there are none. */
  setMeta(meta: Uint8Array): Promise<void> {
    const { driver, swim } = this.node;
    return this.#untilTold((token) => driver.run((now) => swim.setMeta(now, token, meta, driver)));
  }

  /** Marks a failed member as left; resolves as `setMeta` does. */
  forceLeave(name: string, prune: boolean): Promise<void> {
    const { driver, serf } = this.node;
    if (serf === null) return Promise.resolve();
    return this.#untilTold((token) => driver.run((now) => serf.forceLeave(now, token, name, prune, driver)));
  }

  /** Resolves once the rumor that `begin` starts under its token has been told, or if there are no others. */
  async #untilTold(begin: (token: number) => void): Promise<void> {
    const told = this.#rumorWaiters.until(begin);
    // The cluster's end and the loss of the last other member settle the remaining waits.
    if (this.node.roster.presentCount <= 1) this.#rumorWaiters.settle();
    await told;
  }

  #newEnding(): Ending {
    const { driver, streams } = this.node;
    const { settings, lifecycle, log, handlersAtWork, platform } = this;
    return new Ending({
      lifecycle,
      clock: platform.clock,
      log,
      handlersAtWork,
      handlerTimeoutMs: settings.handlerTimeoutMs,
      stopWork: (isLeaving) => {
        if (isLeaving) this.seeds.pause();
        else this.seeds.stop();
        if (isLeaving) void this.#snapshot?.leave();
      },
      sayGoodbye: () => void this.#sayGoodbye(),
      repliesSent: () => streams.queue.idle(),
      stop: () => {
        driver.stop();
        streams.stop();
      },
      close: [
        ["the transport", () => settings.transport.close()],
        ["the snapshot", async () => this.#snapshot?.close()],
      ],
      ended: (error) => {
        this.feed.close();
        lifecycle.end(error);
        this.#rumorWaiters.settle();
      },
    });
  }

  /**
   * Tells the others. A peer that is being joined may already have this node's state while this node knows no member to
   * tell: such joins get a moment to finish.
   */
  async #sayGoodbye(): Promise<void> {
    const { driver, swim } = this.node;
    const hasWhomToTell = (): boolean => this.node.roster.presentCount > 1 || !this.seeds.isJoining;
    if (!hasWhomToTell()) {
      const late = new AbortController();
      const cancelTimer = this.platform.clock.after(LAST_JOINS_MS, () => late.abort());
      await this.lifecycle.until(hasWhomToTell, "the last joins", late.signal).catch(() => {});
      cancelTimer();
    }
    this.seeds.stop();
    driver.run((now) => swim.leave(now, driver));
  }

  async #openSnapshot(found: FoundSnapshot): Promise<HearsayError | null> {
    const { serf } = this.node;
    if (serf === null) return null;
    const warn = (text: string, fields: Readonly<Record<string, unknown>>): void =>
      this.log.repeated(text, "warn", text, fields);
    try {
      const snapshot = await SnapshotKeeper.open(found, { serf, clock: this.platform.clock, warn });
      // If the transport has failed meanwhile, nothing else closes the file.
      if (this.lifecycle.isEnding) await snapshot.close();
      else this.#snapshot = this.attach(snapshot);
      return null;
    } catch (error) {
      return error instanceof HearsayError ? error : invariantError(error);
    }
  }

  #sayWhomItMisses(): void {
    const { size } = this.#former;
    if (size > 0) this.log.info("looking for the members that the snapshot tells of", { members: size });
  }

  /** Starts a push/pull with these addresses; `join-finished` has the token. False if the node has stopped. */
  #join(token: number, targets: readonly Address[], replays: boolean): boolean {
    const { driver, swim, serf } = this.node;
    const hasBegun = driver.run((now) => {
      if (serf === null) swim.join(now, token, targets, driver);
      else serf.join(now, token, targets, replays, driver);
      return true;
    });
    return hasBegun ?? false;
  }

  #joinFinished(event: JoinFinished): void {
    if (event.contacted > 0) this.#markJoined();
    this.seeds.finished(event);
    this.lifecycle.touched();
  }

  #markJoined(): void {
    if (!this.#hasJoined) this.#joinedAt = this.platform.clock.now();
    this.#hasJoined = true;
    this.#settleStatus();
  }

  #reported(report: JoinReport | null): void {
    if (report !== null) {
      this.#isSoleTarget = report.contacted === 0 && report.failures.length === 0;
      if (report.contacted === 0 && report.failures.length > 0) this.#judgeFailure(report);
    }
    this.lifecycle.touched();
  }

  /** The error of a join that reached no node; null if it reached one. */
  joinError(report: JoinReport): HearsayError | null {
    const error = joinError(report, this.settings);
    if (isHearsayError(error, "ERR_JOIN_SILENT")) this.#keyAdvice.misunderstood(error.data.targets[0] ?? "");
    return error;
  }

  /** No target could be joined. Most causes are temporary; a different protocol is permanent. */
  #judgeFailure(report: JoinReport): void {
    // Another pool may now use the address of a member from the snapshot.
    const mismatch = report.failures.find(
      ({ target, reason }) => reason === "protocol-mismatch" && this.settings.join.includes(target),
    );
    if (mismatch !== undefined && !this.#hasJoined) {
      const { detail, target } = mismatch;
      void this.ending.end(
        new HearsayError("ERR_PROTOCOL_MISMATCH", `${target} speaks another protocol: ${detail}`, { detail }),
      );
      return;
    }
    const failures = report.failures.map(({ target, reason, detail }) => `${target}: ${reason} (${detail})`);
    const error = this.joinError(report);
    if (error?.code === "ERR_JOIN_SILENT") return this.log.repeated("join", "warn", error.message, { failures });
    // A node that has other members works without the seeds.
    if (this.node.roster.presentCount > 1)
      this.log.repeated("join", "debug", "seeds could not be reached", { failures });
    else this.log.repeated("join", "warn", "nobody could be joined yet; trying again", { failures });
  }

  #nameInUse(name: string, address: Address): void {
    // A seed that others have joined was there first: it keeps its name, and the newcomer fails.
    const isSeeking = this.#hasJoined || this.seeds.isSeeking;
    const isNew = this.platform.clock.now() - this.#joinedAt < NAME_CHECK_MS;
    if (!isSeeking || !isNew) return;
    void this.ending.end(nameHeldError(name, address));
  }

  /** Most members know this node's name from another address. */
  nameLost(address: Address): void {
    void this.ending.end(
      nameRememberedError(this.node.name, address, this.node.roster.presentCount, this.node.timings.current),
    );
  }

  /** `joined` with other members, `alone` without. A node that has lost all others is `alone` again. */
  #settleStatus(): void {
    const hasCompany = this.node.roster.presentCount > 1;
    if (hasCompany) this.#joinedAt = Math.min(this.#joinedAt, this.platform.clock.now());
    // Without others these rumors would never finish.
    else this.#rumorWaiters.settle();
    this.lifecycle.enter(hasCompany ? "joined" : "alone");
    this.lifecycle.touched();
  }

  /** The address keys of the other members that are alive. */
  #reached(): ReadonlySet<string> {
    const views = this.node.swim.members().filter(({ status, isSelf }) => status === "alive" && !isSelf);
    return new Set(views.map(({ address }) => address.key));
  }
}

function formerMembers(platform: Platform, node: Node, found: FoundSnapshot | null): FormerMembers {
  const aliveNodes = new Map(found?.replay.aliveNodes);
  aliveNodes.delete(node.name);
  const lookForMs = node.serf?.config.reconnectTimeoutMs ?? 0;
  return new FormerMembers(aliveNodes, platform.clock.now() + lookForMs, seededRandom(platform));
}

import { type ClosedReason, type Cluster, createCluster, isHearsayError, type Metrics } from "hearsay";
import { messageOf } from "./base/message-of.ts";
import type { AgentSettings, RpcSettings } from "./config/agent-settings.ts";
import { ConfigError } from "./config/config-error.ts";
import { CHANGES_MAX } from "./config/schema/agent-options.ts";
import { TagKeeper } from "./config/tag-keeper.ts";
import { startingTags } from "./config/tags-file.ts";
import { Ending } from "./ending.ts";
import { describe, type MemberEvent } from "./events/agent-event.ts";
import { AGENT_PERIODS } from "./events/coalescer.ts";
import { EventPipeline, SYSTEM_CLOCK } from "./events/event-pipeline.ts";
import { type HandlerSpec, parseHandler } from "./events/handler-spec.ts";
import { MemberEvents } from "./events/member-events.ts";
import type { Face } from "./faces/face.ts";
import type { RpcUsage } from "./faces/rpc/rpc-usage.ts";
import type { RpcAddress, RpcServer } from "./faces/rpc/server.ts";
import { clusterLogger } from "./log/cluster-logger.ts";
import { LogRing } from "./log/log-ring.ts";
import { type AgentFigures, addAgentMetrics } from "./observe/agent-metrics.ts";
import { AgentOperations } from "./operations/agent-operations.ts";
import { checkReload, reloadCluster } from "./reload.ts";
import { ScriptRunner } from "./scripts/script-runner.ts";

/** A script that takes longer is killed. */
const SCRIPT_LIMIT_MS = 60_000;

/** Why an agent ended. */
export type AgentEnd = ClosedReason;

/** The log's name of each member event, and whether its line has the address. */
const LOG_NAMES: Readonly<Record<MemberEvent["type"], readonly [string, boolean]>> = {
  "member-join": ["EventMemberJoin", true],
  "member-leave": ["EventMemberLeave", true],
  "member-failed": ["EventMemberFailed", true],
  "member-update": ["EventMemberUpdate", false],
  "member-reap": ["EventMemberReap", false],
};

/**
 * A node as a process: with an RPC server, event handler scripts and a log (docs/protocol/serf.md, sections 16 and 20
 * to 23).
 */
export class Agent {
  readonly cluster: Cluster;
  readonly log: LogRing;
  /** The node's metrics, with the agent's own among them. */
  readonly metrics: Metrics;
  /** The agent's operations, which its RPC clients use, too. */
  readonly operations: AgentOperations;
  /** Settles once everything has ended. */
  readonly ended: Promise<AgentEnd>;
  #settings: AgentSettings;
  readonly #events = new EventPipeline({
    memberPeriods: AGENT_PERIODS,
    userPeriods: AGENT_PERIODS,
    clock: SYSTEM_CLOCK,
  });
  readonly #scripts: ScriptRunner;
  readonly #tags: TagKeeper;
  readonly #ending: Ending;
  readonly #faces: Face[] = [];
  #rpc: RpcServer | null = null;
  #hasGivenUp = false;

  private constructor(settings: AgentSettings, cluster: Cluster, log: LogRing) {
    this.#settings = settings;
    this.cluster = cluster;
    this.log = log;
    this.#scripts = new ScriptRunner({ node: () => cluster.self, log, limitMs: SCRIPT_LIMIT_MS });
    this.metrics = cluster.metrics;
    addAgentMetrics(this.metrics, () => this.figures);
    this.#tags = new TagKeeper(cluster, settings.tagsFile);
    this.operations = new AgentOperations({
      cluster,
      log,
      tags: this.#tags,
      handlers: () => this.#scripts.handlers,
      figures: () => this.figures,
      leave: () => this.#ending.leave(),
    });
    this.#ending = new Ending({
      cluster,
      log,
      events: this.#events,
      scripts: this.#scripts,
      handlerTimeoutMs: settings.handlerTimeoutMs,
      faces: this.#faces,
    });
    this.ended = this.#ending.ended.then(() => cluster.closed);
  }

  /**
   * Starts the node and the server, and joins. Retried joins go on in the background.
   *
   * @throws ConfigError, HearsayError, and what the operating system says of the server's address
   */
  static async start(settings: AgentSettings, log: LogRing = new LogRing()): Promise<Agent> {
    const agent = await Agent.open(settings, log);
    await agent.join();
    return agent;
  }

  /** Starts the node and the server, without a join. @throws as `start` */
  static async open(settings: AgentSettings, log: LogRing = new LogRing()): Promise<Agent> {
    const handlers = parsedHandlers(settings);
    const { rpc } = settings;
    // Loaded only if it is wanted, and before there is a node: one that ended meanwhile would miss the server's end.
    const rpcModule = rpc === null ? null : await import("./faces/rpc/server.ts");
    log.write("INFO", "agent: Serf agent starting");
    const agent = new Agent(settings, await openCluster(settings, log), log);
    try {
      agent.#scripts.setHandlers(handlers);
      agent.#listen();
      if (rpc !== null && rpcModule !== null) await agent.#serveRpc(rpc, rpcModule.RpcServer);
    } catch (error) {
      await agent.shutdown();
      throw error;
    }
    return agent;
  }

  /**
   * Joins as configured; retried joins continue in the background. If the start join fails, the agent ends. Once the
   * agent has begun to end, it joins nothing.
   *
   * @throws HearsayError
   */
  async join(): Promise<void> {
    const { startJoin, retryJoin, replayOnJoin } = this.#settings;
    try {
      if (startJoin.length > 0 && !this.#ending.hasBegun)
        await this.operations.join(startJoin, { replay: replayOnJoin });
    } catch (error) {
      // A leave or an end during the join is intended.
      if (this.#ending.hasBegun) return;
      await this.shutdown();
      throw error;
    }
    if (retryJoin.targets.length > 0) void this.#retryJoin();
  }

  /** Where Serf's RPC listens. @throws Error if the settings have no `rpc` */
  get rpcAddress(): RpcAddress {
    if (this.#rpc === null) throw new Error("this agent has no RPC");
    return this.#rpc.address;
  }

  /** Usage and counters of the RPC server; null until it is created. */
  get rpcUsage(): RpcUsage | null {
    return this.#rpc?.usage ?? null;
  }

  /** The counters of the scripts and of the log. */
  get figures(): AgentFigures {
    const { counters, waiting } = this.#scripts;
    return { scripts: { ...counters, eventsWaiting: waiting }, log: { ...this.log.counters } };
  }

  /** Whether the agent is ending, or has ended, because all its retried joins failed. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** Whether the other members have been told of the end, and nothing was cut short. */
  get isGraceful(): boolean {
    return this.#ending.isGraceful;
  }

  /** Time that standard output may still take after the agent's end, in milliseconds. */
  get drainLeftMs(): number {
    return this.#ending.drainLeftMs;
  }

  /**
   * Applies what a running agent can take of new settings: its handlers and tags, and, if the settings say so, keys,
   * targets and timings. If it throws, the handlers and tags have changed together or not at all, and the timings have
   * not changed.
   *
   * @throws ConfigError, HearsayError
   */
  async reload(settings: AgentSettings): Promise<void> {
    const handlers = parsedHandlers(settings);
    if (settings.reloadsCluster) checkReload(this.cluster, settings);
    await this.#tags.reload(settings.tagsFile, () => startingTags(settings));
    this.#scripts.setHandlers(handlers);
    if (settings.reloadsCluster) await reloadCluster(this.cluster, this.#settings, settings, this.log);
    // Only now, so that a later reload makes up for what failed in this one.
    this.#settings = settings;
  }

  /** Leaves, then ends, in the order of docs/design/decisions/0005-endings.md. */
  async leave(): Promise<void> {
    await this.#ending.leave();
    await this.ended;
  }

  /** Ends without leaving; running scripts may finish. */
  async shutdown(): Promise<void> {
    this.#ending.shutdown();
    await this.ended;
  }

  /** Kills the running scripts, for a process that ends at once. */
  cut(): void {
    this.#ending.cut();
  }

  #listen(): void {
    const { cluster, log } = this;
    const events = this.#events;
    events.listen((event) => log.write("INFO", `agent: Received event: ${describe(event)}`));
    events.listen((event) => {
      if (event.kind !== "query") this.#scripts.handle(event);
    });
    cluster.onEvent("*", (event) => events.user(event));
    cluster.onQuery("*", async (query) => {
      const event = { kind: "query", query } as const;
      events.deliver(event);
      // The node stays while the scripts may answer.
      await this.#scripts.handle(event);
    });
    void this.#followMembers();
  }

  async #followMembers(): Promise<void> {
    const members = new MemberEvents();
    try {
      for await (const item of this.cluster.changes()) {
        for (const event of members.of(item)) this.#memberChanged(event);
      }
    } catch (error) {
      this.log.write("ERR", `agent: ${messageOf(error)}`);
    }
  }

  #memberChanged(event: MemberEvent): void {
    const { name, host } = event.member;
    const [title, hasAddress] = LOG_NAMES[event.type];
    const forced = event.isForced ? " (forced)" : "";
    const address = hasAddress || event.isForced ? ` ${host}` : "";
    this.log.write("INFO", `serf: ${title}${forced}: ${name}${address}`);
    this.#events.member(event);
  }

  async #serveRpc({ bind, authKey, ...limits }: RpcSettings, Server: typeof RpcServer): Promise<void> {
    const server = new Server({
      operations: this.operations,
      events: this.#events,
      log: this.log,
      metrics: this.metrics,
      limits,
      authKey,
    });
    // Set before it listens, so that an end meanwhile closes it, too.
    this.#rpc = server;
    this.#faces.push(server);
    await server.listen(bind);
  }

  async #retryJoin(): Promise<void> {
    const { retryJoin, replayOnJoin } = this.#settings;
    const { targets, intervalMs, attemptsMax } = retryJoin;
    let wake = (): void => {};
    void this.cluster.closed.then(() => wake());
    for (let attempt = 1; this.#isRunning(); attempt++) {
      try {
        // The node keeps these targets, so that it also rejoins them after a split.
        await this.operations.join(targets, { replay: replayOnJoin, keep: true });
        return;
      } catch (error) {
        if (!this.#isRunning()) return;
        const reason = messageOf(error);
        this.log.write("WARN", `agent: Join failed: ${reason}, retrying in ${intervalMs / 1000}s`);
      }
      if (attempt === attemptsMax) {
        this.log.write("ERR", "agent: maximum retry join attempts made, exiting");
        this.#hasGivenUp = true;
        return void this.shutdown();
      }
      await new Promise<void>((resolve) => {
        const cancelTimer = SYSTEM_CLOCK.after(intervalMs, resolve);
        wake = () => {
          cancelTimer();
          resolve();
        };
      });
    }
  }

  #isRunning(): boolean {
    return this.cluster.status === "joined" || this.cluster.status === "alone";
  }
}

/** The node of an agent. @throws ConfigError, HearsayError */
async function openCluster(settings: AgentSettings, log: LogRing): Promise<Cluster> {
  const { cluster, handlerTimeoutMs } = settings;
  const options = {
    ...cluster,
    tags: startingTags(settings),
    logger: clusterLogger(log),
    handlerTimeout: handlerTimeoutMs,
    limits: { changesMax: CHANGES_MAX, ...cluster.limits },
  };
  try {
    return await createCluster(options);
  } catch (error) {
    const fault = isHearsayError(error, "ERR_CONFIG") ? error.data.faults.find(({ key }) => key === "tags") : undefined;
    if (fault === undefined || settings.tagsFile === null) throw error;
    throw new ConfigError(`tags_file ${settings.tagsFile} holds tags that can't be used; allowed: ${fault.allowed}`);
  }
}

function parsedHandlers({ eventHandlers }: AgentSettings): HandlerSpec[] {
  return eventHandlers.map((specification) => {
    const handler = parseHandler(specification);
    if (handler === null) throw new ConfigError(`invalid event handler: ${JSON.stringify(specification)}`);
    return handler;
  });
}

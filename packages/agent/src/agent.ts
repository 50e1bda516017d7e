import { type ClosedReason, type Cluster, createCluster, isHearsayError, type Metrics } from "hearsay";
import { messageOf } from "./base/message-of.ts";
import type { AgentConfig } from "./config/agent-config.ts";
import { clusterOptions, endpoint } from "./config/cluster-options.ts";
import { ConfigError } from "./config/read-config.ts";
import { TagKeeper } from "./config/tag-keeper.ts";
import { startingTags } from "./config/tags-file.ts";
import { Ending } from "./ending.ts";
import { describe, type MemberEvent } from "./events/agent-event.ts";
import { AGENT_PERIODS } from "./events/coalescer.ts";
import { EventPipeline, SYSTEM_CLOCK } from "./events/event-pipeline.ts";
import { MemberEvents } from "./events/member-events.ts";
import { addRpcMetrics } from "./faces/rpc/rpc-metrics.ts";
import type { RpcUsage } from "./faces/rpc/rpc-usage.ts";
import { type RpcAddress, RpcServer } from "./faces/rpc/server.ts";
import { clusterLogger } from "./log/cluster-logger.ts";
import { LogRing } from "./log/log-ring.ts";
import { type AgentFigures, addAgentMetrics } from "./observe/agent-metrics.ts";
import { AgentOperations } from "./operations/agent-operations.ts";
import { type HandlerSpec, parseHandler } from "./scripts/handler-spec.ts";
import { ScriptRunner } from "./scripts/script-runner.ts";

/** A script that takes longer is killed. */
const SCRIPT_LIMIT_MS = 60_000;

/** Changes that the agent may fall behind by before it is given the whole list again. */
const CHANGES_MAX = 65_536;

/** Why an agent ended. */
export type AgentEnd = ClosedReason;

/** How the log calls what happens to members: the event, and whether the address is told. */
const LOG_NAMES: Readonly<Record<MemberEvent["type"], readonly [string, boolean]>> = {
  "member-join": ["EventMemberJoin", true],
  "member-leave": ["EventMemberLeave", true],
  "member-failed": ["EventMemberFailed", true],
  "member-update": ["EventMemberUpdate", false],
  "member-reap": ["EventMemberReap", false],
};

/**
 * A node as a process runs it: with an RPC server, event handler scripts, and a log (docs/protocol/serf.md, sections 16 and
 * 20 to 23).
 */
export class Agent {
  readonly cluster: Cluster;
  readonly log: LogRing;
  /** Everything that is counted: its node's metrics, and its own among them. */
  readonly metrics: Metrics;
  /** What it can be told to do and asked, as its RPC clients do. */
  readonly operations: AgentOperations;
  /** Settles once everything has ended. */
  readonly ended: Promise<AgentEnd>;
  readonly #config: AgentConfig;
  readonly #events = new EventPipeline({
    memberPeriods: AGENT_PERIODS,
    userPeriods: AGENT_PERIODS,
    clock: SYSTEM_CLOCK,
  });
  readonly #scripts: ScriptRunner;
  readonly #tags: TagKeeper;
  readonly #ending: Ending;
  #rpc: RpcServer | null = null;
  #hasGivenUp = false;

  private constructor(config: AgentConfig, cluster: Cluster, log: LogRing) {
    this.#config = config;
    this.cluster = cluster;
    this.log = log;
    this.#scripts = new ScriptRunner({ node: () => cluster.self, log, limitMs: SCRIPT_LIMIT_MS });
    this.metrics = cluster.metrics;
    addAgentMetrics(this.metrics, () => this.figures);
    this.#tags = new TagKeeper(cluster, config.tagsFile);
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
      handlerTimeoutMs: config.handlerTimeout,
      rpc: () => this.#rpc,
    });
    this.ended = this.#ending.ended.then(() => cluster.closed);
  }

  /**
   * Starts the node and the server, and joins. Retried joins go on in the background.
   *
   * @throws ConfigError, HearsayError, and what the operating system says of the server's address
   */
  static async start(config: AgentConfig, log: LogRing = new LogRing()): Promise<Agent> {
    const agent = await Agent.open(config, log);
    await agent.join();
    return agent;
  }

  /** Starts the node and the server, and joins nobody yet. @throws as `start` */
  static async open(config: AgentConfig, log: LogRing = new LogRing()): Promise<Agent> {
    const handlers = parsedHandlers(config);
    const rpcAddress = endpoint(config.rpcAddr, "rpc_addr", 7373);
    log.write("INFO", "agent: Serf agent starting");
    const agent = new Agent(config, await openCluster(config, log), log);
    try {
      agent.#scripts.setHandlers(handlers);
      agent.#listen();
      await agent.#serveRpc(rpcAddress);
    } catch (error) {
      await agent.shutdown();
      throw error;
    }
    return agent;
  }

  /**
   * Joins as the configuration says; retried joins go on in the background. If it can't, the agent ends; if the agent has
   * begun to end, nothing is joined any more.
   *
   * @throws HearsayError
   */
  async join(): Promise<void> {
    const { startJoin, retryJoin, replayOnJoin } = this.#config;
    try {
      if (startJoin.length > 0 && !this.#ending.hasBegun)
        await this.operations.join(startJoin, { replay: replayOnJoin });
    } catch (error) {
      // A leave, or an end, in the middle of it is what was wanted.
      if (this.#ending.hasBegun) return;
      await this.shutdown();
      throw error;
    }
    if (retryJoin.length > 0) void this.#retryJoin();
  }

  /** Where the RPC server listens. */
  get rpcAddress(): RpcAddress {
    return this.#rpc?.address ?? { host: "", port: 0 };
  }

  /** What the clients of the RPC server cost, and what it has counted; null before it listens. */
  get rpcUsage(): RpcUsage | null {
    return this.#rpc?.usage ?? null;
  }

  /** What it has counted besides. */
  get figures(): AgentFigures {
    const { counters, waiting } = this.#scripts;
    return { scripts: { ...counters, eventsWaiting: waiting }, log: { ...this.log.counters } };
  }

  /** Whether it ends, or has ended, because it could not join as often as it was to try. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** Whether the others have been told of its end, and nothing of that was cut short. */
  get isGraceful(): boolean {
    return this.#ending.isGraceful;
  }

  /** How long standard output may still be waited for once the agent has ended, in milliseconds. */
  get drainLeftMs(): number {
    return this.#ending.drainLeftMs;
  }

  /**
   * Takes the parts of a new configuration that a running agent can: its handlers and tags. Where it throws, it has taken
   * neither.
   *
   * @throws ConfigError
   */
  async reload(config: AgentConfig): Promise<void> {
    const handlers = parsedHandlers(config);
    await this.#tags.reload(config.tagsFile, () => startingTags(config));
    this.#scripts.setHandlers(handlers);
  }

  /** Says goodbye, and ends: in the order of docs/design/decisions/0005-endings.md. */
  async leave(): Promise<void> {
    await this.#ending.leave();
    await this.ended;
  }

  /** Ends without a word; scripts that are at work may finish. */
  async shutdown(): Promise<void> {
    this.#ending.shutdown();
    await this.ended;
  }

  /** Kills the scripts that run: for a process that ends at once. */
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
      // The node stays for as long as the scripts may answer.
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

  async #serveRpc(address: RpcAddress): Promise<void> {
    const { rpcConnectionsMax, rpcBytesMax, rpcHandshakeTimeout, rpcAuth } = this.#config;
    const server = new RpcServer({
      operations: this.operations,
      events: this.#events,
      log: this.log,
      limits: { connectionsMax: rpcConnectionsMax, bytesMax: rpcBytesMax, handshakeMs: rpcHandshakeTimeout },
      authKey: rpcAuth,
    });
    // Known before it listens: an end meanwhile closes it, too.
    this.#rpc = server;
    addRpcMetrics(this.metrics, () => server.usage);
    await server.listen(address);
  }

  async #retryJoin(): Promise<void> {
    const { retryJoin, retryInterval, retryMaxAttempts, replayOnJoin } = this.#config;
    let wake = (): void => {};
    void this.cluster.closed.then(() => wake());
    for (let attempt = 1; this.#isRunning(); attempt++) {
      try {
        // Kept from now on, so that it finds back to them after a split, too.
        await this.operations.join(retryJoin, { replay: replayOnJoin, keep: true });
        return;
      } catch (error) {
        if (!this.#isRunning()) return;
        const reason = messageOf(error);
        this.log.write("WARN", `agent: Join failed: ${reason}, retrying in ${retryInterval / 1000}s`);
      }
      if (attempt === retryMaxAttempts) {
        this.log.write("ERR", "agent: maximum retry join attempts made, exiting");
        this.#hasGivenUp = true;
        return void this.shutdown();
      }
      await new Promise<void>((resolve) => {
        const cancelTimer = SYSTEM_CLOCK.after(retryInterval, resolve);
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
async function openCluster(config: AgentConfig, log: LogRing): Promise<Cluster> {
  const tags = startingTags(config);
  const options = { ...clusterOptions(config, tags, clusterLogger(log)), limits: { changesMax: CHANGES_MAX } };
  try {
    return await createCluster(options);
  } catch (error) {
    const fault = isHearsayError(error, "ERR_CONFIG") ? error.data.faults.find(({ key }) => key === "tags") : undefined;
    if (fault === undefined || config.tagsFile === null) throw error;
    throw new ConfigError(`tags_file ${config.tagsFile} holds tags that can't be used; allowed: ${fault.allowed}`);
  }
}

function parsedHandlers({ eventHandlers }: AgentConfig): HandlerSpec[] {
  return eventHandlers.map((specification) => {
    const handler = parseHandler(specification);
    if (handler === null) throw new ConfigError(`invalid event handler: ${JSON.stringify(specification)}`);
    return handler;
  });
}

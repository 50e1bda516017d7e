import { type ClosedReason, type Cluster, createCluster } from "hearsay";
import type { AgentConfig } from "./config/agent-config.ts";
import { clusterOptions, endpoint } from "./config/cluster-options.ts";
import { ConfigError } from "./config/read-config.ts";
import { saveTags, startingTags } from "./config/tags-file.ts";
import { describe, type MemberEvent } from "./events/agent-event.ts";
import { AGENT_PERIODS } from "./events/coalescer.ts";
import { EventPipeline, SYSTEM_CLOCK } from "./events/event-pipeline.ts";
import { MemberEvents } from "./events/member-events.ts";
import { clusterLogger } from "./log/cluster-logger.ts";
import { LogRing } from "./log/log-ring.ts";
import type { RpcUsage } from "./rpc/rpc-usage.ts";
import { type RpcAddress, RpcServer } from "./rpc/server.ts";
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
  /** Settles once everything has ended. */
  readonly ended: Promise<AgentEnd>;
  readonly #config: AgentConfig;
  readonly #events = new EventPipeline({
    memberPeriods: AGENT_PERIODS,
    userPeriods: AGENT_PERIODS,
    clock: SYSTEM_CLOCK,
  });
  readonly #scripts: ScriptRunner;
  #rpc: RpcServer | null = null;
  #hasGivenUp = false;

  private constructor(config: AgentConfig, cluster: Cluster, log: LogRing) {
    this.#config = config;
    this.cluster = cluster;
    this.log = log;
    const node = (): { name: string; tags: Cluster["tags"] } => ({ name: cluster.name, tags: cluster.tags });
    this.#scripts = new ScriptRunner({ node, log, limitMs: SCRIPT_LIMIT_MS });
    this.ended = cluster.closed.then((reason) => this.#end(reason));
  }

  /**
   * Starts the node and the server, and joins. Retried joins go on in the background.
   *
   * @throws ConfigError, HearsayError, and what the operating system says of the server's address
   */
  static async start(config: AgentConfig, log: LogRing = new LogRing()): Promise<Agent> {
    const handlers = parsedHandlers(config);
    const tags = startingTags(config);
    const rpcAddress = endpoint(config.rpcAddr, "rpc_addr", 7373);
    log.write("INFO", "agent: Serf agent starting");
    const options = { ...clusterOptions(config, tags, clusterLogger(log)), limits: { changesMax: CHANGES_MAX } };
    const agent = new Agent(config, await createCluster(options), log);
    try {
      agent.#scripts.setHandlers(handlers);
      agent.#listen();
      agent.#rpc = await RpcServer.listen(agent.#rpcHost(), rpcAddress);
      if (config.startJoin.length > 0) await agent.cluster.join(config.startJoin, { replay: config.replayOnJoin });
    } catch (error) {
      await agent.cluster.close();
      throw error;
    }
    if (config.retryJoin.length > 0) void agent.#retryJoin();
    return agent;
  }

  /** Where the RPC server listens. */
  get rpcAddress(): RpcAddress {
    return this.#rpc?.address ?? { host: "", port: 0 };
  }

  /** What the clients of the RPC server cost, and what it has counted; null before it listens. */
  get rpcUsage(): RpcUsage | null {
    return this.#rpc?.usage ?? null;
  }

  /** Whether it ends, or has ended, because it could not join as often as it was to try. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** Takes the parts of a new configuration that a running agent can: its handlers and tags. @throws ConfigError */
  async reload(config: AgentConfig): Promise<void> {
    this.#scripts.setHandlers(parsedHandlers(config));
    await this.cluster.setTags(startingTags(config));
  }

  /** Says goodbye, and ends. */
  async leave(): Promise<void> {
    await this.cluster.leave();
    await this.ended;
  }

  /** Ends without a word. */
  async shutdown(): Promise<void> {
    await this.cluster.close();
    await this.ended;
  }

  #listen(): void {
    const { cluster, log } = this;
    const events = this.#events;
    events.listen((event) => log.write("INFO", `agent: Received event: ${describe(event)}`));
    events.listen((event) => this.#scripts.handle(event));
    cluster.onEvent("*", (event) => events.user(event));
    cluster.onQuery("*", (query) => events.deliver({ kind: "query", query }));
    void this.#followMembers();
  }

  async #followMembers(): Promise<void> {
    const members = new MemberEvents();
    try {
      for await (const item of this.cluster.changes()) {
        for (const event of members.of(item)) this.#memberChanged(event);
      }
    } catch (error) {
      this.log.write("ERR", `agent: ${error instanceof Error ? error.message : String(error)}`);
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

  #rpcHost(): Parameters<typeof RpcServer.listen>[0] {
    return {
      cluster: this.cluster,
      events: this.#events,
      log: this.log,
      limits: {
        connectionsMax: this.#config.rpcConnectionsMax,
        bytesMax: this.#config.rpcBytesMax,
        handshakeMs: this.#config.rpcHandshakeTimeout,
      },
      authKey: this.#config.rpcAuth,
      handlers: () => this.#scripts.handlers,
      changeTags: (set, remove) => this.#changeTags(set, remove),
      // The server must outlive the node, to tell that it has left.
      leave: () => this.cluster.leave(),
      shutdown: () => void this.shutdown(),
    };
  }

  async #changeTags(set: ReadonlyMap<string, string>, remove: readonly string[]): Promise<void> {
    const tags = new Map(Object.entries(this.cluster.tags));
    for (const name of remove) tags.delete(name);
    for (const [name, value] of set) tags.set(name, value);
    const changed = Object.fromEntries(tags);
    const { tagsFile } = this.#config;
    if (tagsFile !== null) await saveTags(tagsFile, changed);
    await this.cluster.setTags(changed);
  }

  async #retryJoin(): Promise<void> {
    const { retryJoin, retryInterval, retryMaxAttempts, replayOnJoin } = this.#config;
    for (let attempt = 1; this.#isRunning(); attempt++) {
      try {
        // Kept from now on, so that it finds back to them after a split, too.
        await this.cluster.join(retryJoin, { replay: replayOnJoin, keep: true });
        return;
      } catch (error) {
        if (!this.#isRunning()) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.log.write("WARN", `agent: Join failed: ${reason}, retrying in ${retryInterval / 1000}s`);
      }
      if (attempt === retryMaxAttempts) {
        this.log.write("ERR", "agent: maximum retry join attempts made, exiting");
        this.#hasGivenUp = true;
        return void this.shutdown();
      }
      await Promise.race([
        this.cluster.closed,
        new Promise((resolve) => SYSTEM_CLOCK.after(retryInterval, () => resolve(null))),
      ]);
    }
  }

  #isRunning(): boolean {
    return this.cluster.state === "joined" || this.cluster.state === "alone";
  }

  async #end(reason: ClosedReason): Promise<AgentEnd> {
    this.#events.close();
    this.#scripts.close();
    // What asked for the leave is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#rpc?.close();
    return reason;
  }
}

function parsedHandlers({ eventHandlers }: AgentConfig): HandlerSpec[] {
  return eventHandlers.map((specification) => {
    const handler = parseHandler(specification);
    if (handler === null) throw new ConfigError(`invalid event handler: ${JSON.stringify(specification)}`);
    return handler;
  });
}

import { join } from "node:path";
import { freePort } from "../serf/free-port.ts";
import type { Peer } from "../serf/peer.ts";
import { until } from "../until.ts";
import type { SoakCase, SoakRun } from "./soak-run.ts";

const AGENTS = 12;
const KILLS = 32;
const STOPS = 30;
const KILLED_MS = 1500;
const STOPPED_MS = 3000;
const GAP_MS = 1500;

/**
 * A wrong view is corrected by a refutation, which gossip brings to twelve agents within some ticks of 200 ms, or by a
 * push/pull every 30 s. A member that is back but still listed as failed is found by the healing every 30 s.
 */
const RIGHT_LIMIT_S = 75;
/** The last agent of a common start contacts its snapshot's members until one answers, within a minute. */
const RESTART_LIMIT_S = 75;

/** Kills and stops agents, one or two at a time; all of them come back. */
export const kills: SoakCase = {
  name: "kills",
  shows: "12 agents with 32 kills and 30 stops: all views are right soon after the last repair",
  limitMs: 420_000,
  async run(run: SoakRun): Promise<void> {
    const pool = await AgentPool.start(run);
    for (let turn = 0; turn < Math.max(KILLS, STOPS); turn++) {
      // Two different agents; every agent has its turn.
      const repairs = [turn < KILLS ? pool.killAndStart((5 * turn) % AGENTS) : null];
      if (turn < STOPS) repairs.push(pool.stopAndContinue((5 * turn + 7) % AGENTS));
      await Promise.all(repairs);
      await pause(GAP_MS);
    }
    const repairedAt = performance.now() - GAP_MS;
    await pool.untilRight(RIGHT_LIMIT_S);
    const seconds = Math.max(0, (performance.now() - repairedAt) / 1000);
    run.figure("all views are right after the last repair within", seconds, RIGHT_LIMIT_S, "s", "once 0.4");
  },
};

/** Only the snapshots know the members. */
export const blackout: SoakCase = {
  name: "blackout",
  shows: "12 agents that are all killed and started at once find each other by their snapshots",
  limitMs: 180_000,
  async run(run: SoakRun): Promise<void> {
    const pool = await AgentPool.start(run);
    // Snapshots are written a moment after the changes.
    await pause(2000);
    await Promise.all(pool.agents.map((agent) => agent.kill()));
    const startedAt = performance.now();
    await Promise.all(pool.agents.map((_, index) => pool.startAgain(index)));
    await pool.untilRight(RESTART_LIMIT_S);
    const seconds = (performance.now() - startedAt) / 1000;
    run.figure("all views are right after the common start within", seconds, RESTART_LIMIT_S, "s", "once 11.3");
  },
};

/** Twelve agents that keep their names, ports and snapshots over restarts. */
class AgentPool {
  readonly agents: Peer[] = [];
  readonly #run: SoakRun;
  readonly #ports: number[] = [];

  private constructor(run: SoakRun) {
    this.#run = run;
  }

  static async start(run: SoakRun): Promise<AgentPool> {
    const pool = new AgentPool(run);
    for (let i = 0; i < AGENTS; i++) {
      pool.#ports.push(await freePort());
      await pool.startAgain(i);
      const [first] = pool.agents;
      if (first !== undefined && i > 0) await pool.agents[i]?.rpc.join([first.address]);
    }
    await pool.untilRight(RIGHT_LIMIT_S);
    return pool;
  }

  /** Restarts an agent, which knows the pool only from its snapshot. */
  async startAgain(index: number): Promise<void> {
    const name = `agent-${index}`;
    const port = this.#ports[index] ?? 0;
    const flags = [`-snapshot=${join(this.#run.folder, `${name}.snapshot`)}`];
    this.agents[index] = await this.#run.startAgent({ name, port, flags });
  }

  async killAndStart(index: number): Promise<void> {
    await this.agents[index]?.kill();
    await pause(KILLED_MS);
    await this.startAgain(index);
  }

  async stopAndContinue(index: number): Promise<void> {
    const agent = this.agents[index];
    agent?.signal("SIGSTOP");
    await pause(STOPPED_MS);
    agent?.signal("SIGCONT");
  }

  /** Waits until every agent sees all of them alive. */
  async untilRight(limitS: number): Promise<void> {
    const wanted = this.agents.map((_, index) => `agent-${index} alive`).sort();
    const missing = async (): Promise<string | null> => {
      for (const agent of this.agents) {
        const seen = await agent.view();
        if (seen.join() !== wanted.join()) return `${agent.name} sees ${seen.join(", ")}`;
      }
      return null;
    };
    await until("all views are right", missing, limitS * 1000);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

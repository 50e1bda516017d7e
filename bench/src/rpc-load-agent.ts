import { Agent, serfSettings } from "@hearsay/agent";
import { type Load, LoadMonitor } from "./load-monitor.ts";
import { rest } from "./pool.ts";

/** The load of an agent. */
export interface AgentLoad extends Load {
  readonly heldPeakMib: number;
  /** Since the agent's start. */
  readonly recordsDropped: number;
  readonly occurrencesDropped: number;
}

const MIB = 1024 ** 2;

/** Long enough for some events to reach all clients. */
const STILL_MS = 500;

const agent = await Agent.start(
  serfSettings({ nodeName: "loaded", bind: "127.0.0.1:0", rpcAddr: "127.0.0.1:0", profile: "local" }),
);
const monitor = new LoadMonitor();

process.on("message", (message) => {
  if (message === "begin") {
    monitor.begin();
    process.send?.("begun");
  } else {
    void end();
  }
});
process.on("disconnect", () => {
  monitor.close();
  void agent.shutdown();
});
process.send?.(agent.rpcAddress.port);

/** Reports the load once all activity has ended. */
async function end(): Promise<void> {
  await untilStill();
  const load: AgentLoad = {
    ...monitor.end(),
    heldPeakMib: (agent.rpcUsage?.bytesHeldMax ?? 0) / MIB,
    recordsDropped: agent.rpcUsage?.recordsDropped ?? 0,
    occurrencesDropped: agent.rpcUsage?.occurrencesDropped ?? 0,
  };
  process.send?.(load);
}

/** Waits until clients get nothing more and nothing more is dropped: the usage stays the same. */
async function untilStill(): Promise<void> {
  let before = "";
  for (;;) {
    const now = JSON.stringify(agent.rpcUsage);
    if (now === before) return;
    before = now;
    await rest(STILL_MS);
  }
}

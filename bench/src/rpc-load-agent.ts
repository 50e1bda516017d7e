import { Agent, mergeConfig } from "@hearsay/agent";
import { type Load, LoadMonitor } from "./load-monitor.ts";
import { rest } from "./pool.ts";

/** What an agent under load came to. */
export interface AgentLoad extends Load {
  readonly heldPeakMib: number;
  /** Since it was started. */
  readonly recordsDropped: number;
  readonly occurrencesDropped: number;
}

const MIB = 1024 ** 2;

/** Long enough for a few events to be handed to all. */
const STILL_MS = 500;

const agent = await Agent.start(
  mergeConfig([{ nodeName: "loaded", bind: "127.0.0.1:0", rpcAddr: "127.0.0.1:0", profile: "local" }]),
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

/** Tells what it was once all that was going on is over. */
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

/** Nothing is handed to clients any more, nor dropped: what is kept for them and was dropped stays the same. */
async function untilStill(): Promise<void> {
  let before = "";
  for (;;) {
    const now = JSON.stringify(agent.rpcUsage);
    if (now === before) return;
    before = now;
    await rest(STILL_MS);
  }
}

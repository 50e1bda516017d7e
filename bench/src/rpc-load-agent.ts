import { Agent, mergeConfig } from "@hearsay/agent";
import { rest } from "./pool.ts";
import { TurnMonitor } from "./turn-monitor.ts";

/** What an agent under load came to. */
export interface LoadFigures {
  /** Of turns of the loop that had something to do, without the collector's pauses. */
  readonly longestTurnMs: number;
  readonly workMs: number;
  readonly rssPeakMiB: number;
  readonly bytesHeldMaxMiB: number;
  /** Since it was started. */
  readonly recordsDropped: number;
  readonly occurrencesDropped: number;
}

const MIB = 2 ** 20;

/** Long enough for a few events to be handed to all. */
const STILL_MS = 500;

const agent = await Agent.start(
  mergeConfig([{ nodeName: "loaded", bind: "127.0.0.1:0", rpcAddr: "127.0.0.1:0", profile: "local" }]),
);
const monitor = new TurnMonitor();
let rssPeak = 0;
const sampler = setInterval(() => {
  rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
}, 20);

process.on("message", (message) => {
  if (message === "begin") {
    rssPeak = 0;
    monitor.start();
    process.send?.("begun");
  } else {
    void end();
  }
});
process.on("disconnect", () => {
  clearInterval(sampler);
  void agent.shutdown();
});
process.send?.(agent.rpcAddress.port);

/** Tells what it was once all that was going on is over. */
async function end(): Promise<void> {
  await untilStill();
  const turnsMs = monitor.stop().map(({ workMs }) => workMs);
  const figures: LoadFigures = {
    longestTurnMs: Math.max(...turnsMs),
    workMs: turnsMs.reduce((sum, ms) => sum + ms, 0),
    rssPeakMiB: rssPeak / MIB,
    bytesHeldMaxMiB: (agent.rpcUsage?.bytesHeldMax ?? 0) / MIB,
    recordsDropped: agent.rpcUsage?.recordsDropped ?? 0,
    occurrencesDropped: agent.rpcUsage?.occurrencesDropped ?? 0,
  };
  process.send?.(figures);
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

import { createCluster } from "hearsay";
import { TurnMonitor } from "./turn-monitor.ts";

/** What the node under load has come to, from "begin" to "end". */
export interface Burden {
  readonly rssMib: number;
  /** Work of the longest turn of the loop: processor time, without the collector's pauses. */
  readonly workMs: number;
  /** The collector's pauses in the turn that had most of them. */
  readonly pausesMs: number;
}

await run();

/** A process of its own: a node that says where it is, and when asked what it has been through. */
async function run(): Promise<void> {
  const cluster = await createCluster({ bind: "127.0.0.1:0", nodeName: "attacked", tags: { role: "x".repeat(200) } });
  const monitor = new TurnMonitor();
  let rss = 0;
  const sampler = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage.rss());
  }, 20);
  process.on("message", (message) => {
    if (message === "begin") {
      rss = 0;
      monitor.start();
      return;
    }
    const turns = monitor.stop();
    const burden: Burden = {
      rssMib: rss / 1024 ** 2,
      workMs: Math.max(0, ...turns.map(({ workMs }) => workMs)),
      pausesMs: Math.max(0, ...turns.map(({ pausesMs }) => pausesMs)),
    };
    process.send?.(burden);
  });
  process.once("disconnect", () => {
    clearInterval(sampler);
    void cluster.close();
  });
  process.send?.(cluster.address);
}

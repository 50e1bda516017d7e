import { createCluster } from "hearsay";
import { LoadMonitor } from "./load-monitor.ts";

await run();

/** A process with a node: reports its address, and on request its load from "begin" to "end". */
async function run(): Promise<void> {
  const cluster = await createCluster({ bind: "127.0.0.1:0", nodeName: "attacked", tags: { role: "x".repeat(200) } });
  const monitor = new LoadMonitor();
  process.on("message", (message) => {
    if (message === "begin") monitor.begin();
    else process.send?.(monitor.end());
  });
  process.once("disconnect", () => {
    monitor.close();
    void cluster.close();
  });
  process.send?.(cluster.self.address);
}

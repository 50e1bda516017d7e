/**
 * A job that one of the nodes runs, whichever owns it at the moment.
 *
 * In a split network each part has a node that runs it: what must never happen twice also needs a fence
 * (docs/guides/rings.md).
 */
import { createCluster, textLogger } from "hearsay";

const cluster = await createCluster({
  clusterName: "cron-once",
  bind: { port: 0 },
  join: process.argv.slice(2),
  logger: textLogger((level, line) => level === "warn" && console.error(line)),
});
cluster.leaveOn("SIGINT", "SIGTERM");
console.log(`${cluster.self.name} is at ${cluster.self.address}`);
// Rejects if the cluster ends first, as when this process is told to stop while it looks for the others.
await cluster.ready().catch(({ message }) => {
  console.error(message);
  process.exit(1);
});

const jobs = cluster.ring("jobs");
let count = 0;
const timer = setInterval(() => {
  if (jobs.isMine("report")) console.log(`run ${++count} of the report`);
  else console.log(`${jobs.owner("report")?.name} runs the report`);
}, 200);

await cluster.closed;
clearInterval(timer);

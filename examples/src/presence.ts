/** Presence: each process shows the others as they come and go. */
import { createCluster, textLogger } from "hearsay";

const cluster = await createCluster({
  clusterName: "presence",
  bind: { port: 0 },
  join: process.argv.slice(2),
  logger: textLogger((level, line) => level === "warn" && console.error(line)),
});
cluster.leaveOn("SIGINT", "SIGTERM");
console.log(`${cluster.self.name} is at ${cluster.self.address}`);

cluster.onJoin(({ name }) => console.log(`${name} is here`));
cluster.onLeave(({ name, status }) => console.log(`${name} has ${status}`));

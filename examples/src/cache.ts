/**
 * A cache in each process. A write in any process clears the entry in all of them: type `get 7` or `set 7`.
 *
 * A node that misses the message keeps the old value, so entries also need a maximum age.
 */
import { createInterface } from "node:readline";
import { createCluster, textLogger } from "hearsay";

/** The messages between the nodes; the compiler checks both ends against it. */
interface Users {
  channels: { changed: { id: string } };
}

const cluster = await createCluster<Users>({
  clusterName: "cache",
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
console.log("ready");

const cache = new Map<string, string>();

cluster.channel("changed").on(({ value, from }) => {
  if (cache.delete(value.id)) console.log(`${value.id} is dropped, since ${from} changed it`);
});

const input = createInterface(process.stdin);
void cluster.closed.then(() => input.close());
for await (const line of input) {
  const [command, id = ""] = line.split(" ");
  if (command === "set") {
    // Write to the database first, then:
    await cluster
      .channel("changed")
      .publish({ id })
      .catch(({ message }) => console.error(message));
  } else if (command === "get") {
    const isCached = cache.has(id);
    if (!isCached) cache.set(id, "what the database has");
    console.log(`${id} comes from the ${isCached ? "cache" : "database"}`);
  }
}
await cluster.leave();

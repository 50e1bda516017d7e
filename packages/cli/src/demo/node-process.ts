/** One node of the demo: a process of its own that joins, reports its view to its parent, and obeys its commands. */

import { type Cluster, createCluster } from "hearsay";
import { causeReport, memberReport, type NodeCommand, type NodeReport, type NodeStart, type View } from "./reports.ts";
import { CHANNEL } from "./timings.ts";

/** Interval of the view's reports: round trips change without a change of membership. */
const VIEW_INTERVAL_MS = 250;

// Ctrl-C in a terminal reaches the whole process group; the supervisor decides whether a node ends.
process.on("SIGINT", () => {});
// Without a supervisor nothing else could stop this process.
process.on("disconnect", () => process.exit());

/** The messages of the demo's nodes. */
interface Demo {
  readonly channels: { readonly [CHANNEL]: { readonly id: number } };
}

try {
  await run(JSON.parse(process.argv[2] ?? "") as NodeStart);
} catch (error) {
  report({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
}

async function run({ name, port, join }: NodeStart): Promise<void> {
  const cluster = await createCluster<Demo>({
    clusterName: "hearsay-demo",
    nodeName: name,
    bind: { host: "127.0.0.1", port },
    join,
    extensions: "all",
  });
  const channel = cluster.channel(CHANNEL);
  channel.on(({ value, from }) => {
    if (from !== cluster.self.name) report({ type: "heard", id: value.id, from, atMs: nowMs() });
  });
  process.on("message", (message) => void obey(message as NodeCommand));
  report({ type: "bound", address: cluster.self.address });
  const timer = setInterval(() => report({ type: "view", view: viewOf(cluster) }), VIEW_INTERVAL_MS);
  for await (const item of cluster.changes()) {
    const view = viewOf(cluster);
    if (item.type === "snapshot") report({ type: "view", view });
    else {
      const { type, member, cause } = item;
      const change = { type, name: member.name, incarnation: member.incarnation, cause: causeReport(cause) };
      report({ type: "change", change, view });
    }
  }
  clearInterval(timer);
  const { cause } = await cluster.closed;
  if (cause !== null) throw cause;
  process.disconnect?.();

  async function obey(command: NodeCommand): Promise<void> {
    if (command.type === "leave") return cluster.leave();
    if (command.type === "publish") {
      const atMs = nowMs();
      await channel.publish({ id: command.id }, { urgency: "now" });
      report({ type: "published", id: command.id, atMs });
    } else {
      report({ type: "explained", id: command.id, causes: cluster.explain(command.name).map(causeReport) });
    }
  }
}

function viewOf(cluster: Cluster<Demo>): View {
  const members = cluster.members({ status: ["alive", "suspect", "leaving", "failed", "left"] });
  return { status: cluster.status, members: members.map(memberReport) };
}

/** Milliseconds on a clock that all processes of one machine share. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function report(message: NodeReport): void {
  // A paused or dying parent is no failure; the callback takes the error of a closed channel.
  if (process.connected) process.send?.(message, () => {});
}

import { parseArgs } from "node:util";
import { print, type Row } from "./rows.ts";

const USAGE = `usage: npm run bench -- <name> [--json] [--quick]
  propagation   an urgent broadcast to 100 nodes, with the eager lane and without it
  joins         50 nodes that start at the same time
  micro         time and garbage of single operations, beside the same in Go
  fuzz          a million damaged packets: nothing throws, nothing grows beyond its limit
  slices        how long a push/pull of 10,000 members keeps a node from answering pings
  serf-event    a user event to 20 agents, beside the same with Serf's own
  pings         a node that answers pings, beside memberlist
  idle          what a node costs that has nothing to do
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const [name, ...more] = positionals;

// Each benchmark is loaded only to run it: what the others need must not change its start.
async function measure(): Promise<Row[] | null> {
  switch (name) {
    case "propagation":
      return [
        ...(await (await import("./propagation.ts")).propagation(100, values.quick ? 8 : 50)),
        ...(await import("./lossy.ts")).lossyPropagation(values.quick ? 200 : 3000),
      ];
    case "joins":
      return (await import("./joins.ts")).joins(50, values.quick ? 5 : 20);
    case "micro":
      return (await import("./micro.ts")).micro(values.quick);
    case "fuzz":
      return (await import("./fuzz.ts")).fuzz(values.quick ? 100_000 : 1_000_000);
    case "slices":
      return (await import("./slices.ts")).slices(values.quick);
    case "serf-event":
      return (await import("./serf-event.ts")).serfEvent(values.quick ? 5 : 50);
    case "pings":
      return (await import("./pings.ts")).pings(values.quick);
    case "idle":
      return (await import("./idle.ts")).idle(values.quick);
    default:
      return null;
  }
}

/** What benchmarks start as processes of their own. False if `name` is none of them. */
async function actAsPart(): Promise<boolean> {
  switch (name) {
    case "join-once":
      console.log(await (await import("./joins.ts")).joinOnce(Number(more[0])));
      return true;
    case "slices-node":
      await (await import("./slices-node.ts")).slicesNode(more);
      return true;
    case "pings-client":
      await (await import("./pings-client.ts")).pingsClient(more);
      return true;
    default:
      return false;
  }
}

if (!(await actAsPart())) {
  const rows = await measure();
  if (rows === null) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  } else {
    print(rows, values.json);
  }
}

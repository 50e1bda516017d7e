import { createCluster } from "hearsay";
import { type Figure, tell } from "../figures.ts";
import { KEY, PINGED, runPings } from "../pings-load.ts";

const WARM_UP_MS = 400;
const RUN_MS = 1200;

/**
 * The cost of answering a ping for a real node, including sockets, collector and kernel: plain, or with `encrypted`.
 */
async function sample(isEncrypted: boolean): Promise<Figure[]> {
  const key = isEncrypted ? KEY : "";
  const node = await createCluster({
    flavour: "memberlist",
    nodeName: PINGED,
    bind: "127.0.0.1:0",
    encryption: isEncrypted ? { keys: [key] } : "off",
  });
  const cpuMicros = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  await runPings(node.self.address, key, WARM_UP_MS, cpuMicros);
  const run = await runPings(node.self.address, key, RUN_MS, cpuMicros);
  await node.close();
  const what = `${isEncrypted ? "AES-256-GCM" : "plain"}, 64 outstanding: a ping`;
  return [
    { name: what, unit: "µs", value: run.micros / run.answers },
    { name: `${what}, CPU`, unit: "µs", value: run.cpuMicros / run.answers },
  ];
}

tell(await sample(process.argv[2] === "encrypted"));

import { createCluster, type MemberlistCluster } from "hearsay";
import { rest } from "../pool.ts";
import { type Turn, TurnMonitor } from "../turn-monitor.ts";

/** The phases of a round, in this order; the report names the phase. */
export type SlicePhase = "joins-new" | "joins-known" | "accepts-known" | "accepts-new";

/** The node's messages to the benchmark: a request to push the peer's state to the node, or the result of a phase. */
export type FromSlicesNode =
  | { readonly kind: "dial"; readonly address: string }
  | { readonly kind: "phase"; readonly phase: SlicePhase; readonly round: number; readonly turns: readonly Turn[] };

/** Pause before and after a phase, so that the previous phase is over and the collector's reports have arrived. */
const SETTLED_MS = 40;

/** A process with a real node that exchanges states with the benchmark's peer and reports the lengths of its turns. */
async function run([peer = "", members = "", rounds = "", key = ""]: readonly string[]): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) {
    const node = new MeasuredNode(await open(`a${round}`, key), Number(members), round);
    await node.phase("joins-new", () => node.cluster.join(peer));
    await node.phase("joins-known", () => node.cluster.join(peer));
    await node.phase("accepts-known", () => dialled(node.cluster.self.address));
    await node.cluster.close();
    const other = new MeasuredNode(await open(`b${round}`, key), Number(members), round);
    await other.phase("accepts-new", () => dialled(other.cluster.self.address));
    await other.cluster.close();
  }
  process.disconnect();
}

class MeasuredNode {
  readonly cluster: MemberlistCluster;
  readonly #members: number;
  readonly #round: number;
  readonly #monitor: TurnMonitor = new TurnMonitor();

  constructor(cluster: MemberlistCluster, members: number, round: number) {
    this.cluster = cluster;
    this.#members = members;
    this.#round = round;
  }

  async phase(phase: SlicePhase, exchange: () => Promise<unknown>): Promise<void> {
    await rest(SETTLED_MS);
    this.#monitor.start();
    await exchange();
    for (;;) {
      const { statesEncoding, statesMerging, members } = this.cluster.stats().occupancy;
      if (statesEncoding === 0 && statesMerging === 0 && members > this.#members) break;
      await rest(5);
    }
    await rest(SETTLED_MS);
    tell({ kind: "phase", phase, round: this.#round, turns: this.#monitor.stop() });
  }
}

/** Opens a node without probes and periodic push/pulls, since the other members don't exist. */
function open(nodeName: string, key: string): Promise<MemberlistCluster> {
  return createCluster({
    flavour: "memberlist",
    nodeName,
    bind: "127.0.0.1:0",
    encryption: key === "" ? "off" : { keys: [key] },
    timings: { probeInterval: 0, pushPullInterval: 0, healInterval: 30_000 },
  });
}

/** Makes the peer push its state to this node; resolves when the peer has read the answer. */
function dialled(address: string): Promise<unknown> {
  tell({ kind: "dial", address });
  return new Promise((resolve) => process.once("message", resolve));
}

function tell(message: FromSlicesNode): void {
  process.send?.(message);
}

await run(process.argv.slice(2));

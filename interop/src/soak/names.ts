import { createSocket } from "node:dgram";
import { ALIVE, encodeMessage, PacketCodec, wireOptions } from "@hearsay/core/wire";
import { until } from "../until.ts";
import type { SoakNode } from "./soak-node.ts";
import { FLOOD_NAME, MISSED } from "./soak-node-process.ts";
import type { SoakCase, SoakRun } from "./soak-run.ts";

const NODES = 3;
const NAMES = 140_000;
/** The default of `membersMax`. */
const MEMBERS_MAX = 65_536;
const PER_PACKET = 12;
const PACKETS_PER_TURN = 10;
/** The real members must hold for this long afterwards: some rounds of probes. */
const HOLD_MS = 20_000;
const RSS_MIB_MAX = 768;

/** Announces more members than a node may list, all of them invented. */
export const names: SoakCase = {
  name: "names",
  shows: "140,000 new names stop at the limit of members, and the real ones stay members of each other",
  limitMs: 240_000,
  async run(run: SoakRun): Promise<void> {
    const nodes = await run.startNodes(NODES);
    const [target] = nodes;
    if (target === undefined) throw new Error("no nodes");
    const startedAt = performance.now();
    await until("the limit is reached", () => floodedOnce(target, nodes), 120_000);
    run.figures.push(`names told: ${NAMES} a round, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    for (const node of nodes) {
      const { view, membersRefused, rssBytes } = await node.look();
      run.figure(`members that ${node.name} holds`, view.length, MEMBERS_MAX, "", `refused ${membersRefused}`);
      run.figure(`memory of ${node.name}`, rssBytes / 2 ** 20, RSS_MIB_MAX, "MiB", "no earlier figure");
      const real = view.filter((line) => !line.startsWith(FLOOD_NAME));
      if (real.join() !== nodes.map(({ name }) => `${name} alive`).join()) {
        throw new Error(`${node.name} sees of the real members ${real.join(", ")}`);
      }
    }
    const { view } = await target.look();
    if (view.length !== MEMBERS_MAX) throw new Error(`${view.length} members; the limit is ${MEMBERS_MAX}`);
    const doubts = nodes.flatMap(({ name, changes }) =>
      changes.filter((what) => !what.startsWith("joined ")).map((what) => `${name}: ${what}`),
    );
    run.figures.push(`changes of real members meanwhile: ${doubts.join(", ") || "none"}`);
    // Missed changes may include a failure.
    const isFailure = (what: string): boolean => what.includes(": failed ") || what.includes(`: ${MISSED} `);
    if (doubts.some(isFailure)) throw new Error(`a real member failed, or may have: ${doubts.join(", ")}`);
  },
};

/** Sends all names. A flood loses datagrams, so the caller repeats this until one name was refused. */
async function floodedOnce(target: SoakNode, nodes: readonly SoakNode[]): Promise<string | null> {
  await tellNames(target.address);
  const { membersRefused, view } = await target.look();
  return membersRefused > 0 && view.length >= MEMBERS_MAX ? null : `${view.length} of ${nodes.length + NAMES}`;
}

async function tellNames(to: string): Promise<void> {
  const [host, port] = to.split(":");
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.connect(Number(port), host, resolve));
  const codec = new PacketCodec(wireOptions());
  let sent: Promise<void> = Promise.resolve();
  for (let first = 0, packets = 0; first < NAMES; first += PER_PACKET, packets++) {
    codec.begin();
    for (let i = first; i < Math.min(first + PER_PACKET, NAMES); i++) codec.add(aliveOf(i));
    sent = new Promise((resolve) => socket.send(codec.finish(false).slice(), () => resolve()));
    if (packets % PACKETS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await sent;
  socket.close();
}

/** An alive message of an invented member, at an unused loopback address. */
function aliveOf(index: number): Uint8Array {
  return encodeMessage({
    type: ALIVE,
    node: `${FLOOD_NAME}${index}`,
    addr: Uint8Array.of(127, 80 + (index >> 16), (index >> 8) & 0xff, index & 0xff),
    port: 7946,
    incarnation: 1,
    meta: null,
    vsn: Uint8Array.of(1, 5, 2, 2, 5, 4),
  });
}

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Keyring, wireOptions } from "@hearsay/core/wire";
import { nodeCipher } from "hearsay/internal";
import { percentile, type Row, row } from "./rows.ts";
import { sliceSteps } from "./slice-steps.ts";
import type { FromSlicesNode, SlicePhase } from "./slices-node.ts";
import { StatePeer } from "./state-peer.ts";

const MEMBERS = 10_000;
/** The first rounds of a process are the compiler's; from this one on it is warm. */
const WARM_FROM = 3;

const PHASES: readonly (readonly [SlicePhase, string])[] = [
  ["joins-new", "joins, learns 10,000"],
  ["joins-known", "joins again, both know 10,000"],
  ["accepts-known", "is asked, both know 10,000"],
  ["accepts-new", "is asked, learns 10,000"],
];

type Phase = Extract<FromSlicesNode, { readonly kind: "phase" }>;

/** How long the turns of a real node's event loop are while it exchanges a state of 10,000 members over loopback. */
export async function slices(quick: boolean): Promise<Row[]> {
  const processes = quick ? 1 : 4;
  const rounds = quick ? 5 : 8;
  const rows: Row[] = [];
  for (const isEncrypted of [false, true]) {
    const phases: Phase[] = [];
    for (let i = 0; i < processes; i++) phases.push(...(await runNode(isEncrypted, rounds)));
    for (const [phase, what] of PHASES) {
      const name = `${what}${isEncrypted ? ", encrypted" : ""}`;
      const of = phases.filter((one) => one.phase === phase);
      const cold = of.filter(({ round }) => round === 0);
      const warm = of.filter(({ round }) => round >= WARM_FROM);
      rows.push(...turnRows(`${name}, cold`, cold), ...turnRows(`${name}, warm`, warm));
    }
  }
  rows.push(...sliceSteps(MEMBERS, quick ? 8 : 20));
  return rows;
}

function turnRows(name: string, phases: readonly Phase[]): Row[] {
  const work = phases.map(({ turns }) => turns.map(({ workMs }) => workMs));
  const pauses = phases.map(({ turns }) => turns.map(({ pausesMs }) => pausesMs));
  const longest = (all: readonly (readonly number[])[]): number[] => all.map((each) => Math.max(0, ...each));
  const medians = work.map((each) => percentile(each, 50));
  return [
    row("slices", `${name}: median busy turn`, "ms", medians),
    row("slices", `${name}: longest turn`, "ms", longest(work)),
    row("slices", `${name}: longest pause for garbage`, "ms", longest(pauses)),
  ];
}

/** One process with fresh nodes in it, round after round, and a peer here. */
async function runNode(isEncrypted: boolean, rounds: number): Promise<Phase[]> {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 5 * i);
  const secrets = { keyring: new Keyring([], key), cipher: nodeCipher() };
  const peer = await StatePeer.open(MEMBERS, wireOptions(isEncrypted ? secrets : {}));
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const base64 = isEncrypted ? Buffer.from(key).toString("base64") : "";
  // The node runs as a service would, not with the large young generation of the other benchmarks.
  const args = ["slices-node", peer.address, String(MEMBERS), String(rounds), base64];
  const child = fork(main, args, { execArgv: [] });
  const phases: Phase[] = [];
  child.on("message", (message: FromSlicesNode) => {
    if (message.kind === "phase") phases.push(message);
    else void peer.dial(message.address).then(() => child.send("dialled"));
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  peer.close();
  if (code !== 0) throw new Error(`the node's process ended with ${code}`);
  return phases;
}

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Keyring, wireOptions } from "@hearsay/core/wire";
import { nodeCipher } from "hearsay/internal";
import { type Figure, tell } from "../figures.ts";
import { percentile } from "../rows.ts";
import { StatePeer } from "../state-peer.ts";
import type { FromSlicesNode, SlicePhase } from "./slices-node.ts";

const MEMBERS = 10_000;
/** The compiler works in the first rounds of a process; from this round on it is warm. */
const WARM_FROM = 3;
const ROUNDS = 5;

const PHASES: readonly (readonly [SlicePhase, string])[] = [
  ["joins-new", "joins, learns 10,000"],
  ["joins-known", "joins again, both know 10,000"],
  ["accepts-known", "is asked, both know 10,000"],
  ["accepts-new", "is asked, learns 10,000"],
];

type Phase = Extract<FromSlicesNode, { readonly kind: "phase" }>;

/** The lengths of the turns of a real node's event loop while it exchanges a state of 10,000 members over loopback. */
async function sample(isEncrypted: boolean): Promise<Figure[]> {
  const phases = await runNode(isEncrypted);
  return PHASES.flatMap(([phase, what]) => {
    const name = `${what}${isEncrypted ? ", encrypted" : ""}`;
    const of = phases.filter((one) => one.phase === phase);
    const cold = of.filter(({ round }) => round === 0);
    const warm = of.filter(({ round }) => round >= WARM_FROM);
    return [
      figure(`${name}, cold: longest turn`, cold, longestTurn),
      figure(`${name}, warm: median busy turn`, warm, medianTurn),
      figure(`${name}, warm: longest turn`, warm, longestTurn),
      figure(`${name}, warm: all busy turns, CPU`, warm, allTurns),
      figure(`${name}, warm: longest pause for garbage`, warm, longestPause),
    ];
  });
}

function figure(name: string, phases: readonly Phase[], pick: (phase: Phase) => number): Figure {
  return { name, unit: "ms", value: percentile(phases.map(pick), 50) };
}

function longestTurn({ turns }: Phase): number {
  return Math.max(0, ...turns.map(({ workMs }) => workMs));
}

function medianTurn({ turns }: Phase): number {
  return percentile(
    turns.map(({ workMs }) => workMs),
    50,
  );
}

function allTurns({ turns }: Phase): number {
  return turns.reduce((sum, { workMs }) => sum + workMs, 0);
}

function longestPause({ turns }: Phase): number {
  return Math.max(0, ...turns.map(({ pausesMs }) => pausesMs));
}

/** Runs a process with fresh nodes, round after round, against a peer in this process. */
async function runNode(isEncrypted: boolean): Promise<Phase[]> {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 5 * i);
  const secrets = { keyring: new Keyring([], key), cipher: nodeCipher() };
  const peer = await StatePeer.open(MEMBERS, wireOptions(isEncrypted ? secrets : {}));
  const base64 = isEncrypted ? Buffer.from(key).toString("base64") : "";
  const args = [peer.address, String(MEMBERS), String(ROUNDS), base64];
  const child = fork(fileURLToPath(new URL("./slices-node.js", import.meta.url)), args);
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

tell(await sample(process.argv[2] === "encrypted"));

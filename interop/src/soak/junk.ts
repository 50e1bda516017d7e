import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "../until.ts";
import type { FloodResult } from "./junk-process.ts";
import { MISSED } from "./soak-node-process.ts";
import type { SoakCase, SoakRun } from "./soak-run.ts";

const NODES = 4;
const PER_SECOND = 200_000;
/** With fewer the machine has not produced the flood of the case. */
const PER_SECOND_MIN = 50_000;
const FLOOD_MS = 8000;
/** A node takes this many in a fraction of a second; with fewer the flood has gone elsewhere. */
const ARRIVED_MIN = 10_000;
/**
 * At the default intervals: a probe of each of three others within 3 s, its timeout and the indirect probe within 2 s,
 * and the longest suspicion of four members, 24 s; twice that, since probes may be sent late.
 */
const DEATH_LIMIT_S = 60;

/** A flood of invalid datagrams. */
export const junk: SoakCase = {
  name: "junk",
  shows: "200,000 junk datagrams a second for 8 s make no false suspicion, and a real death meanwhile is seen",
  limitMs: 120_000,
  async run(run: SoakRun): Promise<void> {
    const nodes = await run.startNodes(NODES);
    const [target, ...others] = nodes;
    const dying = others.pop();
    if (target === undefined || dying === undefined) throw new Error("no nodes");
    const living = [target, ...others];
    const program = fileURLToPath(new URL("./junk-process.js", import.meta.url));
    const flood = fork(program, [target.address, String(PER_SECOND), String(FLOOD_MS)]);
    run.atEnd(async () => flood.kill());
    const result = new Promise<FloodResult>((resolve, reject) => {
      flood.once("message", (words: FloodResult) => resolve(words));
      flood.once("exit", () => reject(new Error("the flood ended without a word")));
    });
    await new Promise((resolve) => flood.once("spawn", resolve));
    const { datagramsIn: inBefore } = await target.look();
    const killedAt = performance.now();
    await dying.kill();
    const seen = `failed ${dying.name}`;
    await until(
      "the death is seen by all",
      () => living.find(({ changes }) => !changes.includes(seen))?.name ?? null,
      DEATH_LIMIT_S * 1000,
    );
    const seconds = (performance.now() - killedAt) / 1000;
    const { sent, ms } = await result;
    const rate = (sent * 1000) / ms;
    const arrived = (await target.look()).datagramsIn - inBefore;
    run.figures.push(`junk sent to one node: ${Math.round(rate)} datagrams a second for ${(ms / 1000).toFixed(1)} s`);
    run.figures.push(`of them taken: ${Math.round((arrived * 1000) / ms)} a second; the system dropped the others`);
    if (arrived < ARRIVED_MIN) throw new Error(`only ${arrived} datagrams of the flood arrived`);
    if (rate < PER_SECOND_MIN) throw new Error(`the flood had only ${Math.round(rate)} datagrams a second`);
    run.figure("a death meanwhile is seen by all after", seconds, DEATH_LIMIT_S, "s", "once 5.8");
    const doubts = living.flatMap(({ name, changes }) =>
      changes
        .filter((change) => isDoubt(change) && !change.endsWith(` ${dying.name}`))
        .map((what) => `${name}: ${what}`),
    );
    if (doubts.length > 0) throw new Error(`false suspicions: ${doubts.join(", ")}`);
    run.figures.push("false suspicions: 0 (limit 0)");
  },
};

function isDoubt(change: string): boolean {
  return ["suspected ", "failed ", `${MISSED} `].some((kind) => change.startsWith(kind));
}

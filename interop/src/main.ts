import type { Case } from "./case-run.ts";
import { CASES } from "./cases/index.ts";
import { buildPeer, goAvailable } from "./go-peer.ts";
import { CI, FULL, type Pace } from "./pace.ts";
import { writeResults, writeSerfResults } from "./results.ts";
import { runCli } from "./serf/cli.ts";
import { runScale } from "./serf/scale.ts";
import { runSerfCase, runSerfCases, SERF_CASE_NAMES } from "./serf/serf-suite.ts";
import { runSnippets } from "./snippets/run.ts";
import { runSoak, runSoakInside, SOAK_CASE_NAMES } from "./soak/soak.ts";
import { type Outcome, runCases } from "./suite.ts";

const USAGE = `usage: npm run interop -- ci|full [--write] [--parallel=N] [case...]
       npm run interop -- serf [--write] [case...]
       npm run interop -- serf-cli
       npm run interop -- serf-scale
       npm run interop -- snippets
       npm run interop -- soak [case...]
cases of memberlist: ${CASES.map(({ name }) => name).join(", ")}
cases of Serf: ${SERF_CASE_NAMES.join(", ")}
cases of soak: ${SOAK_CASE_NAMES.join(", ")}`;

/** The contents of the command line. */
interface Request {
  readonly pace: Pace;
  readonly cases: readonly Case[];
  readonly parallel: number;
  readonly isWriting: boolean;
}

/** Enough to keep two processors busy, and few enough for short probe timeouts to hold. */
const PARALLEL = 3;

const [mode = "", ...words] = process.argv.slice(2);
process.exitCode = await run();

function run(): Promise<number> | number {
  if (mode === "serf") return serf(words);
  if (mode === "serf-inside") return serfInside(words);
  if (mode === "serf-cli" && words.length === 0) return runCli();
  if (mode === "serf-scale" && words.length === 0) return runScale();
  if (mode === "snippets" && words.length === 0) return runSnippets();
  const isSoak = words.every((word) => SOAK_CASE_NAMES.includes(word));
  if (mode === "soak" && isSoak) return runSoak(words);
  // Internal: `soak` runs this in a namespace of its own.
  if (mode === "soak-inside" && isSoak) return soakInside(words);
  return memberlist(process.argv.slice(2));
}

async function memberlist(args: readonly string[]): Promise<number> {
  const request = readRequest(args);
  return request === null ? misused() : await main(request);
}

async function serf(args: readonly string[]): Promise<number> {
  const names = args.filter((word) => !word.startsWith("--"));
  const isKnown = args.every((word) => word === "--write" || SERF_CASE_NAMES.includes(word));
  // Written results replace all previous ones, so they must be complete.
  const isPart = args.includes("--write") && names.length > 0;
  if (!isKnown || isPart) return misused();
  const outcomes = await runSerfCases(names.length === 0 ? SERF_CASE_NAMES : names, tell);
  if (args.includes("--write")) await writeSerfResults(outcomes);
  const failed = outcomes.filter(({ failure }) => failure !== null).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** Internal: a case starts this in a namespace of its own. */
async function serfInside([name = "", label = "", kind = ""]: readonly string[]): Promise<number> {
  const outcome = await runSerfCase(name, label, kind);
  if (outcome === null) return misused();
  tell(outcome);
  return outcome.failure === null ? 0 : 1;
}

/** Ends with the last case, whatever a hanging case still waits for: its processes end with their namespace. */
async function soakInside(names: readonly string[]): Promise<never> {
  process.exit(await runSoakInside(names));
}

function misused(): number {
  console.error(USAGE);
  return 2;
}

function tell({ name, seconds, failure }: Outcome): void {
  console.log(`${failure === null ? "pass" : "FAIL"}  ${name}  ${seconds.toFixed(1)} s`);
  if (failure !== null) console.log(failure.replaceAll(/^/gm, "      "));
}

async function main({ pace, cases, parallel, isWriting }: Request): Promise<number> {
  if (!(await goAvailable())) {
    console.log("Go is not installed, so there is no memberlist to run against.");
    console.log(`0 passed, 0 failed, ${cases.length} skipped`);
    // On CI a skipped case would look like a passed one.
    return process.env["CI"] === undefined ? 0 : 1;
  }
  await buildPeer();
  const outcomes = await runCases(cases, {
    pace,
    parallel,
    onOutcome: tell,
  });
  if (isWriting) await writeResults(outcomes);
  const failed = outcomes.filter(({ failure }) => failure !== null).length;
  const skipped = cases.length - outcomes.length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed + skipped > 0 ? 1 : 0;
}

function readRequest(words: readonly string[]): Request | null {
  const [mode, ...rest] = words;
  const pace = [CI, FULL].find(({ name }) => name === mode);
  const parallel = Number(rest.find((word) => word.startsWith("--parallel="))?.split("=")[1] ?? PARALLEL);
  const names = rest.filter((word) => !word.startsWith("--"));
  const known = rest.every((word) => !word.startsWith("--") || /^--(?:write|parallel=\d+)$/.test(word));
  const cases = names.length === 0 ? CASES : CASES.filter(({ name }) => names.includes(name));
  if (pace === undefined || !known || !(parallel >= 1) || (names.length > 0 && cases.length < names.length))
    return null;
  const isWriting = rest.includes("--write");
  if (isWriting && (pace !== FULL || names.length > 0)) return null;
  return { pace, cases, parallel, isWriting };
}

import type { Case } from "./case-run.ts";
import { CASES } from "./cases/index.ts";
import { buildPeer, goAvailable } from "./go-peer.ts";
import { CI, FULL, type Pace } from "./pace.ts";
import { writeResults } from "./results.ts";
import { runCases } from "./suite.ts";

const USAGE = `usage: npm run interop -- ci|full [--write] [--parallel=N] [case...]
cases: ${CASES.map(({ name }) => name).join(", ")}`;

/** What the command line asks for. */
interface Request {
  readonly pace: Pace;
  readonly cases: readonly Case[];
  readonly parallel: number;
  readonly isWriting: boolean;
}

/** Enough to keep two processors busy, and little enough for short probe timeouts to hold. */
const PARALLEL = 3;

const request = readRequest(process.argv.slice(2));
if (request === null) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  process.exitCode = await main(request);
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
    onOutcome: ({ name, seconds, failure }) => {
      console.log(`${failure === null ? "pass" : "FAIL"}  ${name}  ${seconds.toFixed(1)} s`);
      if (failure !== null) console.log(failure.replaceAll(/^/gm, "      "));
    },
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
  return { pace, cases, parallel, isWriting: rest.includes("--write") };
}

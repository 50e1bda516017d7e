import { spawn } from "node:child_process";
import { ALLOWED_DIFFERENCES, BATCH_LOG_LINES, COMMON_LOG_LINES } from "./cli-differences.ts";
import { CLI_STEPS, type CliPool, type CliStep } from "./cli-steps.ts";
import type { Peer } from "./peer.ts";
import { type Program, serfPrograms } from "./programs.ts";
import { SerfRun } from "./serf-run.ts";

const AUTH = "a secret";

/** A command that is not answered within this time counts as unanswered. */
const PATIENCE_MAX_S = 32;

/** A command that takes longer hangs. */
const COMMAND_LIMIT_MS = 120_000;

/** The result of a command. */
interface Output {
  readonly code: number | null;
  readonly text: string;
}

/**
 * Runs the real `serf` command against our agent, and against a real one in an equal pool: prints both outputs of each
 * command and compares them. Returns the exit code: 1 if there is a difference that is not allowed.
 */
export async function runCli(): Promise<number> {
  const { newest } = await serfPrograms();
  let differing = 0;
  let count = 0;
  for (const authKey of [undefined, AUTH]) {
    const ours = new SerfRun(newest, "encrypted");
    const theirs = new SerfRun(newest, "encrypted");
    try {
      const pools = await Promise.all([startPool(ours, true, authKey), startPool(theirs, false, authKey)]);
      for (const step of stepsFor(authKey)) {
        const [one, other] = await runInBoth(step, pools, newest, authKey);
        count++;
        if (!report(step, authKey, one, other)) differing++;
      }
    } catch (error) {
      console.log(ours.recentLogs());
      throw error;
    } finally {
      await Promise.all([ours.close(), theirs.close()]);
    }
  }
  console.log(`${count - differing} passed, ${differing} failed`);
  return differing > 0 ? 1 : 0;
}

/** The steps; with authentication they begin with refused commands. */
function stepsFor(authKey: string | undefined): readonly CliStep[] {
  if (authKey === undefined) return CLI_STEPS;
  const refused = ["members -rpc-auth=wrong", "event -rpc-auth= deploy", "info -rpc-auth="];
  return [...refused.map((words) => ({ words })), ...CLI_STEPS];
}

async function startPool(run: SerfRun, ours: boolean, authKey: string | undefined): Promise<CliPool> {
  const flags = ["-event-handler=query:load=cat; echo 0.5"];
  const auth = authKey === undefined ? {} : { authKey };
  const subject = await run.start("alpha", ours, { tags: { role: "web" }, flags, profile: "lan", ...auth });
  const beta = await run.start("beta", false, { tags: { role: "db" }, flags, profile: "lan" });
  const gamma = await run.start("gamma", false, { tags: { role: "db" }, flags, profile: "lan" });
  const all = [subject, beta, gamma];
  for (const [index, peer] of [beta, gamma].entries()) {
    await peer.rpc.join([subject.address]);
    // Otherwise the next agent may use the same Lamport time for its join, and the clocks of the two pools differ from
    // then on.
    await untilClocksAgree(run, all.slice(0, index + 2));
  }
  await run.untilAllSee(all, ["alpha alive", "beta alive", "gamma alive"]);
  await run.untilAllHear([subject], ["beta", "gamma"], "member-join");
  await run.until("the subject knows where all are", async () => {
    for (const { name } of all) if ((await subject.rpc.getCoordinate(name)) === null) return name;
    return null;
  });
  return { subject, beta, gamma };
}

/** Waits until the Lamport clocks for members agree on all agents. */
function untilClocksAgree(run: SerfRun, peers: readonly Peer[]): Promise<void> {
  return run.until("the clocks agree", async () => {
    const stats = await Promise.all(peers.map(({ rpc }) => rpc.stats()));
    const times = stats.map((parts) => parts.get("serf")?.get("member_time") ?? "none");
    return new Set(times).size === 1 ? null : times.join();
  });
}

/**
 * Runs a step in both pools. If an agent answered too late, which proves nothing, the step is repeated in both with
 * twice the time.
 */
async function runInBoth(
  step: CliStep,
  pools: readonly [CliPool, CliPool],
  serf: Program,
  authKey: string | undefined,
): Promise<readonly [Output, Output]> {
  await Promise.all(pools.map((pool) => step.before?.(pool)));
  for (let patienceS = 1; ; patienceS *= 2) {
    const run = (pool: CliPool): Promise<Output> => runStep(step, pool, serf, authKey, patienceS);
    const outputs = await Promise.all([run(pools[0]), run(pools[1])]);
    const isComplete = outputs.every(({ text }) => step.complete?.test(text) !== false);
    if (isComplete || patienceS >= PATIENCE_MAX_S) return outputs;
  }
}

async function runStep(
  { words, isUnordered, endsWith }: CliStep,
  pool: CliPool,
  serf: Program,
  authKey: string | undefined,
  patienceS: number,
): Promise<Output> {
  const [command = "", ...rest] = words
    .replace("{beta}", pool.beta.address)
    .replace("{gamma}", pool.gamma.address)
    .replace("{patience}", `${patienceS}s`)
    .split(" ");
  const access = [
    `-rpc-addr=127.0.0.1:${pool.subject.rpcPort}`,
    ...(authKey === undefined ? [] : [`-rpc-auth=${authKey}`]),
  ];
  const { code, text } = await execute(serf, [command, ...access, ...rest], endsWith);
  const isMonitor = endsWith !== undefined;
  return { code, text: normalised(text, isUnordered === true, isMonitor) };
}

/**
 * Returns the combined output of a process and its exit code; null if it was killed, as it is once its output matches
 * `endsWith`.
 */
function execute({ command }: Program, args: readonly string[], endsWith: RegExp | undefined): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (endsWith?.test(text) === true) child.kill("SIGKILL");
      });
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_LIMIT_MS);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, text });
    });
  });
}

function normalised(text: string, isUnordered: boolean, isMonitor: boolean): string {
  let same = text;
  for (const { pattern, placeholder } of ALLOWED_DIFFERENCES) same = same.replaceAll(pattern, placeholder);
  const lines = same.split("\n").map((line) => line.trimEnd());
  const compared = isMonitor ? commonLogLines(lines) : lines;
  return (isUnordered ? sorted(compared) : compared).join("\n").trim();
}

/** Changes of members are delivered in batches whose number depends on timing, so one line stands for all of a kind. */
function commonLogLines(lines: readonly string[]): string[] {
  const common = lines.filter((line) => COMMON_LOG_LINES.test(line));
  return common.filter((line, index) => !BATCH_LOG_LINES.test(line) || common.indexOf(line) === index);
}

/** Members, tags and keys come in the random order of a Go map; in JSON, this also moves commas. */
function sorted(lines: readonly string[]): string[] {
  const parts = lines.map((line) =>
    line.replace(/,$/, "").replace(/\S+=\S*(?:,\S+=\S*)+/, (tags) => tags.split(",").sort().join()),
  );
  return parts.sort();
}

/** Prints a step with both outputs side by side. Returns whether they are equal. */
function report({ words }: CliStep, authKey: string | undefined, ours: Output, theirs: Output): boolean {
  const isSame = ours.code === theirs.code && ours.text === theirs.text;
  const shown = words.length > 70 ? `${words.slice(0, 70)}…` : words;
  console.log(`${isSame ? "same" : "DIFF"}  serf ${shown}${authKey === undefined ? "" : "  (with -rpc-auth)"}`);
  const theirLines = theirs.text.split("\n");
  const ourLines = ours.text.split("\n");
  console.log(row(`exit ${ours.code}`, `exit ${theirs.code}`));
  for (let i = 0; i < Math.max(ourLines.length, theirLines.length); i++) {
    console.log(row(ourLines[i] ?? "", theirLines[i] ?? ""));
  }
  return isSame;
}

const COLUMN = 76;

function row(ours: string, theirs: string): string {
  const cut = (line: string): string => (line.length > COLUMN ? `${line.slice(0, COLUMN - 1)}…` : line);
  return `      ${cut(ours).padEnd(COLUMN)} | ${cut(theirs)}`;
}

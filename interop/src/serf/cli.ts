import { spawn } from "node:child_process";
import { ALLOWED_DIFFERENCES, COMMON_LOG_LINES } from "./cli-differences.ts";
import { CLI_STEPS, type CliPool, type CliStep } from "./cli-steps.ts";
import { type Program, serfPrograms } from "./programs.ts";
import { SerfRun } from "./serf-run.ts";

const AUTH = "a secret";

/** What a command came to. */
interface Output {
  readonly code: number | null;
  readonly text: string;
}

/**
 * The real `serf` command against our agent, and the same against a real one in a pool like it: prints both outputs of each
 * command, and compares them. Returns the exit code: 1 if anything differs that may not.
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
        const [one, other] = await Promise.all(pools.map((pool) => runStep(step, pool, newest, authKey)));
        if (one === undefined || other === undefined) continue;
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

/** With authentication in the first place what happens without it. */
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
  for (const peer of [beta, gamma]) await peer.rpc.join([subject.address]);
  const all = [subject, beta, gamma];
  await run.untilAllSee(all, ["alpha alive", "beta alive", "gamma alive"]);
  await run.untilAllHear([subject], ["beta", "gamma"], "member-join");
  await run.until("the subject knows where all are", async () => {
    for (const { name } of all) if ((await subject.rpc.getCoordinate(name)) === null) return name;
    return null;
  });
  return { subject, beta, gamma };
}

async function runStep(
  { words, isUnordered, endsAfterMs, before }: CliStep,
  pool: CliPool,
  serf: Program,
  authKey: string | undefined,
): Promise<Output> {
  await before?.(pool);
  const [command = "", ...rest] = words
    .replace("{beta}", pool.beta.address)
    .replace("{gamma}", pool.gamma.address)
    .split(" ");
  const access = [
    `-rpc-addr=127.0.0.1:${pool.subject.rpcPort}`,
    ...(authKey === undefined ? [] : [`-rpc-auth=${authKey}`]),
  ];
  const { code, text } = await execute(serf, [command, ...access, ...rest], endsAfterMs);
  const isMonitor = endsAfterMs !== undefined;
  return { code, text: normalised(text, isUnordered === true, isMonitor) };
}

/** Both streams of a process together, and its exit code; null if it was ended. */
function execute({ command }: Program, args: readonly string[], endsAfterMs: number | undefined): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (more: string) => {
        text += more;
      });
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), endsAfterMs ?? 60_000);
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
  const compared = isMonitor ? lines.filter((line) => COMMON_LOG_LINES.test(line)) : lines;
  return (isUnordered ? sorted(compared) : compared).join("\n").trim();
}

/** Members, tags and keys come in the order of a Go map, which is none; in JSON, so do commas. */
function sorted(lines: readonly string[]): string[] {
  const parts = lines.map((line) =>
    line.replace(/,$/, "").replace(/\S+=\S*(?:,\S+=\S*)+/, (tags) => tags.split(",").sort().join()),
  );
  return parts.sort();
}

/** One row of the table, with both outputs. Returns whether they are the same. */
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

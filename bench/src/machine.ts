import { execFile } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The circumstances of a measurement: revision, machine, versions, and the machine's load at the start. */
export async function circumstances(): Promise<string> {
  const processors = cpus();
  const model = processors[0]?.model.replaceAll(/\s+/g, " ").trim() ?? "unknown";
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return [
    `revision ${await revision()}`,
    `${processors.length} × ${model}, ${gibibytes} GiB`,
    `${type()} ${release()}`,
    `Node ${process.versions.node}`,
    `load ${loadavg()[0]?.toFixed(1)} at the start`,
    date,
  ].join("; ");
}

/** The commit of this tree, and whether the tree differs from it outside docs, where the figures are written. */
async function revision(): Promise<string> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)("git", args, { cwd: ROOT });
    return stdout.trim();
  };
  try {
    const commit = await git("rev-parse", "--short=12", "HEAD");
    return (await git("status", "--porcelain", "--", ".", ":!docs")) === "" ? commit : `${commit} with changes`;
  } catch {
    return "unknown";
  }
}

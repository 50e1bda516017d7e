import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const source: string = fileURLToPath(new URL("../peer/", import.meta.url));
const binary: string = fileURLToPath(new URL("../bin/memberlist-peer", import.meta.url));
let built: Promise<string> | undefined;

/** Whether a Go toolchain is available, so that a run without one can report that it skips the Go peers. */
export async function goAvailable(): Promise<boolean> {
  try {
    await run("go", ["version"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Builds the Go peer once per process and returns the path of its binary.
 *
 * The first build on a machine fetches the modules that `go.sum` pins; later ones need no network.
 *
 * @throws Error when Go is missing or the build fails, with the compiler's words.
 */
export function buildPeer(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  if (!(await goAvailable())) throw new Error("the Go peer needs a Go toolchain, and `go version` does not run");
  try {
    // Version stamping would fail in an export of the repository, which has no history.
    await run("go", ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", binary, "."], { cwd: source });
  } catch (cause) {
    const words = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`the Go peer does not build: ${words}`, { cause });
  }
  return binary;
}

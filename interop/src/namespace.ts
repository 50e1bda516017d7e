import { execFile } from "node:child_process";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MAIN: string = fileURLToPath(new URL("./main.js", import.meta.url));
/** Marks the run inside the namespace, so that it never starts another one. */
const INSIDE = "HEARSAY_INTEROP_NAMESPACE";
const ADDRESS = "10.77.0.1";
/**
 * Commands that set up a network in which loopback has a private address. memberlist requires an interface with a
 * default route.
 */
export const PRIVATE_LOOPBACK: readonly string[] = [
  "ip link set lo up",
  `ip addr add ${ADDRESS}/24 dev lo`,
  "ip route add default dev lo",
];

/** Whether this process was started by `runInNamespace`. */
export function isInNamespace(): boolean {
  return process.env[INSIDE] !== undefined;
}

/** This machine's first IPv4 address of a private network; null if it has none. */
export function privateAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ address, family }) => family === "IPv4" && isPrivate(address))?.address ?? null;
}

/**
 * Reruns one case in its own network and mount namespaces, where `setup` first creates the network. Needs Linux, `ip`,
 * and the right to create a namespace, either as root or as a user with a user namespace.
 *
 * @throws Error with the output if the case fails there, or if the namespace can't be created.
 */
export async function runInNamespace(
  name: string,
  pace: string,
  limitMs: number,
  setup: readonly string[] = PRIVATE_LOOPBACK,
): Promise<void> {
  if (isInNamespace()) throw new Error("the namespace has no private address");
  const isRoot = process.getuid?.() === 0;
  const script = `${[...setup, 'exec "$@"'].join(" && ")}`;
  const words = [...(isRoot ? [] : ["--map-root-user"]), "--net", "--mount", "sh", "-c", script, "sh"];
  const env = { ...process.env, [INSIDE]: "1" };
  try {
    await promisify(execFile)("unshare", [...words, process.execPath, MAIN, pace, name], { env, timeout: limitMs });
  } catch (cause) {
    const output = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`the case failed in a namespace: ${cause}\n${output}`);
  }
}

function isPrivate(address: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address);
}

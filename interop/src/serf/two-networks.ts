import { type ChildProcess, execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "../until.ts";

const run = promisify(execFile);
const MAIN: string = fileURLToPath(new URL("../main.js", import.meta.url));
/** Marks the run inside the namespace, so that it never starts another one. */
const INSIDE = "HEARSAY_INTEROP_NETWORKS";
const FORWARDING = "/proc/sys/net/ipv4/ip_forward";

/** Whether this process runs in the network namespace that `runInside` made. */
export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/**
 * Runs this program with these words in a network namespace of its own, where it may create and split networks. Needs
 * Linux, `ip`, `unshare`, `nsenter`, and the right to create a namespace, as root or as a user with a user namespace.
 *
 * @throws Error with the output if it fails there.
 */
export async function runInside(words: readonly string[], limitMs: number): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const flags = [...(isRoot ? [] : ["--map-root-user"]), "--net", "--mount-proc", "--fork", "--pid"];
  try {
    const env = { ...process.env, [INSIDE]: "1" };
    await run("unshare", [...flags, process.execPath, MAIN, ...words], { env, timeout: limitMs });
  } catch (cause) {
    const output = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`failed in a namespace: ${cause}\n${output}`);
  }
}

/** Two networks, 10.78.1.0/24 and 10.78.2.0/24, with this process as the router between them. */
export class TwoNetworks {
  readonly #holders: readonly ChildProcess[];

  private constructor(holders: readonly ChildProcess[]) {
    this.#holders = holders;
  }

  static async make(): Promise<TwoNetworks> {
    await ip("link set lo up");
    const holders = await Promise.all([1, 2].map(makeNetwork));
    const networks = new TwoNetworks(holders);
    networks.join();
    return networks;
  }

  /** The words that run a command in one of the networks, 1 or 2. */
  wrapper(network: 1 | 2): readonly string[] {
    return ["nsenter", `--net=/proc/${this.#holders[network - 1]?.pid}/ns/net`];
  }

  /** An address in one of the networks; `host` is 10 to 250. */
  address(network: 1 | 2, host: number): string {
    return `10.78.${network}.${host}`;
  }

  /** Stops all traffic between the networks. */
  part(): void {
    writeFileSync(FORWARDING, "0");
  }

  join(): void {
    writeFileSync(FORWARDING, "1");
  }

  close(): void {
    for (const holder of this.#holders) holder.kill("SIGKILL");
  }
}

/** Creates a namespace, held by a sleeping process, and a link to it. */
async function makeNetwork(number: number): Promise<ChildProcess> {
  const holder = spawn("unshare", ["--net", "sleep", "900"], { stdio: "ignore" });
  const { pid } = holder;
  const own = await run("readlink", ["/proc/self/ns/net"]);
  await until(
    `network ${number} is there`,
    async () => ((await run("readlink", [`/proc/${pid}/ns/net`])).stdout === own.stdout ? "not yet" : null),
    5000,
  );
  await ip(`link add veth${number} type veth peer name eth0 netns ${pid}`);
  await ip(`addr add 10.78.${number}.1/24 dev veth${number}`);
  await ip(`link set veth${number} up`);
  const inside = async (words: string): Promise<void> => {
    await run("nsenter", [`--net=/proc/${pid}/ns/net`, "ip", ...words.split(" ")]);
  };
  await inside("link set lo up");
  await inside("link set eth0 up");
  for (let host = 10; host < 14; host++) await inside(`addr add 10.78.${number}.${host}/24 dev eth0`);
  await inside(`route add default via 10.78.${number}.1`);
  return holder;
}

async function ip(words: string): Promise<void> {
  await run("ip", words.split(" "));
}

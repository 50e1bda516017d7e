import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createCluster } from "hearsay";
import { MemberlistProcess } from "./memberlist-process.ts";
import { rest } from "./pool.ts";
import { type Row, row } from "./rows.ts";

const KEY = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => 3 * i)).toString("base64");

/** What a run came to. */
interface Run {
  readonly answers: number;
  readonly cpuMicros: number;
}

/**
 * What answering a ping costs a real node, sockets included: a client in a process of its own keeps 64 pings
 * outstanding. Beside it memberlist with its defaults, in turn with ours, if the Go peer has been built.
 */
export async function pings(quick: boolean): Promise<Row[]> {
  const runs = quick ? 2 : 7;
  const runMs = quick ? 700 : 2000;
  const rows: Row[] = [];
  for (const [what, key] of [
    ["plain", ""],
    ["AES-256-GCM", KEY],
  ] as const) {
    const node = await createCluster({
      flavour: "memberlist",
      nodeName: "node",
      bind: "127.0.0.1:0",
      encryption: key === "" ? "off" : { keys: [key] },
    });
    const peer = await MemberlistProcess.open("node", key);
    const ourCpu = (): number => {
      const { user, system } = process.cpuUsage();
      return user + system;
    };
    const ours: Run[] = [];
    const theirs: Run[] = [];
    await measured(node.address, key, runMs, ourCpu);
    for (let i = 0; i < runs; i++) {
      ours.push(await measured(node.address, key, runMs, ourCpu));
      if (peer !== null) theirs.push(await measured(peer.address, key, runMs, () => peer.cpuMicros()));
    }
    peer?.close();
    await node.close();
    const micros = (all: readonly Run[]): number[] => all.map(({ answers, cpuMicros }) => cpuMicros / answers);
    const rates = (all: readonly Run[]): number[] => all.map(({ answers }) => (answers * 1000) / runMs);
    rows.push(
      row("pings", `${what}: processor time per ping`, "µs", micros(ours), micros(theirs)),
      row("pings", `${what}: pings answered a second, 64 outstanding`, "1/s", rates(ours), rates(theirs)),
    );
  }
  return rows;
}

/** One run of the client. Starting it costs this process something, so the time counts from when it has begun. */
async function measured(to: string, key: string, runMs: number, cpuMicros: () => number): Promise<Run> {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const child = fork(main, ["pings-client", "node", to, String(runMs), key], { execArgv: [] });
  await rest(0);
  const before = cpuMicros();
  const answers = await new Promise<number>((resolve, reject) => {
    child.once("message", (count) => resolve(Number(count)));
    child.once("exit", () => reject(new Error("the client ended without a result")));
  });
  return { answers, cpuMicros: cpuMicros() - before };
}

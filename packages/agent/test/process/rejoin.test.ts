import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support.js";
import { AgentProcess, untilView } from "./agent-process.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-rejoin-"));
});
after(() => rm(folder, { recursive: true }));

/** An agent with a snapshot, where it was before if it has been started before. */
async function start(name: string, address: string | null, ...flags: string[]): Promise<AgentProcess> {
  const place = address === null ? [] : [`-bind=${address}`];
  return new AgentProcess(`-node=${name}`, `-snapshot=${join(folder, name)}`, ...place, ...flags).running();
}

/** Waits until the file tells of exactly these. */
async function untilSnapshot(name: string, alive: readonly string[]): Promise<void> {
  const told = (): string[] => {
    const lines = readFileSync(join(folder, name), "utf8")
      .split("\n")
      .map((line) => line.split(" "));
    const names = new Set<string>();
    for (const [kind, member = ""] of lines) {
      if (kind === "alive:") names.add(member);
      else if (kind === "not-alive:") names.delete(member);
    }
    return [...names].sort();
  };
  await eventually(() => told().join() === alive.join(), `the snapshot of ${name} tells of ${alive.join()}`);
}

async function kill(agent: AgentProcess): Promise<string> {
  const { address } = agent;
  agent.kill("SIGKILL");
  await agent.ended;
  return address;
}

describe("agents with snapshots and no addresses to join by", () => {
  it("find each other when they are started one after the other, though the first finds nobody at its start", async () => {
    await using a = await start("a", null);
    await using b = await start("b", null, `-join=${a.address}`);
    await using c = await start("c", null, `-join=${a.address}`);
    for (const agent of [a, b, c]) await untilView(agent, ["a alive", "b alive", "c alive"]);
    for (const name of ["a", "b", "c"]) await untilSnapshot(name, ["a", "b", "c"]);
    const places = { a: await kill(a), b: "", c: "" };
    for (const agent of [b, c]) await untilView(agent, ["a failed", "b alive", "c alive"]);
    for (const name of ["b", "c"]) await untilSnapshot(name, ["b", "c"]);
    [places.b, places.c] = await Promise.all([kill(b), kill(c)]);
    await using again = await start("a", places.a);
    await again.says("nobody could be joined yet");
    await using b2 = await start("b", places.b);
    await using c2 = await start("c", places.c);
    for (const agent of [again, b2, c2]) await untilView(agent, ["a alive", "b alive", "c alive"]);
  });
});

describe("an agent with -retry-join", () => {
  it("finds its seed again after it was apart from it for longer than the lost are remembered", async () => {
    await using seed = await start("seed", null);
    const { address } = seed;
    await using agent = await start("agent", null, `-retry-join=${address}`, "-retry-interval=1s");
    await untilView(agent, ["agent alive", "seed alive"]);
    await kill(seed);
    await untilView(agent, ["agent alive", "seed failed"]);
    const rpc = await agent.rpc();
    await rpc.forceLeave("seed", true);
    rpc.close();
    await untilView(agent, ["agent alive"]);
    // It comes back under another name and without a snapshot: nobody but the agent knows where to look.
    await using again = await new AgentProcess("-node=other", `-bind=${address}`).running();
    await untilView(again, ["agent alive", "other alive"]);
  });
});

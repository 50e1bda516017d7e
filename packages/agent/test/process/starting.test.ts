import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AgentProcess } from "./agent-process.js";

let folder = "";
/** Takes connections, and never says a word. */
let silent: Server;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-starting-"));
  silent = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  silent.close();
  await rm(folder, { recursive: true });
});

/** An agent whose join goes on and on, at one of its two targets. */
function joining(stayer: AgentProcess, ...flags: readonly string[]): AgentProcess {
  const { port } = silent.address() as AddressInfo;
  return new AgentProcess("-node=joiner", `-join=${stayer.address}`, `-join=127.0.0.1:${port}`, ...flags);
}

/** Statuses and tags of the joiner, as the other one has them. */
async function joinerSeen(stayer: AgentProcess): Promise<{ status: string; role: string | undefined } | undefined> {
  const rpc = await stayer.rpc();
  try {
    const found = (await rpc.members()).find(({ Name }) => Name === "joiner");
    return found === undefined ? undefined : { status: found.Status, role: found.Tags?.get("role") };
  } finally {
    rpc.close();
  }
}

describe("an agent whose join is under way", () => {
  it("leaves on SIGINT: the others see it leave, and it exits with 0", { timeout: 60_000 }, async () => {
    await using stayer = await new AgentProcess("-node=stayer").running();
    await using joiner = joining(stayer);
    await stayer.says("EventMemberJoin: joiner");
    joiner.kill("SIGINT");
    assert.equal(await joiner.ended, 0, joiner.output);
    await stayer.says("EventMemberLeave: joiner");
    assert.equal((await joinerSeen(stayer))?.status, "left");
  });

  it("takes its configuration anew on SIGHUP, and answers its clients", { timeout: 60_000 }, async () => {
    await using stayer = await new AgentProcess("-node=stayer").running();
    const config = join(folder, "reload.json");
    await writeFile(config, JSON.stringify({ tags: { role: "web" } }));
    await using joiner = joining(stayer, `-config-file=${config}`);
    await stayer.says("EventMemberJoin: joiner");
    await writeFile(config, JSON.stringify({ tags: { role: "db" } }));
    joiner.kill("SIGHUP");
    await stayer.says("EventMemberUpdate: joiner");
    assert.equal((await joinerSeen(stayer))?.role, "db");
    const rpc = await (await joiner.says("RPC addr")).rpc();
    assert.equal((await rpc.members()).length, 2);
    await rpc.leave();
    rpc.close();
    assert.equal(await joiner.ended, 0);
  });

  it("ends at once with 130 on a second signal", { timeout: 60_000 }, async () => {
    await using stayer = await new AgentProcess("-node=stayer").running();
    // A handler of its own join holds the end up.
    await using joiner = joining(stayer, "-event-handler=member-join=sleep 1000", "-handler-timeout=1h");
    await stayer.says("EventMemberJoin: joiner");
    joiner.kill("SIGINT");
    await stayer.says("EventMemberLeave: joiner");
    joiner.kill("SIGINT");
    assert.equal(await joiner.ended, 130);
  });
});

describe("a signal from before there is an agent", () => {
  it("ends the agent as soon as it is there", async () => {
    await using agent = new AgentProcess();
    await agent.says("Starting Hearsay agent");
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 0);
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support.js";
import { AgentProcess } from "./agent-process.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-resources-"));
});
after(() => rm(folder, { recursive: true }));

/** Lets a process open no file, socket or pipe beyond those that it has. */
function takeDescriptors({ pid }: AgentProcess): void {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let lowestFree = 0;
  while (open.has(lowestFree)) lowestFree++;
  execFileSync("prlimit", ["--pid", String(pid), `--nofile=${lowestFree}:`]);
}

function giveDescriptors({ pid }: AgentProcess): void {
  execFileSync("prlimit", ["--pid", String(pid), "--nofile=1024:"]);
}

/** Opens a connection, whose fate doesn't matter. */
async function knock(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  setTimeout(() => socket.destroy(), 100);
}

describe("an agent without file descriptors", { skip: process.platform !== "linux" }, () => {
  it("says that a script can't be run, and goes on", { timeout: 60_000 }, async () => {
    const file = join(folder, "ran");
    await using agent = await new AgentProcess(
      `-event-handler=user:later=touch ${file}`,
      "-event-handler=user:now=true",
    ).running();
    const rpc = await agent.rpc();
    takeDescriptors(agent);
    await rpc.event("now", null, false);
    await agent.says("Error invoking script 'true': spawn");
    giveDescriptors(agent);
    await rpc.event("later", null, false);
    await eventually(() => existsSync(file), "the next script");
    assert.equal((await rpc.stats()).get("scripts")?.get("scripts_failed"), "1");
    rpc.close();
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 0);
  });

  it("takes no connections, and does again when there are some", { timeout: 60_000 }, async () => {
    await using agent = await new AgentProcess("-node=agent").running();
    const rpc = await agent.rpc();
    const [host = "", port = ""] = agent.address.split(":");
    takeDescriptors(agent);
    for (let i = 0; i < 20; i++) {
      await knock(host, Number(port));
      await knock(agent.rpcEndpoint.host, agent.rpcEndpoint.port);
    }
    // A join needs a descriptor, too.
    await rpc.join(["127.0.0.1:1"]).catch(() => {});
    assert.equal((await rpc.members()).length, 1);
    giveDescriptors(agent);
    await using other = await new AgentProcess("-node=other", `-join=${agent.address}`).running();
    await agent.says("EventMemberJoin: other");
    (await agent.rpc()).close();
    rpc.close();
    other.kill("SIGINT");
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 0);
  });
});

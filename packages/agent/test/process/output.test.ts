import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { eventually } from "../support.js";
import { AgentProcess, COMMAND } from "./agent-process.js";

/** Lines that were not printed, as `serf info` has them. */
async function unprinted(agent: AgentProcess): Promise<number> {
  const rpc = await agent.rpc();
  try {
    return Number((await rpc.stats()).get("log")?.get("lines_unprinted"));
  } finally {
    rpc.close();
  }
}

async function fire(agent: AgentProcess, count: number): Promise<void> {
  const rpc = await agent.rpc();
  const name = "x".repeat(400);
  for (let i = 0; i < count; i++) await rpc.event(name, null, false);
  rpc.close();
}

describe("an agent whose output nobody reads any more", () => {
  it("goes on without it, and ends as ever", { timeout: 60_000 }, async () => {
    await using agent = await new AgentProcess().running();
    agent.closeOutput();
    await fire(agent, 100);
    await fire(agent, 100);
    assert.ok((await unprinted(agent)) > 0);
    agent.kill("SIGINT");
    assert.equal(await agent.exited, 0);
  });
});

describe("an agent whose reader stands still", () => {
  it("drops what there is no room for, counted, and ends on the first signal", { timeout: 120_000 }, async () => {
    await using agent = await new AgentProcess().running();
    agent.stopReading();
    for (let lost = 0; lost === 0; lost = await unprinted(agent)) await fire(agent, 500);
    agent.kill("SIGINT");
    assert.equal(await agent.exited, 0);
  });
});

describe("an agent whose output is a full disk", { skip: !existsSync("/dev/full") }, () => {
  it("goes on", async () => {
    const full = openSync("/dev/full", "w");
    const flags = ["-bind=127.0.0.1:0", "-rpc-addr=127.0.0.1:0", "-profile=local"];
    const child = spawn(process.execPath, [COMMAND, ...flags, "-event-handler=query=true"], {
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    try {
      // It can say nothing. That it listens to signals is seen from one that Node doesn't listen to by itself.
      await eventually(() => takesHangups(child.pid), "the agent runs");
      child.kill("SIGINT");
      assert.equal(await ended, 0, errors);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

/** Whether a process has a handler for SIGHUP, the lowest bit of its mask. */
function takesHangups(pid: number | undefined): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${mask}`) & 1n) !== 0n;
}

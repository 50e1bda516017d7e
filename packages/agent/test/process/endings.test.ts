import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isRunning } from "@hearsay/testkit/processes";
import * as m from "../../dist/faces/rpc/messages.js";
import { RpcWriter } from "../../dist/faces/rpc/rpc-writer.js";
import { eventually } from "../support.js";
import { AgentProcess } from "./agent-process.js";

const RPC_CLIENT = new URL("../../dist/faces/rpc/index.js", import.meta.url).href;

let folder = "";
let files = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-endings-"));
});
after(() => rm(folder, { recursive: true }));

/** A name that no file has yet. */
function path(): string {
  return join(folder, `file-${files++}`);
}

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** Ends a process, if there is one. */
function end(pid: string | undefined): void {
  if (pid !== undefined && isRunning(Number(pid))) process.kill(Number(pid), "SIGKILL");
}

async function send(agent: AgentProcess, ...events: readonly string[]): Promise<void> {
  const rpc = await agent.rpc();
  for (const name of events) await rpc.event(name, null, false);
  rpc.close();
}

describe("an RPC client that doesn't read", () => {
  it("keeps no agent from ending when it leaves", { timeout: 120_000 }, async () => {
    await using agent = await new AgentProcess().running();
    const rpc = await agent.rpc();
    const socket = connect(agent.rpcEndpoint);
    socket.on("error", () => {});
    const writer = new RpcWriter();
    m.REQUEST_HEADER.write(writer, { Command: "handshake", Seq: 0 });
    m.HANDSHAKE.write(writer, { Version: 1 });
    m.REQUEST_HEADER.write(writer, { Command: "stream", Seq: 1 });
    m.STREAM.write(writer, { Type: "user" });
    socket.pause();
    socket.write(writer.copy());
    // Until all the room that the system gives is full, too.
    const payload = new Uint8Array(400);
    for (let hasLost = false; !hasLost; ) {
      for (let i = 0; i < 500; i++) await rpc.event("e", payload, false);
      hasLost = Number((await rpc.stats()).get("rpc")?.get("records_dropped")) > 0;
    }
    await rpc.leave();
    assert.equal(await agent.ended, 0);
    assert.match(agent.output, /ended a client.* reason="takes no answers, and the agent ends"/);
    socket.destroy();
  });
});

describe("a script that is at work when its agent ends", () => {
  it("finishes, also if it has asked for the leave itself", async () => {
    const [port, file, leave] = [path(), path(), path()];
    await writeFile(
      `${leave}.mjs`,
      `import { readFileSync } from "node:fs";
       import { SerfRpcClient } from ${JSON.stringify(RPC_CLIENT)};
       const [host, port] = readFileSync(${JSON.stringify(port)}, "utf8").split(":");
       const rpc = await SerfRpcClient.connect({ host, port: Number(port) });
       await rpc.leave();
       rpc.close();`,
    );
    const script = `${process.execPath} ${leave}.mjs && sleep 1 && echo done >> ${file}`;
    await using agent = await new AgentProcess(`-event-handler=user:go=${script}`).running();
    const { host, port: number } = agent.rpcEndpoint;
    await writeFile(port, `${host}:${number}`);
    await send(agent, "go");
    assert.equal(await agent.ended, 0);
    assert.deepEqual(lines(file), ["done"]);
  });

  it("finishes, and so do those of the events behind it, whatever signal ends the agent", async () => {
    for (const [signal, code] of [
      ["SIGINT", 0],
      ["SIGTERM", 1],
    ] as const) {
      const file = path();
      const handler = `user=sleep 0.3; echo $SERF_USER_EVENT >> ${file}`;
      await using agent = await new AgentProcess(`-event-handler=${handler}`).running();
      await send(agent, "a", "b", "c");
      agent.kill(signal);
      assert.equal(await agent.ended, code);
      assert.deepEqual(lines(file), ["a", "b", "c"], signal);
    }
  });

  it("is killed after handlerTimeout with what it started, and what waits is dropped, said with its count", async () => {
    const pid = path();
    const handler = `user=echo $$ > ${pid}; sleep 1000`;
    await using agent = await new AgentProcess("-handler-timeout=200ms", `-event-handler=${handler}`).running();
    await send(agent, "a", "b", "c");
    await eventually(() => lines(pid).length === 1, "the script");
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 0);
    assert.match(agent.output, /A script was still at work at the end; it is killed/);
    assert.match(agent.output, /2 events for handlers dropped: the agent ends/);
    await eventually(() => !isRunning(Number(lines(pid)[0])), "the script's end");
  });

  it("is killed by a second signal, which ends the process at once with 130 or 143", async () => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const pid = path();
      const handler = `user=echo $$ > ${pid}; sleep 1000`;
      await using agent = await new AgentProcess("-handler-timeout=1h", `-event-handler=${handler}`).running();
      await send(agent, "a");
      await eventually(() => lines(pid).length === 1, "the script");
      agent.kill("SIGINT");
      await agent.says("Caught signal: SIGINT");
      agent.kill(signal);
      assert.equal(await agent.ended, code);
      await eventually(() => !isRunning(Number(lines(pid)[0])), "the script's end");
    }
  });

  it("answers a query though its agent has left", async () => {
    const [begun, go] = [path(), path()];
    const script = `touch ${begun}; while [ ! -e ${go} ]; do sleep 0.05; done; echo done`;
    await using asker = await new AgentProcess("-node=asker").running();
    const flags = ["-node=answerer", `-join=${asker.address}`, `-event-handler=query:work=${script}`];
    await using answerer = await new AgentProcess(...flags).running();
    const rpc = await asker.rpc();
    await using _ = { [Symbol.asyncDispose]: async () => rpc.close() };
    const answers: string[] = [];
    const response = (from: string, payload: Uint8Array): void =>
      void answers.push(`${from} ${Buffer.from(payload).toString().trim()}`);
    rpc.query({ name: "work", timeoutMs: 60_000 }, { response }).catch(() => {});
    await eventually(() => existsSync(begun), "the script");
    const own = await answerer.rpc();
    // Is answered when the farewell is over.
    await own.leave();
    own.close();
    await asker.says("EventMemberLeave: answerer");
    await writeFile(go, "");
    await eventually(() => answers.length > 0, "the answer");
    assert.deepEqual(answers, ["answerer done"]);
    assert.equal(await answerer.ended, 0);
  });
});

describe("a process that a script leaves behind with the script's output", () => {
  it("holds up neither the scripts behind it nor the agent's end, and lives on", async () => {
    const [pid, next] = [path(), path()];
    const flags = [
      `-event-handler=user:daemon=setsid sleep 1000 & echo $! > ${pid}`,
      `-event-handler=user:next=touch ${next}`,
    ];
    await using agent = await new AgentProcess(...flags).running();
    await using _ = { [Symbol.asyncDispose]: async () => end(lines(pid)[0]) };
    await send(agent, "daemon", "next");
    await eventually(() => existsSync(next), "the next script");
    await agent.says("left a process behind that holds its output open");
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 0);
    assert.ok(isRunning(Number(lines(pid)[0])));
  });
});

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AgentProcess, untilView } from "./agent-process.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-agent-"));
});
after(() => rm(folder, { recursive: true }));

describe("signals to an agent (docs/protocol/serf.md, section 20.2)", () => {
  it("SIGINT: it leaves, and exits with 0", async () => {
    await using stayer = await new AgentProcess("-node=stayer").running();
    await using leaver = await new AgentProcess("-node=leaver", `-join=${stayer.address}`).running();
    await untilView(stayer, ["leaver alive", "stayer alive"]);
    leaver.kill("SIGINT");
    assert.equal(await leaver.ended, 0);
    await untilView(stayer, ["leaver left", "stayer alive"]);
  });

  it("SIGTERM: it ends at once with 1, and leaves instead where it is told to", async () => {
    await using abrupt = await new AgentProcess().running();
    abrupt.kill("SIGTERM");
    assert.equal(await abrupt.ended, 1);
    const config = join(folder, "leave.json");
    await writeFile(config, JSON.stringify({ leave_on_terminate: true }));
    await using polite = await new AgentProcess(`-config-file=${config}`).running();
    polite.kill("SIGTERM");
    assert.equal(await polite.ended, 0);
  });

  it("SIGINT where it is told not to leave: it ends at once with 1", async () => {
    const config = join(folder, "skip.json");
    await writeFile(config, JSON.stringify({ skip_leave_on_interrupt: true }));
    await using agent = await new AgentProcess(`-config-file=${config}`).running();
    agent.kill("SIGINT");
    assert.equal(await agent.ended, 1);
  });

  it("a second signal: it ends at once with 130, as shells have it", async () => {
    await using stayer = await new AgentProcess("-node=stayer").running();
    await using leaver = await new AgentProcess("-node=leaver", `-join=${stayer.address}`).running();
    await untilView(stayer, ["leaver alive", "stayer alive"]);
    leaver.kill("SIGINT");
    await leaver.says("Caught signal: SIGINT");
    leaver.kill("SIGINT");
    assert.equal(await leaver.ended, 130);
  });

  it("SIGHUP: it takes tags and the log level from its files anew, and goes on with faulty ones as before", async () => {
    const config = join(folder, "reload.json");
    await writeFile(config, JSON.stringify({ tags: { role: "web" }, log_level: "info" }));
    await using agent = await new AgentProcess(`-config-file=${config}`).running();
    const rpc = await agent.rpc();
    const role = async (): Promise<string | undefined> =>
      [...((await rpc.members())[0]?.Tags ?? [])].find(([tag]) => tag === "role")?.[1];
    assert.equal(await role(), "web");
    await writeFile(config, JSON.stringify({ tags: { role: "db" }, log_level: "debug" }));
    agent.kill("SIGHUP");
    const end = performance.now() + 60_000;
    while ((await role()) !== "db") assert.ok(performance.now() < end);
    await writeFile(config, "{ nonsense");
    agent.kill("SIGHUP");
    await agent.says("Failed to reload configs");
    assert.equal(await role(), "db");
    rpc.close();
  });
});

describe("an agent's start", () => {
  it("fails with 1 and a text that says why", async () => {
    await writeFile(join(folder, "unknown.json"), JSON.stringify({ no_such_key: 1 }));
    for (const [flags, text] of [
      [["-encrypt=short"], "key"],
      [[`-config-file=${join(folder, "unknown.json")}`], "no_such_key"],
      [[`-config-file=${join(folder, "missing.json")}`], "missing.json"],
      [["-no-such-flag"], "no-such-flag"],
      [["-event-handler=nonsense:x=true"], "nonsense"],
      [["-join=127.0.0.1:1"], "127.0.0.1:1"],
    ] as const) {
      await using agent = new AgentProcess(...flags);
      assert.equal(await agent.ended, 1, flags.join());
      assert.ok(agent.output.includes(text), `${flags.join()}: ${agent.output}`);
    }
  });

  it("shows where it listens, and where others reach it if that is elsewhere, with IPv6 in brackets", async () => {
    await using agent = await new AgentProcess("-bind=[::1]:0", "-rpc-addr=[::1]:0", "-advertise=[::1]:9").running();
    assert.match(
      agent.output,
      /^ *Bind addr: '\[::1\]:\d+'\n *Advertise addr: '\[::1\]:9'\n *RPC addr: '\[::1\]:\d+'$/m,
    );
    await using plain = await new AgentProcess().running();
    assert.match(plain.output, /^ *Bind addr: '127\.0\.0\.1:\d+'\n *RPC addr: /m);
  });

  it("says on request how it can be told things, and exits with 0", async () => {
    await using agent = new AgentProcess("-help");
    assert.equal(await agent.ended, 0);
    assert.ok(agent.output.includes("-rpc-addr"));
  });

  it("with -retry-join goes on without the others, and finds them once they are there", async () => {
    await using late = await new AgentProcess("-node=late").running();
    const { address } = late;
    late.kill("SIGKILL");
    await late.ended;
    await using early = await new AgentProcess("-node=early", `-retry-join=${address}`, "-retry-interval=1s").running();
    await untilView(early, ["early alive"]);
    await using again = await new AgentProcess("-node=late", `-bind=${address}`).running();
    await untilView(again, ["early alive", "late alive"]);
  });

  it("with -retry-max gives up, and exits with 1", async () => {
    await using agent = new AgentProcess("-retry-join=127.0.0.1:1", "-retry-interval=1s", "-retry-max=1");
    assert.equal(await agent.ended, 1);
  });
});

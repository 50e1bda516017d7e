import assert from "node:assert/strict";
import { Session } from "node:inspector";
import { describe, it } from "node:test";
import { Agent, type AgentSettings, serfSettings } from "../dist/index.js";

const LOCAL = { nodeName: "alpha", bind: "127.0.0.1:0", rpcAddr: "127.0.0.1:0", profile: "local" } as const;

/** The modules of this package's faces that this process has loaded. */
function loadedFaces(): string[] {
  const session = new Session();
  const urls: string[] = [];
  session.connect();
  // Enabled, the debugger reports every script that there is, and does so at once.
  session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
  session.post("Debugger.enable");
  session.disconnect();
  assert.ok(urls.some((url) => url.endsWith("/agent/dist/agent.js")));
  return urls.filter((url) => url.includes("/agent/dist/faces/"));
}

describe("an agent without an RPC server", () => {
  const settings: AgentSettings = { ...serfSettings(LOCAL), rpc: null };

  it("does what it is told, and says that it has no server", async () => {
    const agent = await Agent.start(settings);
    assert.deepEqual(
      [...agent.cluster.members()].map(({ name }) => name),
      ["alpha"],
    );
    await agent.operations.changeTags(new Map([["role", "web"]]), []);
    assert.deepEqual({ ...agent.cluster.self.tags }, { role: "web" });
    assert.equal(agent.rpcUsage, null);
    assert.throws(() => agent.rpcAddress, /has no RPC/);
    assert.doesNotMatch(agent.metrics.prometheus(), /agent_rpc/);
    await agent.leave();
    assert.ok(agent.isGraceful);
  });

  it("loads no face, while one with a server does", async () => {
    await (await Agent.start(settings)).leave();
    assert.deepEqual(loadedFaces(), []);
    await (await Agent.start(serfSettings(LOCAL))).leave();
    assert.ok(loadedFaces().some((url) => url.endsWith("/rpc/server.js")));
  });
});

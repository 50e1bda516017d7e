import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgentProcess } from "./agent-process.js";

/** What a terminal obeys, but for the end of a line. */
const CONTROLS = /[^\P{Cc}\n]|\p{Bidi_Control}/u;

const HOSTILE = "\u001b]0;title\u0007\u202e";

describe("what an agent prints", () => {
  it("has nothing in it that a terminal obeys, whatever names, events and scripts bring", async () => {
    const handler = `-event-handler=user=printf '\\033[2Jscript\\r\\n'`;
    await using agent = await new AgentProcess("-log-level=debug", handler).running();
    const rpc = await agent.rpc();
    await rpc.event(`event${HOSTILE}\n[INFO] forged`, null, false);
    await assert.rejects(rpc.stream(HOSTILE, () => {}));
    rpc.close();
    await agent.says("script output");
    await agent.says("Invalid event filter");
    assert.doesNotMatch(agent.output, CONTROLS);
    assert.doesNotMatch(agent.output, /^\[INFO\] forged/m);
    assert.match(agent.output, /user-event: event\\u001b\]0;title\\u0007\\u202e\\n\[INFO\] forged/);
  });

  it("nor has the error that it ends with", async () => {
    await using agent = new AgentProcess(`-${HOSTILE}=1`);
    assert.equal(await agent.ended, 1);
    assert.match(agent.output, /unknown flag: -\\u001b/);
    assert.doesNotMatch(agent.output, CONTROLS);
  });
});

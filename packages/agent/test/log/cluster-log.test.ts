import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateKey } from "hearsay";
import { LogRing } from "../../dist/log/log-ring.js";
import { eventually, startAgent } from "../support.js";

/** Everything that a log has said. */
function heard(log: LogRing): string[] {
  const lines: string[] = [];
  log.follow("TRACE", (line) => lines.push(line));
  return lines;
}

describe("the agent's log", () => {
  it("says of a wrong key what the operator's guide has", async () => {
    const one = await startAgent({ nodeName: "one", encryptKey: generateKey() });
    const two = await startAgent({ nodeName: "two", encryptKey: generateKey() });
    try {
      await assert.rejects(two.cluster.join(one.cluster.self.address));
      const text = 'gossip: failed to decode gossip message error="cipher: message authentication failed"';
      await eventually(() => heard(one.log).some((line) => line.includes(`[WARN] serf: ${text} peer=`)), text);
    } finally {
      await Promise.all([one.shutdown(), two.shutdown()]);
    }
  });

  it("warns once of a node that others reach without a key, and not of one on loopback", async () => {
    for (const [bind, count] of [
      ["0.0.0.0:0", 1],
      ["127.0.0.1:0", 0],
    ] as const) {
      const agent = await startAgent({ bind, advertise: "127.0.0.1" });
      await agent.shutdown();
      const warnings = heard(agent.log).filter((line) => line.includes("[WARN]"));
      assert.equal(warnings.length, count, warnings.join());
      for (const line of warnings) assert.match(line, /serf: this node is open to the network without encryption/);
    }
  });

  it("keeps so much of a line and no more, however long a text somebody sends", () => {
    const log = new LogRing(() => new Date(0));
    for (let i = 0; i < 3; i++) log.write("INFO", "x".repeat(1_000_000));
    for (const line of log.last("INFO")) assert.match(line, /^.{27}x{10240}\.\.\. \(989760 characters more\)$/);
    log.write("INFO", "y".repeat(10_240));
    assert.ok(log.last("INFO").at(-1)?.endsWith("yy"));
    log.write("INFO", `a${"\u0001".repeat(10_000)}z`);
    const escaped = log.last("INFO").at(-1) ?? "";
    assert.match(escaped.slice(0, 40), /^.{27}a(?:\\u0001)+/);
    assert.match(escaped.slice(27 + 10_240), /^\.\.\. \(\d+ characters more\)$/);
  });

  it("has one line for each that is written, and nothing in it that a terminal obeys", () => {
    const log = new LogRing(() => new Date(2026, 0, 2, 3, 4, 5));
    log.write("INFO", "serf: EventMemberJoin: evil\nname\u001b[2J 10.0.0.1\n");
    assert.deepEqual(heard(log), ["2026/01/02 03:04:05 [INFO] serf: EventMemberJoin: evil\\nname\\u001b[2J 10.0.0.1"]);
  });
});

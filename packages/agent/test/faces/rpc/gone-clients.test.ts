import assert from "node:assert/strict";
import { it } from "node:test";
import * as m from "../../../dist/faces/rpc/messages.js";
import { eventually, RawClient, startAgent } from "../../support.js";

const CLIENTS = 100;

/** Each is a turn of its own. */
const EXPRESSIONS = 300;

it("what clients asked of members-filtered that are gone is not done any more", async () => {
  const agent = await startAgent();
  const clients: RawClient[] = [];
  try {
    let listed = 0;
    const { cluster } = agent;
    const members = cluster.members.bind(cluster);
    Object.defineProperty(cluster, "members", {
      value: (...options: Parameters<typeof members>) => {
        listed++;
        return members(...options);
      },
    });
    const other = await RawClient.connect(agent);
    clients.push(other);
    await other.shakeHands();
    const Tags = new Map(Array.from({ length: EXPRESSIONS }, (_, i) => [`tag-${i}`, "x"]));
    for (let i = 0; i < CLIENTS; i++) clients.push(await RawClient.connect(agent));
    for (const client of clients.slice(1)) await client.shakeHands();
    for (const client of clients.slice(1))
      client.send("members-filtered", 1, m.MEMBERS_FILTERED, { ...m.MEMBERS_FILTERED.zero, Tags });
    // Turns come in the order in which they were asked for: by then each request has had its own.
    for (let seq = 1; seq <= 3; seq++) {
      other.send("stop", seq, m.STOP, { Stop: 1 });
      assert.equal(await other.header(), String(seq));
    }
    for (const client of clients.slice(1)) client.close();
    await eventually(() => agent.rpcUsage?.connections === 1, "their ends");
    other.send("members", 4);
    assert.equal(await other.header(), "4");
    assert.ok(listed < CLIENTS / 2, `${listed} lists were made`);
  } finally {
    for (const client of clients) client.close();
    await agent.shutdown();
  }
});

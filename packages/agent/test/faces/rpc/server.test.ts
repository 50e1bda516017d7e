import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { SerfRpcClient } from "../../../dist/faces/rpc/index.js";
import * as m from "../../../dist/faces/rpc/messages.js";
import type { Agent } from "../../../dist/index.js";
import { eventually, RawClient, startAgent } from "../../support.js";

const QUERY = m.QUERY.zero;

describe("the order of an RPC conversation", () => {
  let agent: Agent;
  let guarded: Agent;

  before(async () => {
    agent = await startAgent({ tags: { role: "web" } });
    guarded = await startAgent({ nodeName: "guarded", rpcAuth: "secret" });
  });

  after(() => Promise.all([agent.leave(), guarded.leave()]));

  /** A connected client, which is closed when the test is over. */
  async function talk(to: Agent, conversation: (client: RawClient) => Promise<void>): Promise<void> {
    const client = await RawClient.connect(to);
    await conversation(client).finally(() => client.close());
  }

  it("begins with the handshake, or ends", () =>
    talk(agent, async (client) => {
      client.send("members", 7);
      assert.equal(await client.header(), "7 Handshake required");
      await eventually(() => client.isClosed, "the end of the connection");
    }));

  it("has one handshake, of version 1", () =>
    talk(agent, async (client) => {
      client.send("handshake", 1, m.HANDSHAKE, { Version: 2 });
      assert.equal(await client.header(), "1 Unsupported IPC version");
      await client.shakeHands();
      client.send("handshake", 2, m.HANDSHAKE, { Version: 1 });
      assert.equal(await client.header(), "2 Handshake already performed");
    }));

  it("needs the key for everything else, and takes the request of a refused command for a header", () =>
    talk(guarded, async (client) => {
      await client.shakeHands();
      client.send("event", 3, m.EVENT, { Name: "x", Payload: null, Coalesce: false });
      assert.equal(await client.header(), "3 Authentication required");
      assert.equal(await client.header(), "3 Authentication required");
      client.send("auth", 4, m.AUTH, { AuthKey: "wrong" });
      assert.equal(await client.header(), "4 Invalid authentication token");
      client.send("auth", 5, m.AUTH, { AuthKey: "secret" });
      assert.equal(await client.header(), "5");
      client.send("members", 6);
      assert.equal(await client.header(), "6");
      assert.equal((await client.take(m.MEMBERS)).Members?.[0]?.Name, "guarded");
    }));

  it("ends at an unknown command, at what can't be read, and at an invalid expression, which gets no answer", async () => {
    await talk(agent, async (client) => {
      await client.shakeHands();
      client.send("nosuch", 1);
      assert.equal(await client.header(), "1 Unsupported command");
      await eventually(() => client.isClosed, "the end of the connection");
    });
    await talk(agent, async (client) => {
      await client.shakeHands();
      client.bytes(Uint8Array.of(0xc1));
      await eventually(() => client.isClosed, "the end of the connection");
    });
    await talk(agent, async (client) => {
      await client.shakeHands();
      client.send("members-filtered", 1, m.MEMBERS_FILTERED, { Name: "(", Status: "", Tags: null });
      await eventually(() => client.isClosed, "the end of the connection");
    });
  });

  it("says so when a filter of members would cost too much, and goes on", () =>
    talk(agent, async (client) => {
      await client.shakeHands();
      const names = (count: number): string => `alpha|${Array.from({ length: count }, (_, i) => `web${i}`).join("|")}`;
      client.send("members-filtered", 1, m.MEMBERS_FILTERED, { Name: names(100), Status: "", Tags: null });
      assert.equal(await client.header(), "1");
      assert.equal((await client.take(m.MEMBERS)).Members?.length, 1);
      client.send("members-filtered", 2, m.MEMBERS_FILTERED, { Name: names(1000), Status: "", Tags: null });
      assert.equal(await client.header(), "2 Filter is too costly");
      client.send("members-filtered", 3, m.MEMBERS_FILTERED, {
        Name: "",
        Status: "alive",
        Tags: new Map([["role", "w.b"]]),
      });
      assert.equal(await client.header(), "3");
      assert.equal((await client.take(m.MEMBERS)).Members?.length, 1);
    }));

  it("keeps what a header leaves out", () =>
    talk(agent, async (client) => {
      await client.shakeHands();
      client.send("stop", 5, m.STOP, { Stop: 99 });
      assert.equal(await client.header(), "5");
      // A header without fields, and the request.
      client.bytes(Uint8Array.of(0x80, 0x81, 0xa4, ...Buffer.from("Stop"), 1));
      assert.equal(await client.header(), "5");
    }));

  it("answers commands that come together one after the other", () =>
    talk(agent, async (client) => {
      await client.shakeHands();
      for (let seq = 1; seq <= 20; seq++) client.send("stats", seq);
      for (let seq = 1; seq <= 20; seq++) {
        assert.equal(await client.header(), String(seq));
        assert.equal((await client.take(m.STATS))?.get("agent")?.get("name"), "alpha");
      }
    }));

  it("has streams of different numbers, of filters that there are, and one monitor", () =>
    talk(agent, async (client) => {
      await client.shakeHands();
      client.send("stream", 1, m.STREAM, { Type: "user:deploy,query" });
      assert.equal(await client.header(), "1");
      client.send("stream", 1, m.STREAM, { Type: "*" });
      assert.equal(await client.header(), "1 Stream with given sequence exists");
      client.send("stream", 2, m.STREAM, { Type: "member-gone" });
      assert.equal(await client.header(), "2 Invalid event filter");
      client.send("monitor", 3, m.MONITOR, { LogLevel: "loud" });
      assert.equal(await client.header(), "3 Unknown log level: LOUD");
      client.send("monitor", 4, m.MONITOR, { LogLevel: "err" });
      assert.equal(await client.header(), "4");
      client.send("monitor", 5, m.MONITOR, { LogLevel: "err" });
      assert.equal(await client.header(), "5 Monitor already exists");
      client.send("stop", 6, m.STOP, { Stop: 4 });
      assert.equal(await client.header(), "6");
      client.send("monitor", 7, m.MONITOR, { LogLevel: "ERR" });
      assert.equal(await client.header(), "7");
    }));

  it("refuses Serf's own queries, but for a ping that asks nothing", () =>
    talk(agent, async (client) => {
      await client.shakeHands();
      const text = "Queries cannot contain the '_serf_' prefix";
      client.send("query", 1, m.QUERY, { ...QUERY, Name: "_serf_conflict" });
      assert.equal(await client.header(), `1 ${text}`);
      client.send("query", 2, m.QUERY, { ...QUERY, Name: "_serf_ping", Payload: new Uint8Array(0) });
      assert.equal(await client.header(), `2 ${text}`);
      client.send("query", 3, m.QUERY, { ...QUERY, Name: "_serf_ping", RequestAck: true, Timeout: 100_000_000 });
      assert.deepEqual([await client.header(), await client.header()], ["3", "3"]);
      assert.deepEqual(await client.take(m.QUERY_RECORD), { Type: "ack", From: "alpha", Payload: null });
      assert.equal(await client.header(), "3");
      assert.deepEqual(await client.take(m.QUERY_RECORD), { Type: "done", From: "", Payload: null });
    }));

  it("lets a client answer a query once, by the number of its stream's record", () =>
    talk(agent, async (client) => {
      const asker = await SerfRpcClient.connect(agent.rpcAddress);
      await client.shakeHands();
      client.send("stream", 1, m.STREAM, { Type: "query:load" });
      assert.equal(await client.header(), "1");
      const heard: string[] = [];
      const response = (from: string, payload: Uint8Array): number => heard.push(`${from} ${Buffer.from(payload)}`);
      const asked = asker.query({ name: "load", payload: Buffer.from("?"), timeoutMs: 60_000 }, { response });
      assert.equal(await client.header(), "1");
      const { ID, Name, Payload } = await client.take(m.QUERY_EVENT_RECORD);
      assert.deepEqual([ID, Name, Buffer.from(Payload ?? []).toString()], [1, "load", "?"]);
      client.send("respond", 2, m.RESPOND, { ID, Payload: Buffer.from("0.5") });
      assert.equal(await client.header(), "2");
      client.send("respond", 3, m.RESPOND, { ID, Payload: Buffer.from("0.5") });
      assert.equal(await client.header(), "3 failed to respond to key query: response already sent");
      client.send("respond", 4, m.RESPOND, { ID: 9, Payload: Buffer.from("0.5") });
      assert.equal(await client.header(), "4 No pending queries matching ID");
      await eventually(() => heard.length > 0, "the asker hears the answer");
      assert.deepEqual(heard, ["alpha 0.5"]);
      asker.close();
      await asked.catch(() => {});
    }));

  it("tells a stream of a member that joins and changes its tags at once that it has joined", async () => {
    const watched = await startAgent({ nodeName: "watched" });
    const beta = await startAgent({ nodeName: "beta" });
    await talk(watched, async (client) => {
      await client.shakeHands();
      client.send("stream", 1, m.STREAM, { Type: "member-join,member-update" });
      assert.equal(await client.header(), "1");
      await beta.cluster.join([watched.cluster.self.address]);
      await beta.cluster.setTags({ zone: "1" });
      const seen: string[] = [];
      while (!seen.some((event) => event.includes("beta"))) {
        assert.equal(await client.header(), "1");
        const { Event, Members } = await client.take(m.MEMBER_EVENT_RECORD);
        for (const { Name, Tags } of Members ?? []) seen.push(`${Event} ${Name} ${Tags?.get("zone")}`);
      }
      assert.equal(seen.at(-1), "member-join beta 1");
    }).finally(() => Promise.all([beta.shutdown(), watched.shutdown()]));
  });

  it("a client that doesn't read loses records, and costs a bounded amount of memory", () =>
    talk(agent, async (client) => {
      const flood = await SerfRpcClient.connect(agent.rpcAddress);
      await client.shakeHands();
      client.send("monitor", 1, m.MONITOR, { LogLevel: "debug" });
      client.pause();
      for (let i = 0; i < 60_000; i++) agent.log.write("DEBUG", "x".repeat(1000));
      // Another client is served meanwhile.
      assert.equal((await flood.members()).length, 1);
      client.resume();
      let records = 0;
      assert.equal(await client.header(), "1");
      agent.log.write("DEBUG", "the last one");
      for (;;) {
        await client.take(m.RESPONSE_HEADER);
        records++;
        if ((await client.take(m.LOG_RECORD)).Log.endsWith("the last one")) break;
      }
      assert.ok(records < 30_000, `${records} records`);
      flood.close();
    }));
});

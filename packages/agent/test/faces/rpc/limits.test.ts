import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { SerfRpcClient } from "../../../dist/faces/rpc/index.js";
import * as m from "../../../dist/faces/rpc/messages.js";
import type { RpcUsage } from "../../../dist/faces/rpc/rpc-usage.js";
import { RpcWriter } from "../../../dist/faces/rpc/rpc-writer.js";
import type { Agent, SerfConfigLayer } from "../../../dist/index.js";
import { eventually, RawClient, startAgent } from "../../support.js";

const agents: Agent[] = [];
const closers: (() => void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await Promise.all(agents.splice(0).map((agent) => agent.shutdown()));
});

async function start(layer: SerfConfigLayer = {}): Promise<Agent> {
  const agent = await startAgent(layer);
  agents.push(agent);
  return agent;
}

function usage(agent: Agent): RpcUsage {
  const { rpcUsage } = agent;
  assert.ok(rpcUsage !== null);
  return rpcUsage;
}

async function connected(agent: Agent): Promise<RawClient> {
  const client = await RawClient.connect(agent);
  closers.push(() => client.close());
  return client;
}

async function greeted(agent: Agent): Promise<RawClient> {
  const client = await connected(agent);
  await client.shakeHands();
  return client;
}

/** A connection that says nothing, and doesn't read; the server has heard of it. */
async function silent(agent: Agent): Promise<Socket> {
  const { connectionsAccepted } = usage(agent);
  const socket = connect(agent.rpcAddress);
  closers.push(() => socket.destroy());
  socket.on("error", () => {});
  await eventually(() => usage(agent).connectionsAccepted > connectionsAccepted, "a connection");
  return socket;
}

describe("clients that follow much", () => {
  it("are refused further streams at a quarter of the limit, and all others are answered on", async () => {
    const agent = await start({ rpcBytesMax: 65_536 });
    const greedy = await greeted(agent);
    let refused = 0;
    for (let seq = 1; seq <= 70; seq++) {
      greedy.send("stream", seq, m.STREAM, { Type: "user" });
      if (!/^\d+$/.test(await greedy.header())) refused++;
    }
    assert.equal(refused, 70 - 65_536 / 4 / 512);
    const other = await greeted(agent);
    other.send("stats", 1);
    assert.equal(await other.header(), "1");
    greedy.send("stop", 71, m.STOP, { Stop: 1 });
    assert.equal(await greedy.header(), "71");
  });
});

describe("clients that take nothing of the little that they were sent", () => {
  it("are cut once others wait for room, whom the server goes on answering then", { timeout: 60_000 }, async () => {
    const agent = await start({ rpcBytesMax: 65_536 });
    const sockets: Socket[] = [];
    // The server's ends: what is corked is with the socket, as if the network took nothing, and below its mark.
    const accepted = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
    subscribe("net.server.socket", accepted);
    closers.push(() => unsubscribe("net.server.socket", accepted));
    const idle = [await greeted(agent), await greeted(agent)];
    for (const socket of sockets) socket.cork();
    for (const [i, client] of idle.entries()) {
      for (let seq = 1; usage(agent).bytesHeld < ((i + 1) * 65_536) / 8; seq++) {
        const { bytesHeld } = usage(agent);
        client.send("stats", seq);
        await eventually(() => usage(agent).bytesHeld > bytesHeld, "an answer that is held");
      }
    }
    assert.ok(sockets.slice(0, 2).every(({ writableNeedDrain }) => !writableNeedDrain));
    const other = await greeted(agent);
    other.send("members", 1);
    assert.equal(await other.header(), "1");
    assert.ok(usage(agent).connectionsCut >= 1);
  });
});

describe("clients that use a number twice", () => {
  it("are refused a monitor under a stream's number, and the stream can be stopped", async () => {
    const agent = await start();
    const client = await greeted(agent);
    client.send("stream", 5, m.STREAM, { Type: "user" });
    assert.equal(await client.header(), "5");
    client.send("monitor", 5, m.MONITOR, { LogLevel: "ERR" });
    assert.equal(await client.header(), "5 Stream with given sequence exists");
    client.send("stop", 6, m.STOP, { Stop: 5 });
    assert.equal(await client.header(), "6");
    await eventually(() => usage(agent).bytesHeld <= 4096, "nothing of the stream is kept");
  });

  it("may do so for queries, of which nothing is kept once they are over", async () => {
    const agent = await start();
    // Somebody who doesn't answer, so that the queries last for as long as they may.
    const other = await start();
    await other.cluster.join([agent.cluster.self.address]);
    const client = await greeted(agent);
    const query = { FilterNodes: null, FilterTags: null, RequestAck: false, RelayFactor: 0, Timeout: 2e8 };
    for (let i = 0; i < 4; i++) client.send("query", 0, m.QUERY, { ...query, Name: `q${i}`, Payload: null });
    await eventually(() => usage(agent).bytesHeld >= 4 * 512, "four queries");
    await eventually(() => usage(agent).bytesHeld < 512, "nothing of the queries is kept");
  });
});

describe("clients that don't read", () => {
  const STREAMS = 256;
  const EVENTS = 40;
  const BYTES_MAX = 2 * 1024 * 1024;

  it("make the server keep no more than its limit in all, lose the rest counted, and whoever reads loses nothing", async () => {
    const agent = await start({ rpcBytesMax: BYTES_MAX, userEventSizeLimit: 1390 });
    const idle = await Promise.all(Array.from({ length: 3 }, () => greeted(agent)));
    for (const client of idle) {
      for (let seq = 1; seq <= STREAMS; seq++) client.send("stream", seq, m.STREAM, { Type: "user" });
      for (let seq = 1; seq <= STREAMS; seq++) assert.equal(await client.header(), String(seq));
      client.pause();
    }
    const reader = await SerfRpcClient.connect(agent.rpcAddress);
    closers.push(() => reader.close());
    const heard: string[] = [];
    await reader.stream("user", ({ Name }) => heard.push(Name));
    for (let i = 0; i < EVENTS; i++) {
      agent.cluster.event(`event-${i}`, new Uint8Array(1300));
      await eventually(() => heard.length > i, `event ${i}`);
    }
    assert.deepEqual(
      heard,
      Array.from({ length: EVENTS }, (_, i) => `event-${i}`),
    );
    const { bytesHeldMax, recordsDropped, occurrencesDropped } = usage(agent);
    assert.ok(bytesHeldMax <= BYTES_MAX + 65_536, `${bytesHeldMax} bytes`);
    assert.ok(recordsDropped > 0);
    assert.equal(occurrencesDropped, 0);
    // What was not dropped arrives once they read.
    for (const client of idle) client.resume();
    let arrived = 0;
    const expected = idle.length * STREAMS * EVENTS - recordsDropped;
    await Promise.all(
      idle.map(async (client) => {
        while (arrived < expected) {
          const header = await client.takeSoon(m.RESPONSE_HEADER, () => arrived >= expected);
          if (header === null) return;
          await client.take(m.USER_EVENT_RECORD);
          arrived++;
        }
      }),
    );
    assert.equal(arrived, expected);
    assert.equal(usage(agent).recordsDropped, recordsDropped);
  });

  /** So that the answer to `stats` has 20 kB. */
  const eventHandlers = [`user:never=${"x".repeat(20_000)}`];

  it("and take none of their answers are ended while others wait for room", async () => {
    const agent = await start({ rpcBytesMax: 262_144, eventHandlers });
    const idle = await Promise.all(Array.from({ length: 8 }, () => greeted(agent)));
    for (const client of idle) {
      client.pause();
      for (let seq = 1; seq <= 600; seq++) client.send("stats", seq);
    }
    const other = await SerfRpcClient.connect(agent.rpcAddress);
    closers.push(() => other.close());
    let isOver = false;
    const asking = (async () => {
      while (!isOver) assert.equal((await other.members()).length, 1);
    })();
    await eventually(() => usage(agent).connectionsCut > 0, "an end", 30_000);
    isOver = true;
    await asking;
    assert.match(agent.log.last("WARN").join("\n"), /ended a client client=\S+ reason="takes no answers"/);
  });

  it("can send requests ahead, of which the server keeps a bounded part", async () => {
    const agent = await start({ eventHandlers });
    const client = await greeted(agent);
    client.pause();
    // A field that nobody knows, of 100 kB.
    const writer = new RpcWriter();
    writer.mapHead(3);
    writer.name("Command");
    writer.name("stats");
    writer.name("Padding");
    writer.blob(new Uint8Array(100_000));
    writer.name("Seq");
    writer.uint(1);
    for (let i = 0; i < 1000; i++) client.bytes(writer.copy());
    const other = await SerfRpcClient.connect(agent.rpcAddress);
    closers.push(() => other.close());
    let unsent = 0;
    await eventually(() => {
      const before = unsent;
      unsent = client.bytesUnsent;
      return usage(agent).bytesHeld > 16_384 && unsent === before;
    }, "the server reads no more");
    for (let i = 0; i < 200; i++) await other.members();
    assert.ok(client.bytesUnsent > 50_000_000, `${client.bytesUnsent} bytes still stand at the client`);
    assert.ok(usage(agent).bytesHeldMax < 524_288, `${usage(agent).bytesHeldMax} bytes`);
  });
});

describe("the turns of the RPC", () => {
  it("are shared: of requests that come by thousands a few are done in each, and others are done between them", async () => {
    const agent = await start();
    const flood = await greeted(agent);
    const other = await greeted(agent);
    let answers = 0;
    flood.watch((bytes) => {
      answers += bytes;
    });
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    for (let seq = 1; seq <= 20_000; seq++) flood.send("stop", 7, m.STOP, { Stop: 1 });
    turn();
    await eventually(() => answers > 0, "the first answer");
    const before = answers;
    other.send("stop", 7, m.STOP, { Stop: 1 });
    assert.equal(await other.header(), "7");
    const one = answerBytes();
    const between = (answers - before) / one;
    assert.ok(between < 1000, `${between} answers came first`);
    await eventually(() => answers === 20_000 * one, "all answers");
    isDone = true;
    // 50 microseconds or so for a header and as many for its request, two milliseconds' worth in one turn.
    assert.ok(turns >= 900, `${turns} turns`);
  });

  it("let events out to thousands of streams with other work in between, each stream its events in order", async () => {
    const agent = await start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => greeted(agent)));
    for (const client of clients) {
      for (let seq = 1; seq <= 250; seq++) client.send("stream", seq, m.STREAM, { Type: "user:deploy,query" });
      for (let seq = 1; seq <= 250; seq++) assert.equal(await client.header(), String(seq));
    }
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    for (let i = 0; i < 10; i++) agent.cluster.event("deploy", Buffer.from(String(i)), { coalesce: false });
    turn();
    for (const client of clients) {
      for (let i = 0; i < 10; i++) {
        for (let seq = 1; seq <= 250; seq++) {
          assert.equal(await client.header(), String(seq));
          const { Payload } = await client.take(m.USER_EVENT_RECORD);
          assert.equal(Buffer.from(Payload ?? []).toString(), String(i));
        }
      }
    }
    isDone = true;
    // 50,000 records at a microsecond or so each, two milliseconds' worth of them in one turn.
    assert.ok(turns >= 20, `${turns} turns`);
    assert.equal(usage(agent).recordsDropped, 0);
  });
});

/** What the answer to a `stop` with this number comes to. */
function answerBytes(): number {
  return Buffer.from("\x82\xa5Error\xa0\xa3Seq\x07", "latin1").length;
}

describe("connections that never open", () => {
  it("give way to newcomers, the oldest without a byte first; those that are open don't", async () => {
    const agent = await start({ rpcConnectionsMax: 4 });
    const open = await greeted(agent);
    const halfOpen = await connected(agent);
    halfOpen.bytes(Uint8Array.of(0x82));
    const [first, second] = [await silent(agent), await silent(agent)];
    const newcomers = [await greeted(agent), await greeted(agent), await greeted(agent)];
    await eventually(() => first.destroyed && second.destroyed && halfOpen.isClosed, "three ends");
    assert.equal(usage(agent).connectionsDisplaced, 3);
    const refused = await connected(agent);
    await eventually(() => refused.isClosed, "the end of who is one too many");
    assert.equal(usage(agent).connectionsRefused, 1);
    for (const client of [open, ...newcomers]) {
      client.send("stop", 9, m.STOP, { Stop: 1 });
      assert.equal(await client.header(), "9");
    }
    const lines = agent.log.last("WARN").join("\n");
    assert.match(lines, /agent\.ipc: ended a client client=127\.0\.0\.1:\d+ reason="gave way to a newcomer"/);
    assert.match(lines, /agent\.ipc: refused a client client=127\.0\.0\.1:\d+ reason="4 are connected"/);
  });

  it("have so long for the handshake, and for the key where one is asked for, and then end with a line in the log", async () => {
    // Longer than this process ever stands still.
    const agent = await start({ rpcHandshakeTimeout: 3000, rpcAuth: "secret" });
    const open = await greeted(agent);
    open.send("auth", 1, m.AUTH, { AuthKey: "secret" });
    assert.equal(await open.header(), "1");
    const [quiet, unknown] = [await silent(agent), await greeted(agent)];
    await eventually(() => quiet.destroyed && unknown.isClosed, "two ends");
    open.send("stop", 2, m.STOP, { Stop: 1 });
    assert.equal(await open.header(), "2");
    assert.equal(usage(agent).connectionsCut, 2);
    const lines = agent.log.last("WARN").join("\n");
    assert.match(lines, /reason="no handshake in time"/);
    assert.match(lines, /reason="no authentication in time"/);
  });

  it("send small requests only", async () => {
    const agent = await start({ rpcAuth: "secret" });
    const stranger = await greeted(agent);
    stranger.send("auth", 1, m.AUTH, { AuthKey: "x".repeat(5000) });
    await eventually(() => stranger.isClosed, "the end of the connection");
    assert.match(agent.log.last("WARN").join("\n"), /refused a request client=127\S+ command=auth reason=too-large/);
    const known = await greeted(agent);
    known.send("auth", 1, m.AUTH, { AuthKey: "secret" });
    assert.equal(await known.header(), "1");
    known.send("event", 2, m.EVENT, { Name: "x".repeat(5000), Payload: null, Coalesce: false });
    assert.match(await known.header(), /^2 user event exceeds/);
  });
});

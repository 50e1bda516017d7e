import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import * as m from "../../../dist/faces/rpc/messages.js";
import { RpcWriter } from "../../../dist/faces/rpc/rpc-writer.js";
import type { Agent } from "../../../dist/index.js";
import { eventually, RawClient, startAgent } from "../../support.js";

/** What a client library may make of a request: msgpack of any shape. */
type Value = null | boolean | number | string | Uint8Array | readonly Value[] | ReadonlyMap<Value, Value>;

function write(writer: RpcWriter, value: Value): void {
  if (value === null || value instanceof Uint8Array) writer.blob(value);
  else if (typeof value === "boolean") writer.bool(value);
  else if (typeof value === "string") writer.name(value);
  else if (typeof value === "number") {
    if (Number.isInteger(value)) writer.int(value);
    else writer.float(value);
  } else if (value instanceof Map) {
    writer.mapHead(value.size);
    for (const [key, one] of value) {
      write(writer, key);
      write(writer, one);
    }
  } else if (Array.isArray(value)) {
    writer.arrayHead(value.length);
    for (const one of value) write(writer, one);
  }
}

function bytesOf(...values: readonly Value[]): Uint8Array {
  const writer = new RpcWriter();
  for (const value of values) write(writer, value);
  return writer.copy();
}

const map = (fields: Readonly<Record<string, Value>>): Value => new Map(Object.entries(fields));
const header = (command: string): Value => map({ Command: command, Seq: 5 });
const short = 200_000_000;

describe("requests of an odd shape, each as Serf's own agent was seen to take it", () => {
  let agent: Agent;

  before(async () => {
    agent = await startAgent();
  });

  beforeEach(() => agent.cluster.setTags({ keep: "1", a: "2", b: "3" }));

  after(() => agent.shutdown());

  /** Sends what a client would; returns the answer, or how the connection ended. */
  async function ask(...values: readonly Value[]): Promise<string> {
    const client = await RawClient.connect(agent);
    try {
      await client.shakeHands();
      client.bytes(bytesOf(...values));
      const answer = await client.takeSoon(m.RESPONSE_HEADER, () => client.isClosed);
      return answer === null ? "closed" : `${answer.Seq} ${answer.Error}`.trim();
    } finally {
      client.close();
    }
  }

  it("a map in place of a list has its keys and values read alternately", async () => {
    assert.equal(await ask(header("tags"), map({ Tags: map({ new: "4" }), DeleteTags: map({ a: "b" }) })), "5");
    assert.deepEqual({ ...agent.cluster.self.tags }, { keep: "1", new: "4" });
    assert.equal(await ask(header("tags"), map({ Tags: map({ new: "5" }), DeleteTags: map({}) })), "5");
    assert.equal(await ask(header("tags"), map({ DeleteTags: map({ keep: null }) })), "5");
    assert.deepEqual({ ...agent.cluster.self.tags }, { new: "5" });
    assert.match(await ask(header("join"), map({ Existing: map({ "127.0.0.1:1": "127.0.0.1:2" }) })), /^5 2 errors/);
    assert.equal(await ask(header("query"), map({ Name: "q", Timeout: short, FilterNodes: map({ x: "y" }) })), "5");
  });

  it("and in place of bytes its numbers", async () => {
    const heard: number[][] = [];
    const stop = agent.cluster.onEvent("bytes", ({ payload }) => heard.push([...payload]));
    const payload = new Map<Value, Value>([[1, 2]]);
    assert.equal(await ask(header("event"), map({ Name: "bytes", Payload: payload })), "5");
    await eventually(() => heard.length > 0, "the event");
    assert.deepEqual(heard, [[1, 2]]);
    stop();
  });

  it("fields are nil, missing, unknown, or of a kind that counts as another one", async () => {
    const accepted: readonly (readonly [string, Value])[] = [
      ["tags", map({ Tags: null, DeleteTags: null })],
      ["tags", map({})],
      ["tags", null],
      ["tags", [map({ x: "1" }), ["a"]]],
      ["tags", map({ Tags: map({ x: "1" }), Extra: map({ deep: [1, null] }) })],
      ["join", map({ Existing: null, Replay: 1 })],
      ["event", map({ Name: "e", Payload: "text", Coalesce: true })],
      ["event", map({ Name: "e", Payload: null })],
      ["event", map({ Name: "e", Payload: [1, 2, 255] })],
      ["event", ["e", "p", true, 5, 6]],
      ["event", ["e"]],
      [
        "query",
        map({ Name: "q", Timeout: short, FilterNodes: null, FilterTags: null, RelayFactor: null, Payload: null }),
      ],
      ["stop", map({ Stop: null })],
    ];
    for (const [command, body] of accepted) assert.equal(await ask(header(command), body), "5", JSON.stringify(body));
  });

  it("names of events and queries are empty, nil or missing", async () => {
    const heard: string[] = [];
    const stop = agent.cluster.onEvent("", ({ name, payload }) => heard.push(`${name}:${Buffer.from(payload)}`));
    assert.equal(await ask(header("event"), map({ Name: "", Payload: "1" })), "5");
    assert.equal(await ask(header("event"), map({ Name: null, Payload: "2" })), "5");
    assert.equal(await ask(header("event"), map({ Payload: "3" })), "5");
    assert.equal(await ask(header("query"), map({ Name: "", Timeout: short })), "5");
    await eventually(() => heard.length === 3, "three events");
    assert.deepEqual(heard, [":1", ":2", ":3"]);
    stop();
  });

  it("a query's time that is over already is short, and ends as others do", async () => {
    const client = await RawClient.connect(agent);
    await client.shakeHands();
    client.bytes(bytesOf(header("query"), map({ Name: "q", Timeout: -5 })));
    assert.deepEqual([await client.header(), await client.header()], ["5", "5"]);
    assert.equal((await client.take(m.QUERY_RECORD)).Type, "done");
    client.close();
  });

  it("what Serf closes the connection at closes it, with a line that names client, command and reason", async () => {
    const refused: readonly (readonly [string, Value, RegExp])[] = [
      ["tags", map({ Tags: ["a", "b"] }), /client=127\.0\.0\.1:\d+ command=tags reason=bad-value/],
      ["tags", map({ DeleteTags: "a" }), /command=tags reason=bad-value/],
      ["tags", map({ DeleteTags: map({ a: 5 }) }), /command=tags reason=bad-value/],
      ["event", map({ Name: 5 }), /command=event reason=bad-value/],
      ["event", map({ Payload: [256] }), /command=event reason=bad-integer/],
      ["query", map({ Timeout: "200ms" }), /command=query reason=bad-value/],
      ["query", map({ Timeout: 0.5 }), /command=query reason=bad-value/],
      ["query", map({ RelayFactor: 300 }), /command=query reason=bad-integer/],
      ["stop", map({ Stop: -1 }), /command=stop reason=bad-integer/],
    ];
    for (const [command, body, line] of refused) {
      const lines = agent.log.last("WARN").length;
      assert.equal(await ask(header(command), body), "closed", JSON.stringify(body));
      assert.match(agent.log.last("WARN").slice(lines).join("\n"), line);
    }
    assert.equal(await ask(null), "0 Unsupported command");
    assert.equal(await ask("stats"), "closed");
    assert.match(agent.log.last("WARN").at(-1) ?? "", /refused a request client=127\.0\.0\.1:\d+ command="" reason=/);
  });

  it("a request that is answered with an error leaves a line, too, in which nothing reaches the terminal", async () => {
    const lines = agent.log.last("WARN").length;
    assert.equal(await ask(header("\u001b[31mno\nsuch")), "5 Unsupported command");
    assert.equal(await ask(header("stream"), map({ Type: "nothing" })), "5 Invalid event filter");
    const [first, second] = agent.log.last("WARN").slice(lines);
    assert.match(first ?? "", /command="\\u001b\[31mno\\nsuch" reason="Unsupported command"$/);
    assert.match(second ?? "", /command=stream reason="Invalid event filter"$/);
  });

  it("event names with control characters come to monitors and to the log's readers escaped", async () => {
    const client = await RawClient.connect(agent);
    await client.shakeHands();
    client.send("monitor", 1, m.MONITOR, { LogLevel: "DEBUG" });
    assert.equal(await client.header(), "1");
    const name = "\u001b]0;title\u0007\nforged \u202e";
    client.send("event", 2, m.EVENT, { Name: name, Payload: null, Coalesce: false });
    const lines: string[] = [];
    while (!lines.some((line) => line.includes("Received event") && line.includes("title"))) {
      const { Seq } = await client.take(m.RESPONSE_HEADER);
      if (Seq === 1) lines.push((await client.take(m.LOG_RECORD)).Log);
    }
    const about = lines.filter((line) => line.includes("title"));
    assert.equal(about.length, 2);
    for (const line of about) assert.ok(line.includes("\\u001b]0;title\\u0007\\nforged \\u202e"), line);
    client.close();
  });
});

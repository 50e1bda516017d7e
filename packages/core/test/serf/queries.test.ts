import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeFilter,
  encodeTags,
  NODE_FILTER,
  QUERY,
  QUERY_ACK,
  QUERY_NO_BROADCAST,
  QUERY_RESPONSE,
  type QueryParams,
  type QueryResponse,
  RELAY,
  RESPONSE_ACK,
  TAG_FILTER,
} from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { address } from "../support/lone-node.ts";
import { LoneSerf, query, serfAlive } from "../support/lone-serf.ts";

const ASKER = "10.0.0.2:7946";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Queries that the application was asked since the last `clear`. */
function asked(node: LoneSerf): { handle: number; name: string; deadlineMs: number; from: string }[] {
  return node.serfEvents.flatMap((event) => (event.type === "query" ? [event] : []));
}

function kinds(node: LoneSerf): string[] {
  return node.serfEvents.flatMap((event) => {
    if (event.type === "query-acked" || event.type === "query-answered") return [`${event.type} ${event.from}`];
    return event.type === "query-finished" ? [event.type] : [];
  });
}

function tagged(tags: Readonly<Record<string, string>>): LoneSerf {
  const meta = encodeTags(new Map(Object.entries(tags)));
  assert.ok(!isFault(meta));
  return new LoneSerf({}, undefined, { meta }).with("a", "b", "c", "d");
}

const PARAMS: QueryParams = { name: "load", payload: null, filters: null, ack: true, relayFactor: 0, timeoutMs: 0 };

function start(node: LoneSerf, more: Partial<QueryParams> = {}): { query: number; lTime: number; deadlineMs: number } {
  const lTime = node.serf.clocks.queryClock;
  const started = node.serf.query(node.now, { ...PARAMS, ...more }, node);
  assert.ok("query" in started);
  node.until(node.now);
  return { ...started, lTime };
}

function response(lTime: number, id: number, from: string, more: Partial<QueryResponse> = {}): QueryResponse {
  return { type: QUERY_RESPONSE, lTime, id, from, flags: 0, payload: null, ...more };
}

describe("a query that reaches a node (section 11.2)", () => {
  it("is heard once, passed on once, and can be answered until its time is over", () => {
    const node = tagged({}).hear(query(5, { payload: bytes("?") }));
    const [heard] = asked(node);
    assert.ok(heard !== undefined);
    assert.deepEqual([heard.name, heard.from, heard.deadlineMs], ["load", "asker", node.now + 10_000]);
    assert.equal(node.told(QUERY).length, 1);
    node.clear().hear(query(5));
    assert.deepEqual([asked(node), node.told(QUERY)], [[], []]);
    node.until(node.now + 10_000).clear();
    assert.equal(node.serf.respond(node.now + 1, heard.handle, bytes("late"), node)?.fault, "late");
    assert.deepEqual(node.sent, []);
  });

  it("of the same time and another number is another one", () => {
    assert.equal(
      asked(
        tagged({})
          .hear(query(5))
          .hear(query(5, { id: 8 })),
      ).length,
      2,
    );
  });

  it("is heard while its time is within the buffer", () => {
    const node = tagged({})
      .hear(query(2000))
      .clear()
      .hear(query(1488, { id: 1 }))
      .hear(query(1489, { id: 1 }));
    assert.equal(asked(node).length, 1);
    assert.equal(node.serf.counters.queriesTooOld, 1);
  });

  it("is forgotten when its time is over", () => {
    const node = new LoneSerf().hear(query(5, { timeoutNs: 2e9 }));
    assert.equal(node.until(1999).serf.occupancy.queriesOpen, 1);
    assert.equal(node.until(2001).serf.occupancy.queriesOpen, 0);
  });

  it("that asks not to be passed on isn't", () => {
    const node = tagged({}).hear(query(5, { flags: QUERY_NO_BROADCAST }));
    assert.equal(asked(node).length, 1);
    assert.deepEqual(node.told(QUERY), []);
  });

  it("is acknowledged at once if it asks for that, to the address in it, and before anybody has answered", () => {
    const node = tagged({}).hear(query(5, { flags: QUERY_ACK, addr: Uint8Array.of(10, 0, 1, 3), port: 8000 }));
    const acks = node.saidTo().filter(({ message }) => message.type === QUERY_RESPONSE);
    assert.deepEqual(acks, [{ to: "10.0.1.3:8000", message: response(5, 7, "self", { flags: RESPONSE_ACK }) }]);
  });

  it("is answered once, to whoever asked", () => {
    const node = tagged({}).hear(query(5)).clear();
    const node2 = tagged({}).hear(query(5));
    const handle = asked(node2)[0]?.handle ?? 0;
    node2.clear();
    assert.equal(node2.serf.respond(node2.now, handle, bytes("0.4"), node2), null);
    assert.deepEqual(
      node2.saidTo().filter(({ message }) => message.type === QUERY_RESPONSE),
      [{ to: ASKER, message: response(5, 7, "self", { payload: bytes("0.4") }) }],
    );
    assert.deepEqual(node2.serf.respond(node2.now, handle, bytes("0.5"), node2), { fault: "answered" });
    assert.deepEqual(node.serf.respond(node.now, 999, bytes("x"), node), { fault: "late" });
  });

  it("is not answered with more than the limit, and can be answered with less then", () => {
    const node = tagged({}).hear(query(5));
    const handle = asked(node)[0]?.handle ?? 0;
    const fault = node.serf.respond(node.now, handle, new Uint8Array(1024), node);
    assert.ok(fault?.fault === "too-large" && fault.limitBytes === 1024 && fault.sizeBytes > 1024);
    assert.equal(node.serf.respond(node.now, handle, new Uint8Array(900), node), null);
  });

  it("with a timeout that is over from the start is heard by nobody who could answer it", () => {
    for (const timeoutNs of [0, -5e9]) {
      const node = tagged({}).hear(query(5, { timeoutNs }));
      const handle = asked(node)[0]?.handle ?? 0;
      assert.equal(node.serf.respond(node.now + 1, handle, bytes("x"), node)?.fault, "late");
    }
  });

  it("to nobody's address is heard, and neither acknowledged nor answered", () => {
    for (const [addr, port] of [
      [new Uint8Array(0), 7946],
      [Uint8Array.of(10, 0, 0, 2), 0],
      [Uint8Array.of(1, 2, 3), 7946],
    ] as const) {
      const node = tagged({}).hear(query(5, { addr, port, flags: QUERY_ACK }));
      assert.equal(asked(node).length, 1);
      assert.deepEqual(node.said(QUERY_RESPONSE), []);
      assert.equal(node.serf.counters.answersUnsent, 1);
    }
  });
});

describe("filters (section 11.3)", () => {
  const names = (...wanted: string[]): Uint8Array => encodeFilter({ type: NODE_FILTER, names: wanted });
  const tag = (name: string, expression: string): Uint8Array =>
    encodeFilter({ type: TAG_FILTER, tag: name, expression });

  for (const [what, filters, isMatched] of [
    ["no filters", [], true],
    ["its name", [names("x", "self")], true],
    ["other names", [names("x", "selfish")], false],
    ["nobody's name", [names()], false],
    ["a tag's whole value", [tag("role", "^web$")], true],
    ["a part of a tag's value", [tag("role", "e")], true],
    ["another value", [tag("role", "^db")], false],
    ["a tag that it doesn't have, empty", [tag("zone", "^$")], true],
    ["a tag that it doesn't have, not empty", [tag("zone", "eu")], false],
    ["several, of which all match", [names("self"), tag("role", "web"), tag("dc", "1")], true],
    ["several, of which one doesn't", [names("self"), tag("role", "web"), tag("dc", "2")], false],
    ["an unknown type", [Uint8Array.of(9, 0xc0)], false],
    ["a body that can't be read", [Uint8Array.of(1, 0xc1)], false],
  ] as const) {
    it(`${what}: ${isMatched ? "asks" : "doesn't ask"} the node, which passes the query on`, () => {
      const node = tagged({ role: "web", dc: "1" }).hear(query(5, { filters, flags: QUERY_ACK }));
      assert.equal(asked(node).length, isMatched ? 1 : 0);
      assert.equal(node.said(QUERY_RESPONSE).length, isMatched ? 1 : 0);
      assert.equal(node.told(QUERY).length, 1);
      assert.equal(node.serf.counters.queriesFiltered, isMatched ? 0 : 1);
    });
  }

  it("see the tags of the moment", () => {
    const node = tagged({ role: "web" });
    const meta = encodeTags(new Map([["role", "db"]]));
    assert.ok(!isFault(meta));
    node.swim.setMeta(node.now, 0, meta, node);
    node
      .until(node.now)
      .clear()
      .hear(query(5, { filters: [tag("role", "^db$")] }));
    assert.equal(asked(node).length, 1);
  });
});

describe("relays (section 11.5)", () => {
  it("go to as many others as the query wants, each with the same answer for whoever asked", () => {
    const node = tagged({}).hear(query(5, { flags: QUERY_ACK, relayFactor: 2 }));
    const relays = node.saidTo().filter(({ message }) => message.type === RELAY);
    assert.equal(new Set(relays.map(({ to }) => to)).size, 2);
    for (const { to, message } of relays) {
      assert.notEqual(to, "10.0.0.1:7946");
      assert.ok(message.type === RELAY);
      assert.deepEqual([...message.destIp], [10, 0, 0, 2]);
      assert.deepEqual([message.destPort, message.destName], [7946, "asker"]);
    }
  });

  it("are none where too few members are known, or none knows what a relay is", () => {
    const few = new LoneSerf().with("a").hear(query(5, { flags: QUERY_ACK, relayFactor: 2 }));
    assert.deepEqual(few.said(RELAY), []);
    const old = new LoneSerf();
    for (const [i, name] of ["a", "b", "c"].entries()) {
      const vsn = Uint8Array.of(1, 4, 2, 2, 5, 5);
      old.receive(address("10.0.0.2"), serfAlive(name, `10.0.1.${i + 1}`, 1, { vsn }));
    }
    old
      .until(old.now)
      .clear()
      .hear(query(5, { flags: QUERY_ACK, relayFactor: 2 }));
    assert.deepEqual(old.said(RELAY), []);
    assert.equal(old.said(QUERY_RESPONSE).length, 1);
  });

  it("are left out for answers that would be too long with the wrapping", () => {
    const node = tagged({}).hear(query(5, { relayFactor: 1 }));
    const handle = asked(node)[0]?.handle ?? 0;
    node.clear();
    assert.equal(node.serf.respond(node.now, handle, new Uint8Array(960), node), null);
    assert.deepEqual(node.said(RELAY), []);
    assert.equal(node.serf.counters.relaysTooLarge, 1);
  });

  it("are served for answers, as they are, and for nothing else", () => {
    const node = tagged({}).hear(query(5, { relayFactor: 1, flags: QUERY_ACK }));
    const [relay] = node.said(RELAY);
    assert.ok(relay !== undefined);
    node.clear().hear({ ...relay, destIp: Uint8Array.of(10, 0, 1, 3), destPort: 9000 });
    assert.deepEqual(node.saidTo(), [
      { to: "10.0.1.3:9000", message: response(5, 7, "self", { flags: RESPONSE_ACK }) },
    ]);
    node
      .clear()
      .hear({ ...relay, message: Uint8Array.of(3, 0xc0) })
      .hear({ ...relay, destPort: 0 });
    assert.deepEqual(node.saidTo(), []);
    assert.equal(node.serf.counters.relaysRefused, 2);
  });
});

describe("a query of this node (section 11.1)", () => {
  it("is told to others, and heard and answered here like anywhere else", () => {
    const node = tagged({});
    const { query: id, lTime } = start(node);
    assert.deepEqual(
      node.told(QUERY).map((message) => [message.lTime, message.id, message.sourceNode, message.flags]),
      [[lTime, id, "self", QUERY_ACK]],
    );
    const handle = asked(node)[0]?.handle ?? 0;
    assert.equal(node.serf.respond(node.now, handle, bytes("mine"), node), null);
    assert.deepEqual(kinds(node), ["query-acked self", "query-answered self"]);
    assert.equal(node.serf.clocks.queryClock, lTime + 1);
  });

  it("collects each member's acknowledgement and answer once, until its time is over", () => {
    const node = tagged({});
    const { query: id, lTime, deadlineMs } = start(node);
    node.clear();
    for (let copies = 0; copies < 3; copies++) {
      node.hear(response(lTime, id, "a", { flags: RESPONSE_ACK })).hear(response(lTime, id, "a"));
    }
    assert.deepEqual(kinds(node), ["query-acked a", "query-answered a"]);
    assert.equal(node.serf.counters.answersDuplicate, 4);
    node.hear(response(lTime + 1, id, "b")).hear(response(lTime, id ^ 1, "b"));
    assert.equal(node.serf.counters.answersStray, 2);
    node.clear().until(deadlineMs);
    assert.deepEqual(kinds(node), ["query-finished"]);
    node.hear(response(lTime, id, "c"));
    assert.deepEqual(kinds(node), ["query-finished"]);
  });

  it("lasts as long as it says, or by the default as the size of the pool makes it", () => {
    const alone = new LoneSerf({}, { gossipIntervalMs: 200, probeIntervalMs: 0, pushPullIntervalMs: 0 });
    assert.equal(start(alone).deadlineMs - alone.now, 3200);
    const pool = new LoneSerf({}, { gossipIntervalMs: 200, probeIntervalMs: 0, pushPullIntervalMs: 0 });
    pool.with(..."abcdefghijkl");
    assert.equal(start(pool).deadlineMs - pool.now, 6400);
    const silent = tagged({});
    assert.equal(start(silent).deadlineMs - silent.now, 3200);
    assert.equal(start(pool, { timeoutMs: 1500 }).deadlineMs - pool.now, 1500);
  });

  it("may take as many bytes as the limit says", () => {
    const node = tagged({});
    const fault = node.serf.query(node.now, { ...PARAMS, payload: new Uint8Array(1024) }, node);
    assert.ok("fault" in fault && fault.fault === "too-large" && fault.limitBytes === 1024);
    assert.equal(node.serf.clocks.queryClock, 1);
    start(node, { payload: new Uint8Array(880) });
  });

  it("can be ended early, once", () => {
    const node = tagged({});
    const { query: id, lTime } = start(node);
    node.clear();
    node.serf.endQuery(node.now, id, node);
    node.serf.endQuery(node.now, id, node);
    assert.deepEqual(kinds(node), ["query-finished"]);
    node.hear(response(lTime, id, "a")).until(node.now + 60_000);
    assert.deepEqual(kinds(node), ["query-finished"]);
  });

  it("is one of 1,024 at the most", () => {
    const node = new LoneSerf();
    for (let i = 0; i < 1024; i++) start(node, { timeoutMs: 60_000 });
    assert.deepEqual(node.serf.query(node.now, PARAMS, node), { fault: "busy" });
    node.until(node.now + 60_000);
    assert.equal(node.serf.occupancy.queriesAsked, 0);
    start(node);
  });

  it("collects no more answers than the pool could give twice over", () => {
    const node = tagged({});
    const { query: id, lTime } = start(node);
    node.clear();
    for (let i = 0; i < 200; i++) node.hear(response(lTime, id, `made up ${i}`));
    assert.equal(kinds(node).length, 64);
    assert.equal(node.serf.counters.answersDropped, 136);
  });
});

describe("a flood of queries", () => {
  it("is answered two thousand times a second at the most, and holds no more than its limits", () => {
    const node = tagged({});
    for (let i = 0; i < 6000; i++) {
      node.hear(query(5 + (i >> 9), { id: i, flags: QUERY_ACK | QUERY_NO_BROADCAST }));
    }
    const acks = node.sent.length;
    assert.ok(acks <= 2000, `${acks} acks`);
    assert.ok(node.serf.occupancy.queriesOpen <= 4096);
    assert.ok(node.serf.counters.queriesDropped > 0 && node.serf.counters.answersUnsent > 0);
  });
});

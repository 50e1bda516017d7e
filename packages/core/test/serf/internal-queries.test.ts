import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CONFLICT_QUERY,
  CONFLICT_RESPONSE,
  type ConflictResponse,
  encodeSerfMessage,
  INSTALL_KEY_QUERY,
  KEY_REQUEST,
  KEY_RESPONSE,
  type KeyResponse,
  LIST_KEYS_QUERY,
  PING_QUERY,
  QUERY,
  QUERY_ACK,
  QUERY_RESPONSE,
  REMOVE_KEY_QUERY,
  SerfDecoder,
  type SerfMessage,
  STATUS_LEFT,
  USE_KEY_QUERY,
} from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { address } from "../support/lone-node.ts";
import { LoneSerf, query, serfAlive } from "../support/lone-serf.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The payloads of the answers that a node has sent since the last `clear`. */
function answers(node: LoneSerf): SerfMessage[] {
  return node.said(QUERY_RESPONSE).flatMap(({ flags, payload }) => {
    if (flags !== 0) return [];
    assert.ok(payload !== null);
    const message = new SerfDecoder().decode(payload, 0, payload.length);
    assert.ok(!isFault(message));
    return [message];
  });
}

/** The bytes with the only occurrence of some of them replaced: what our own encoder refuses to make. */
function replaced(message: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const at = Buffer.from(message).indexOf(Buffer.from(from));
  assert.ok(at >= 0);
  return Uint8Array.of(...message.subarray(0, at), ...to, ...message.subarray(at + from.length));
}

function isAsked(node: LoneSerf): boolean {
  return node.serfEvents.some(({ type }) => type === "query");
}

describe("queries of Serf's own (section 12)", () => {
  it("never reach the application, whatever they are called; all are acknowledged and passed on", () => {
    for (const name of [PING_QUERY, "_serf_", "_serf_anything", CONFLICT_QUERY]) {
      const node = new LoneSerf().with("a").hear(query(5, { name, flags: QUERY_ACK, payload: bytes("x") }));
      assert.ok(!isAsked(node), name);
      assert.equal(node.said(QUERY_RESPONSE).filter(({ flags }) => flags !== 0).length, 1);
      assert.equal(node.told(QUERY).length, 1);
    }
  });
});

describe("a query about a name (section 12.1)", () => {
  const ask = (node: LoneSerf, name: string): ConflictResponse[] =>
    answers(node.clear().hear(query(5, { name: CONFLICT_QUERY, payload: bytes(name) }))).map((message) => {
      assert.ok(message.type === CONFLICT_RESPONSE);
      return message;
    });

  it("is answered with what this node knows of the member, or that it knows nobody", () => {
    const node = new LoneSerf().with("m", "other").hearLeave("m", 9).receive(A, dead("m", "m"));
    const [answer] = ask(node, "m");
    assert.ok(answer?.member);
    assert.deepEqual([answer.member.name, [...answer.member.addr], answer.member.port], ["m", [10, 0, 1, 1], 7946]);
    assert.equal(answer.member.status, STATUS_LEFT);
    assert.deepEqual(ask(new LoneSerf(), "stranger"), [{ type: CONFLICT_RESPONSE, member: null }]);
  });

  it("is not answered by whoever has the name itself", () => {
    assert.deepEqual(ask(new LoneSerf(), "self"), []);
  });
});

describe("a vote on this node's name", () => {
  /** A node that learns that another address claims its name, and the vote that it starts. */
  function disputed(): {
    node: LoneSerf;
    answer(from: string, member: ConflictResponse["member"]): void;
  } {
    const node = new LoneSerf().with("a", "b", "c", "d").receive(A, serfAlive("self", "10.9.9.9", 5));
    node.until(node.now);
    const [vote] = node.told(QUERY);
    assert.ok(vote !== undefined && vote.name === CONFLICT_QUERY);
    assert.equal(Buffer.from(vote.payload ?? new Uint8Array(0)).toString(), "self");
    node.clear();
    return {
      node,
      answer: (from, member) => {
        const payload = encodeSerfMessage({ type: CONFLICT_RESPONSE, member });
        node.hear({ type: QUERY_RESPONSE, lTime: vote.lTime, id: vote.id, from, flags: 0, payload });
      },
    };
  }

  const memberAt = (addr: readonly number[], port = 7946): ConflictResponse["member"] => {
    const versions = { protocolMin: 1, protocolMax: 5, protocolCur: 2, delegateMin: 2, delegateMax: 5, delegateCur: 5 };
    return { name: "self", addr: Uint8Array.from(addr), port, tags: new Map(), status: 1, ...versions };
  };
  const OURS = memberAt([10, 0, 0, 1]);
  const OURS_MAPPED = memberAt([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]);
  const THEIRS = memberAt([10, 9, 9, 9]);

  for (const [what, members, isLost] of [
    ["all for it", [OURS, OURS, OURS], false],
    ["most for it, in either form of its address", [OURS, OURS_MAPPED, THEIRS], false],
    ["as many for it as against it", [OURS, OURS, THEIRS, THEIRS], true],
    ["most against it", [OURS, THEIRS, THEIRS], true],
    ["another port", [memberAt([10, 0, 0, 1], 7999)], true],
    ["nobody who knows it", [null, null], true],
    ["no answers", [], false],
  ] as const) {
    it(`with ${what} is ${isLost ? "lost" : "won"}`, () => {
      const { node, answer } = disputed();
      for (const [i, member] of members.entries()) answer(`voter ${i}`, member);
      node.until(node.now + 10_000);
      const outvoted = node.serfEvents.filter((event) => event.type === "notice" && event.notice.kind === "outvoted");
      assert.equal(outvoted.length, isLost ? 1 : 0);
      assert.ok(!node.serfEvents.some(({ type }) => type === "query-answered" || type === "query-finished"));
    });
  }

  it("with no answers is lost by the reference's rules", () => {
    const node = new LoneSerf({}, undefined, { rules: "memberlist" }).with("a", "b");
    node.receive(A, serfAlive("self", "10.9.9.9", 5)).until(node.now + 10_000);
    assert.ok(node.serfEvents.some((event) => event.type === "notice" && event.notice.kind === "outvoted"));
  });

  it("is one at a time", () => {
    const { node } = disputed();
    node.receive(A, serfAlive("self", "10.9.9.9", 6)).until(node.now);
    assert.deepEqual(node.told(QUERY), []);
  });

  it("is not started where it is switched off", () => {
    const node = new LoneSerf({ config: { conflictVote: false } }).with("a");
    node.receive(A, serfAlive("self", "10.9.9.9", 5)).until(node.now);
    assert.deepEqual(node.told(QUERY), []);
  });
});

describe("a query about keys (section 12.2)", () => {
  const KEY = new Uint8Array(16).fill(3);
  const request = (key: Uint8Array): Uint8Array => encodeSerfMessage({ type: KEY_REQUEST, key });
  const ok: KeyResponse = { type: KEY_RESPONSE, result: true, message: "", keys: null, primaryKey: "" };

  function asked(name: string, payload: Uint8Array): { node: LoneSerf; handle: number } {
    const node = new LoneSerf().with("a").hear(query(5, { name, payload }));
    const event = node.serfEvents.find(({ type }) => type === "key-query");
    return { node: node.clear(), handle: event?.type === "key-query" ? event.handle : 0 };
  }

  it("is brought to the host, whose answer goes back", () => {
    const node = new LoneSerf().with("a").hear(query(5, { name: INSTALL_KEY_QUERY, payload: request(KEY) }));
    const [event] = node.serfEvents.filter(({ type }) => type === "key-query");
    assert.ok(event?.type === "key-query");
    assert.deepEqual([event.operation, event.key], ["install", KEY]);
    assert.equal(node.serf.respondToKeyQuery(node.now, event.handle, ok, node), null);
    assert.deepEqual(answers(node), [ok]);
  });

  it("says what is to be done with the key", () => {
    const names = [INSTALL_KEY_QUERY, USE_KEY_QUERY, REMOVE_KEY_QUERY, LIST_KEYS_QUERY];
    const operations = names.map((name) => {
      const node = new LoneSerf().with("a").hear(query(5, { name, payload: request(KEY) }));
      return node.serfEvents.flatMap((event) => (event.type === "key-query" ? [event.operation] : []));
    });
    assert.deepEqual(operations, [["install"], ["use"], ["remove"], ["list"]]);
  });

  it("for all keys tries one for each 25 bytes of an answer, as the reference does", () => {
    const { node, handle } = asked(LIST_KEYS_QUERY, request(new Uint8Array(0)));
    const list: KeyResponse = { ...ok, keys: new Array<string>(900).fill("k") };
    assert.equal(node.serf.respondToKeyQuery(node.now, handle, list, node), null);
    const [answer] = answers(node);
    assert.ok(answer?.type === KEY_RESPONSE);
    assert.equal(answer.keys?.length, 40);
  });

  it("that can't be read is answered as the reference does", () => {
    const node = new LoneSerf().with("a").hear(query(5, { name: LIST_KEYS_QUERY, payload: Uint8Array.of(7, 0xc1) }));
    assert.deepEqual(answers(node), [{ ...ok, result: false }]);
    assert.equal(node.serf.counters.messagesRefused, 1);
  });

  it("that would crash the reference is dropped, counted, and not passed on", () => {
    const message = encodeSerfMessage(query(5, { name: LIST_KEYS_QUERY, payload: bytes("!") }));
    // An empty payload, and none.
    for (const empty of [0xa0, 0xc0]) {
      const node = new LoneSerf().with("a").hear(replaced(message, [0xa1, 0x21], [empty]));
      assert.deepEqual([node.serf.counters.messagesHarmful, node.said(QUERY), node.said(QUERY_RESPONSE)], [1, [], []]);
    }
  });

  it("for all keys is answered with as many as fit, and says how many there are", () => {
    const { node, handle } = asked(LIST_KEYS_QUERY, request(new Uint8Array(0)));
    const keys = Array.from({ length: 60 }, (_, i) => Buffer.alloc(32, i).toString("base64"));
    const list: KeyResponse = { ...ok, keys, primaryKey: keys[0] ?? "" };
    assert.equal(node.serf.respondToKeyQuery(node.now, handle, list, node), null);
    const [answer] = answers(node);
    assert.ok(answer?.type === KEY_RESPONSE && answer.result && answer.keys !== null);
    const shown = answer.keys.length;
    assert.ok(shown > 10 && shown < 41);
    assert.deepEqual(answer.keys, keys.slice(0, shown));
    assert.equal(answer.message, `truncated key list response, showing first ${shown} of 60 keys`);
  });
});

describe("a filter that would crash the reference", () => {
  it("gets its query dropped, counted, and not passed on", () => {
    const message = encodeSerfMessage(query(5, { filters: [Uint8Array.of(0, 0x90), bytes("!")] }));
    const node = new LoneSerf().with("a").hear(replaced(message, [0xa1, 0x21], [0xa0]));
    assert.ok(!isAsked(node));
    assert.deepEqual(node.said(QUERY), []);
    assert.equal(node.serf.counters.messagesHarmful, 1);
  });
});

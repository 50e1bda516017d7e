import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION, BULK, URGENT } from "@hearsay/core";
import {
  decodeEnvelope,
  encodeEnvelope,
  Messenger,
  type MessengerResult,
  REPLY_FAILED,
  REPLY_KIND,
  REPLY_NO_HANDLER,
  REPLY_OK,
  REQUEST_KIND,
  SEEN_ORIGINS_MAX,
  SEEN_WINDOW_MAX,
} from "@hearsay/core/messaging";
import fc from "fast-check";

const SENT_AT = 1_767_225_600_000;

function messenger(name: string, boot = 1): Messenger {
  return new Messenger({ name, bootId: new Uint8Array(8).fill(boot) });
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** The same message with some fields of its envelope replaced. */
function changed(bytes: Uint8Array, fields: Partial<Exclude<ReturnType<typeof decodeEnvelope>, string>>): Uint8Array {
  const envelope = decodeEnvelope(bytes);
  assert.ok(typeof envelope === "object");
  return encodeEnvelope({ ...envelope, ...fields });
}

function kind(result: MessengerResult): string {
  return result.kind === "refused" ? result.reason : result.kind;
}

describe("a channel message", () => {
  it("arrives with its origin, number, time and class", () => {
    const { bytes, message } = messenger("alice").publish("news", text("hi"), BULK, SENT_AT);
    const { subject } = message;
    const result = messenger("bob").receive(bytes, 0);
    assert.ok(result.kind === "channel");
    const { payload, ...rest } = result;
    assert.equal(new TextDecoder().decode(payload), "hi");
    assert.deepEqual(rest, {
      kind: "channel",
      subject,
      channel: "news",
      origin: "alice",
      sequence: 1,
      sentAtMs: SENT_AT,
      rumorClass: BULK,
    });
  });

  it("is heard once, however often it comes", () => {
    const alice = messenger("alice");
    const bob = messenger("bob");
    const bytes = [1, 2, 3].map(() => alice.publish("news", text("same"), APPLICATION, SENT_AT).bytes);
    const kinds = [...bytes, ...bytes, ...bytes.reverse()].map((copy) => kind(bob.receive(copy, 0)));
    assert.deepEqual(kinds, [...Array(3).fill("channel"), ...Array(6).fill("duplicate")]);
    assert.equal(bob.counters.messagesHeard, 3);
    assert.equal(bob.counters.duplicates, 6);
  });

  it("of one's own that comes back is a duplicate, but one of a former life is news", () => {
    const alice = messenger("alice", 1);
    const bytes = alice.publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    assert.equal(kind(alice.receive(bytes, 0)), "duplicate");
    assert.equal(kind(messenger("alice", 2).receive(bytes, 0)), "channel");
  });

  it("of a restarted member is news though it counts from 1 again", () => {
    const bob = messenger("bob");
    const first = messenger("alice", 1).publish("news", text("a"), APPLICATION, SENT_AT).bytes;
    const second = messenger("alice", 2).publish("news", text("b"), APPLICATION, SENT_AT).bytes;
    assert.equal(kind(bob.receive(first, 0)), "channel");
    assert.equal(kind(bob.receive(second, 0)), "channel");
  });

  it("far behind the latest of its origin is not delivered, and counted apart", () => {
    const alice = messenger("alice");
    const bob = messenger("bob");
    const [oldest, ...rest] = Array.from(
      { length: SEEN_WINDOW_MAX + 1 },
      () => alice.publish("news", text(""), APPLICATION, SENT_AT).bytes,
    );
    const latest = rest.at(-1);
    assert.ok(oldest && latest);
    assert.equal(kind(bob.receive(latest, 0)), "channel");
    assert.equal(kind(bob.receive(oldest, 0)), "duplicate");
    assert.equal(bob.counters.messagesTooOld, 1);
  });

  it("of an unknown version is passed on once, in its class, and not delivered", () => {
    const { bytes, message } = messenger("alice").publish("news", text("hi"), URGENT, SENT_AT);
    const { subject } = message;
    const newer = changed(bytes, { version: 2, body: text("") });
    const bob = messenger("bob");
    assert.deepEqual(bob.receive(newer, 0), { kind: "relay-only", subject, rumorClass: URGENT });
    assert.equal(kind(bob.receive(newer, 0)), "duplicate");
  });

  it("cannot take the classes of membership", () => {
    const bytes = messenger("alice").publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    for (const classByte of [1, 2, 5, 255]) {
      const result = messenger("bob").receive(changed(bytes, { classByte }), 0);
      assert.ok(result.kind === "channel");
      assert.equal(result.rumorClass, APPLICATION);
    }
  });

  it("that is damaged doesn't stand in the way of a whole copy", () => {
    const bob = messenger("bob");
    const whole = messenger("alice").publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    assert.equal(kind(bob.receive(changed(whole, { body: Uint8Array.of(9, 1) }), 0)), "bad-body");
    assert.equal(kind(bob.receive(changed(whole, { body: Uint8Array.of(0, 1) }), 0)), "bad-body");
    assert.equal(kind(bob.receive(whole, 0)), "channel");
  });

  it("of one origin too many is refused", () => {
    const bob = messenger("bob");
    const bytes = messenger("alice").publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    for (let i = 0; i < SEEN_ORIGINS_MAX; i++) bob.receive(changed(bytes, { origin: `n${i}` }), 0);
    assert.equal(kind(bob.receive(bytes, 0)), "too-many-origins");
    assert.equal(bob.origins, SEEN_ORIGINS_MAX);
  });

  it("has exactly the overhead that the host counts with", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), fc.uint8Array(), (name, payload) => {
        const alice = messenger(name);
        const bytes = alice.publish(name, payload, APPLICATION, SENT_AT).bytes;
        assert.equal(bytes.length, alice.channelOverheadBytes(name) + payload.length);
      }),
    );
  });
});

describe("requests and replies", () => {
  it("arrive as they were sent", () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.uint8Array(), fc.constantFrom(0, 1, 2), (id, payload, status) => {
        const asked = messenger("bob").receive(messenger("alice").request(id, "stats", payload, SENT_AT), 0);
        assert.ok(asked.kind === "request");
        const { requestId, handler, origin, sentAtMs } = asked;
        assert.deepEqual([requestId, handler, origin, sentAtMs], [id, "stats", "alice", SENT_AT]);
        assert.deepEqual([...asked.payload], [...payload]);
        const replies = [REPLY_OK, REPLY_NO_HANDLER, REPLY_FAILED] as const;
        const answered = messenger("alice").receive(
          messenger("bob").reply(id, replies[status] ?? REPLY_OK, payload, SENT_AT),
          0,
        );
        assert.ok(answered.kind === "reply");
        assert.deepEqual([answered.requestId, answered.status, answered.origin], [id, status, "bob"]);
        assert.deepEqual([...answered.payload], [...payload]);
      }),
    );
  });

  it("of unknown versions or with damaged bodies are refused", () => {
    const request = messenger("alice").request(1, "stats", text("x"), SENT_AT);
    const bob = messenger("bob");
    assert.equal(kind(bob.receive(changed(request, { version: 2 }), 0)), "unknown-version");
    assert.equal(kind(bob.receive(changed(request, { body: Uint8Array.of(0, 0, 0, 1) }), 0)), "bad-body");
    assert.equal(kind(bob.receive(changed(request, { body: Uint8Array.of(0, 0, 0, 1, 2, 65) }), 0)), "bad-body");
    assert.equal(kind(bob.receive(changed(request, { kind: REPLY_KIND, body: text("abcd") }), 0)), "bad-body");
    assert.equal(kind(bob.receive(changed(request, { kind: REQUEST_KIND }), 0)), "request");
    assert.equal(bob.counters.envelopesRefused, 4);
  });

  it("with a status from the future are failures", () => {
    const reply = messenger("bob").reply(1, REPLY_OK, text(""), SENT_AT);
    const result = messenger("alice").receive(changed(reply, { body: Uint8Array.of(0, 0, 0, 1, 77) }), 0);
    assert.ok(result.kind === "reply");
    assert.equal(result.status, REPLY_FAILED);
  });

  it("are numbered from the boot id on, round the end", () => {
    const bootId = Uint8Array.of(0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe);
    const alice = new Messenger({ name: "alice", bootId });
    assert.deepEqual([alice.nextRequestId(), alice.nextRequestId(), alice.nextRequestId()], [0xffff_ffff, 0, 1]);
  });

  it("leave no gap in the sequence of broadcasts", () => {
    const alice = messenger("alice");
    alice.request(1, "stats", text(""), SENT_AT);
    const result = messenger("bob").receive(alice.publish("news", text(""), APPLICATION, SENT_AT).bytes, 0);
    assert.ok(result.kind === "channel");
    assert.equal(result.sequence, 1);
  });
});

describe("whatever else arrives", () => {
  it("goes to the application: no envelope, or one of an unknown kind, damaged or not", () => {
    const bob = messenger("bob");
    const bytes = messenger("alice").publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    for (const foreign of [text(""), text("hello"), Uint8Array.of(0xc1, 0x48, 0x53, 4), changed(bytes, { kind: 0 })]) {
      assert.equal(kind(bob.receive(foreign, 0)), "foreign");
    }
    assert.equal(kind(bob.receive(Uint8Array.of(0xc1, 0x48, 0x53), 0)), "truncated");
  });

  it("never throws, whatever bytes follow the magic", () => {
    const bob = messenger("bob");
    const tail = fc.uint8Array({ maxLength: 100, size: "max" });
    const junk = fc
      .tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2), fc.nat(12), tail)
      .map(([kind, version, name, rest]) => Uint8Array.from([0xc1, 0x48, 0x53, kind, version, name, ...rest]));
    const whole = messenger("alice").publish("news", text("hi"), APPLICATION, SENT_AT).bytes;
    const junkBody = fc
      .tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2), fc.integer({ min: 1, max: 9 }), tail)
      .map(([kind, version, sequence, body]) => changed(whole, { kind, version, sequence, body }));
    fc.assert(
      fc.property(fc.oneof(junk, junkBody), (bytes) => {
        bob.receive(bytes, 0);
      }),
      { numRuns: 2000 },
    );
    assert.ok(bob.counters.envelopesRefused > 0 && bob.counters.messagesHeard > 0 && bob.counters.requests > 0);
  });

  it("never throws when a good message is changed anywhere", () => {
    const good = messenger("alice").publish("news", text("hello"), APPLICATION, SENT_AT).bytes;
    const bob = messenger("bob");
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length), (at, value, end) => {
        const bytes = good.slice(0, end);
        if (at < end) bytes[at] = value;
        bob.receive(bytes, 0);
      }),
      { numRuns: 2000 },
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION } from "@hearsay/core";
import { decodeEnvelope, encodeEnvelope, Messaging, Messenger, REPLY_OK } from "@hearsay/core/messaging";
import { USER } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "../support/lone-node.ts";

const A = address("10.0.0.2");
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A node with messaging on it, and three others whom it passes on what it hears. */
class LoneMessaging extends LoneNode {
  readonly messaging: Messaging;

  constructor() {
    const messaging = new Messaging({ name: "self", bootId: new Uint8Array(8) });
    super({ layers: [messaging] }, STILL);
    this.messaging = messaging;
    for (let i = 2; i < 5; i++) this.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    this.until(10_000).clear();
  }

  hear(payload: Uint8Array): this {
    return this.receive(A, { type: USER, payload }).until(this.now);
  }

  /** What the application was told: kinds of messages, or `raw` for what is not messaging's. */
  told(): string[] {
    return this.events.flatMap((event) => {
      if (event.type === "user-message") return ["raw"];
      const message = this.messaging.eventOf(event);
      return message === undefined ? [] : [message.kind];
    });
  }

  /** Copies of a message that were passed on. */
  passedOn(payload: Uint8Array): number {
    const wanted = Buffer.from(payload);
    return this.messages(USER).filter((message) => wanted.equals(message.payload)).length;
  }
}

/** A message over a stream, with the length before it (docs/protocol/memberlist.md, 7.1). */
function overStream(payload: Uint8Array): Uint8Array {
  const length = [0xcd, payload.length >> 8, payload.length & 255];
  return Uint8Array.of(USER, 0x81, 0xaa, ...text("UserMsgLen"), ...length, ...payload);
}

function other(): Messenger {
  return new Messenger({ name: "n2", bootId: new Uint8Array(8).fill(1) });
}

describe("messaging on a node", () => {
  it("tells the application of a channel's message once, and passes it on", () => {
    const node = new LoneMessaging();
    const { bytes } = other().publish("news", text("hi"), APPLICATION, 0);
    node.hear(bytes).hear(bytes);
    assert.deepEqual(node.told(), ["channel"]);
    assert.ok(node.passedOn(bytes) > 0);
  });

  it("passes a message on that only newer nodes read, and doesn't tell of it", () => {
    const node = new LoneMessaging();
    const { bytes } = other().publish("news", text("hi"), APPLICATION, 0);
    const envelope = decodeEnvelope(bytes);
    assert.ok(typeof envelope === "object");
    const newer = encodeEnvelope({ ...envelope, version: 9 });
    node.hear(newer);
    assert.deepEqual(node.told(), []);
    assert.ok(node.passedOn(newer) > 0);
  });

  it("hears its own message as it was published, whatever the application writes into the bytes afterwards", () => {
    const node = new LoneMessaging();
    const payload = text("hi");
    const published = node.messaging.messenger.publish("news", payload, APPLICATION, 0).message;
    payload.fill(0);
    assert.deepEqual(published.payload, text("hi"));
    node.messaging.publish(node.now, "news", text("ho"), APPLICATION, 0, node);
    assert.deepEqual(node.told(), ["channel"]);
  });

  it("goes on telling of a message until as many copies have come back as it would be told", () => {
    const rumors = (copies: number): number => {
      const node = new LoneMessaging();
      const { bytes } = other().publish("news", text("hi"), APPLICATION, 0);
      for (let i = 0; i <= copies; i++) node.hear(bytes);
      return node.swim.occupancy.rumors;
    };
    const limit = new LoneMessaging().swim.transmitLimit;
    assert.equal(rumors(0), rumors(limit - 1));
    assert.equal(rumors(limit), rumors(0) - 1);
  });

  it("leaves what has another kind to the application, in a datagram and over a stream", () => {
    const node = new LoneMessaging();
    const { bytes } = other().publish("news", text("hi"), APPLICATION, 0);
    const envelope = decodeEnvelope(bytes);
    assert.ok(typeof envelope === "object");
    const foreign = encodeEnvelope({ ...envelope, kind: 77 });
    node.hear(foreign);
    assert.equal(node.ask(A, overStream(foreign)), null);
    assert.deepEqual(node.told(), ["raw", "raw"]);
  });

  it("tells of requests and replies over streams, and takes none from a datagram", () => {
    const node = new LoneMessaging();
    const request = other().request(1, "handler", text("?"), 0);
    const reply = other().reply(1, REPLY_OK, text("!"), 0);
    for (const message of [request, reply]) assert.equal(node.ask(A, overStream(message)), null);
    assert.deepEqual(node.told(), ["request", "reply"]);
    node.clear().hear(request).hear(reply);
    assert.deepEqual(node.told(), []);
    assert.equal(node.messaging.messenger.counters.unicastDatagramsRefused, 2);
  });
});

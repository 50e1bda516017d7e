import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LTime, type SerfConfig, USER_EVENT, type UserEvent } from "@hearsay/core/serf";
import { LoneSerf } from "../support/lone-serf.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function event(lTime: LTime, name = "deploy", payload: Uint8Array | null = null, coalesce = false): UserEvent {
  return { type: USER_EVENT, lTime, name, payload, coalesce };
}

/** The events that the application has been told of since the last `clear`, as `time name payload`. */
function heard(node: LoneSerf): string[] {
  return node.serfEvents.flatMap((one) =>
    one.type === "user-event" ? [`${one.lTime} ${one.name} ${Buffer.from(one.payload)}`] : [],
  );
}

function withConfig(config: Partial<SerfConfig>): LoneSerf {
  return new LoneSerf({ config }).with("a");
}

describe("an event of this node (section 10)", () => {
  it("gets the clock's time, is heard here too, and is told to others at once", () => {
    const node = new LoneSerf().with("a");
    assert.equal(node.serf.event(node.now, "deploy", bytes("v1"), true, node), 1);
    assert.equal(node.serf.event(node.now, "deploy", bytes("v1"), true, node), 2);
    assert.deepEqual(heard(node), ["1 deploy v1", "2 deploy v1"]);
    node.until(node.now);
    const told = node.told(USER_EVENT).sort((a, b) => a.lTime - b.lTime);
    assert.deepEqual(told, [event(1, "deploy", bytes("v1"), true), event(2, "deploy", bytes("v1"), true)]);
    assert.equal(node.serf.clocks.eventClock, 3);
  });

  it("may take as many bytes as the limit says, before it is encoded and after", () => {
    const node = new LoneSerf().with("a");
    const fire = (length: number): unknown => node.serf.event(node.now, "e", new Uint8Array(length), false, node);
    assert.deepEqual(fire(512), { fault: "too-large", sizeBytes: 513, limitBytes: 512, isEncoded: false });
    const encoded = fire(511);
    assert.ok(typeof encoded === "object" && encoded !== null && "isEncoded" in encoded && encoded.isEncoded);
    // Neither has moved the clock.
    assert.equal(fire(400), 1);
  });

  it("may be longer where the pool agrees, but never longer than a packet", () => {
    const node = withConfig({ userEventBytesMax: 9216 });
    const fire = (length: number): unknown => node.serf.event(node.now, "e", new Uint8Array(length), false, node);
    assert.equal(fire(1200), 1);
    assert.deepEqual(fire(9000), {
      fault: "too-large",
      sizeBytes: 9001,
      limitBytes: node.swim.payloadBytesMax,
      isEncoded: false,
    });
  });
});

describe("an event of another node", () => {
  it("is heard once and passed on once, whoever brings it", () => {
    const node = new LoneSerf().with("a", "b").hear(event(5));
    assert.deepEqual(heard(node), ["5 deploy "]);
    assert.equal(node.told(USER_EVENT).length, 1);
    node
      .clear()
      .hear(event(5))
      .hear(event(5, "deploy", new Uint8Array(0)));
    assert.deepEqual(heard(node), []);
    assert.deepEqual(node.told(USER_EVENT), []);
    assert.equal(node.serf.counters.eventsDuplicate, 2);
  });

  it("of the same time with another name or payload is another one", () => {
    const node = new LoneSerf()
      .hear(event(5))
      .hear(event(5, "other"))
      .hear(event(5, "deploy", bytes("x")));
    assert.deepEqual(heard(node), ["5 deploy ", "5 other ", "5 deploy x"]);
  });

  it("moves the clock past its time", () => {
    const node = new LoneSerf().hear(event(41));
    assert.equal(node.serf.event(node.now, "e", bytes(""), false, node), 42);
  });

  it("is heard while its time is within the buffer, to the exact time", () => {
    const node = new LoneSerf().hear(event(2000));
    assert.equal(node.serf.clocks.eventClock, 2001);
    node.clear().hear(event(1488)).hear(event(1489));
    assert.deepEqual(heard(node), ["1489 deploy "]);
    assert.equal(node.serf.counters.eventsTooOld, 1);
  });

  it("takes the place of one whose time is equal modulo the buffer", () => {
    const node = withConfig({ eventBuffer: 4 }).hear(event(1)).hear(event(5));
    assert.deepEqual(heard(node), ["1 deploy ", "5 deploy "]);
    // 1 is too old by now, so what is forgotten of it isn't heard again.
    node.clear().hear(event(1));
    assert.deepEqual(heard(node), []);
  });

  it("keeps its coalescing flag", () => {
    const node = new LoneSerf().with("a").hear(event(3, "e", null, true));
    const [one] = node.serfEvents;
    assert.ok(one?.type === "user-event" && one.coalesce);
    assert.equal(node.told(USER_EVENT)[0]?.coalesce, true);
  });

  it("of many at one time is found as fast as of few, and each is heard once", () => {
    const node = new LoneSerf();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 300; i++) node.hear(event(9, `name ${i % 30}`, bytes(`${i}`)));
    }
    assert.equal(heard(node).length, 300);
  });
});

describe("remembered events", () => {
  it("take no more than four mebibytes: the oldest times go, and late copies of them stay unheard", () => {
    const node = withConfig({ userEventBytesMax: 9216 });
    const payload = new Uint8Array(1300);
    for (let i = 0; i < 4000; i++) {
      new DataView(payload.buffer).setUint32(0, i);
      node.hear(event(1 + (i >> 3), "big", payload));
      node.clear();
    }
    assert.ok(node.serf.occupancy.eventBytes <= 4 * 1024 * 1024);
    assert.ok(node.serf.counters.eventsForgotten > 0);
    new DataView(payload.buffer).setUint32(0, 0);
    node.hear(event(1, "big", payload));
    assert.deepEqual(heard(node), []);
  });
});

describe("the clocks of an earlier life", () => {
  it("keep what was heard then from being heard again", () => {
    const clocks = { clock: 70, eventClock: 80, queryClock: 90 };
    const node = new LoneSerf({ clocks }).with("a");
    assert.deepEqual(node.serf.clocks, { clock: 71, eventClock: 81, queryClock: 91 });
    node.hear(event(80)).hear(event(81));
    assert.deepEqual(heard(node), ["81 deploy "]);
  });
});

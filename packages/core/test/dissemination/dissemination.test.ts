import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { presetConfig, Sfc32, URGENT } from "@hearsay/core";
import { Messaging } from "@hearsay/core/messaging";
import { ACK, ALIVE, DEAD, PING, SUSPECT, USER } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "../support/lone-node.ts";
import { dead, ping, suspect } from "../support/messages.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");

function messaging(name: string): Messaging {
  return new Messaging({ name, bootId: new Uint8Array(8) });
}

describe("application messages", () => {
  it("of any bytes reach the application as they are", () => {
    const node = quiet().receive(A, { type: USER, payload: Uint8Array.of(0xc1, 0, 255) });
    const event = node.events.find((candidate) => candidate.type === "user-message");
    assert.deepEqual(event?.type === "user-message" && [...event.payload], [0xc1, 0, 255]);
  });

  it("that are urgent leave in the turn in which they were told, to at most four members", () => {
    const node = new LoneNode();
    for (let i = 2; i < 40; i++) node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
    node.until(100_000).clear();
    const { now } = node;
    node.swim.broadcast(now, Uint8Array.of(1), { rumorClass: 0 }, node);
    node.swim.advance(now, node);
    const eager = node.sent.filter(({ at, messages }) => at === now && messages.some(({ type }) => type === USER));
    assert.equal(new Set(eager.map(({ to }) => to)).size, 4);
    node.until(now + 5000);
    assert.equal(node.messages(USER).length, node.swim.transmitLimit);
  });

  it("wait half a minute for the first member, and are forgotten within a minute if nobody comes", () => {
    const told = (waitMs: number): number => {
      const node = new LoneNode();
      node.swim.broadcast(0, Uint8Array.of(1), { rumorClass: 3, isEager: false }, node);
      node.until(waitMs).receive(A, alive("a", "10.0.0.2"));
      return node.until(waitMs + 2000).messages(USER).length;
    };
    assert.ok(told(29_000) > 0);
    assert.equal(told(61_000), 0);
  });

  it("are kept for whoever is there, though gossip ticks tell nobody", () => {
    const node = new LoneNode({}, { gossipNodes: 0, probeIntervalMs: 0 }).receive(A, alive("a", "10.0.0.2"));
    node.swim.broadcast(0, Uint8Array.of(1), { rumorClass: 3, isEager: false }, node);
    node.until(120_000).clear();
    node.receive(A, ping("self"));
    assert.equal(node.messages(USER).length, 1);
  });
});

describe("a quarter of the eager lane's burst", () => {
  /** A node with 39 others that is told many things to spread in one instant, and what it says from then on. */
  function flooded(): LoneNode {
    const node = new LoneNode({}, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    for (let i = 2; i < 41; i++) node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
    node.until(10_000).clear();
    for (let i = 0; i < 30; i++) {
      node.swim.broadcast(node.now, Uint8Array.of(i), { rumorClass: 0 }, node);
      node.until(node.now);
    }
    return node;
  }

  it("is not for events, arrivals and goodbyes, however many there are", () => {
    const node = flooded();
    assert.equal(node.sent.length, presetConfig("lan").eagerBurst * 0.75);
    node.receive(A, alive("new", "10.0.0.99"), dead("n9", "n9")).until(node.now);
    assert.equal(node.sent.length, presetConfig("lan").eagerBurst * 0.75);
    // They leave as soon as there are tokens, all together.
    node.until(node.now + 100);
    const types = new Set(node.messages(USER).map(({ payload }) => payload[0]));
    assert.equal(types.size, 30);
    assert.ok(node.messages(ALIVE).length > 0 && node.messages(DEAD).length > 0);
  });

  it("lets them leave though as much news waits as may, and before it", () => {
    const node = flooded();
    for (let i = 0; i < 100; i++) {
      node.swim.broadcast(node.now, new Uint8Array(900).fill(i), { rumorClass: URGENT }, node);
    }
    node.clear().receive(A, suspect("n9", "n2")).until(node.now);
    assert.equal(node.sent.length, 4);
    assert.deepEqual(
      node.sent.map(({ messages }) => messages.map(({ type }) => type)),
      new Array(4).fill([SUSPECT]),
    );
    node.clear().receive(A, suspect("self", "n2")).until(node.now);
    assert.equal(node.messages(ALIVE)[0]?.incarnation, 2);
  });

  it("lets accusations and refutations leave in the turn in which they came", () => {
    const node = flooded().clear();
    node.receive(A, suspect("n9", "n2")).until(node.now);
    assert.ok(node.messages(SUSPECT).length > 0);
    node
      .clear()
      .receive(A, alive("n9", "10.0.0.9", 2))
      .until(node.now);
    assert.ok(node.messages(ALIVE).length > 0);
    node.clear().receive(A, suspect("self", "n2")).until(node.now);
    assert.equal(node.messages(ALIVE)[0]?.incarnation, 2);
  });
});

describe("news in a pool where few understand extensions", () => {
  /** To whom each of some broadcasts leaves at once. */
  function targets(extension: boolean): string[][] {
    const hooks = { understandsExtensions: (meta: Uint8Array): boolean => meta.length > 0 };
    const layer = messaging("self");
    const options = { hooks, meta: Uint8Array.of(1), layers: [layer] };
    const node = new LoneNode(options, { probeIntervalMs: 0, gossipIntervalMs: 0 });
    for (let i = 2; i < 42; i++) {
      node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`, 1, { meta: i < 4 ? Uint8Array.of(1) : null }));
    }
    return Array.from({ length: 10 }, (_, i) => {
      node.until(node.now + 10_000).clear();
      if (extension) layer.publish(node.now, "news", Uint8Array.of(i), URGENT, 0, node);
      else node.swim.broadcast(node.now, Uint8Array.of(i), { rumorClass: URGENT }, node);
      node.until(node.now);
      return node.sent.map(({ to }) => to).sort();
    });
  }

  it("leaves at once for the next who understands them, and for those in between, whom nobody else is sure to tell", () => {
    const [first, ...others] = targets(false);
    assert.equal(first?.length, 4);
    assert.equal(first.filter((to) => to === "10.0.0.2:7946" || to === "10.0.0.3:7946").length, 1);
    for (const other of others) assert.deepEqual(other, first);
  });

  it("leaves for those alone who understand them, if it is an extension", () => {
    for (const to of targets(true)) assert.deepEqual(to, ["10.0.0.2:7946", "10.0.0.3:7946"]);
  });
});

describe("news", () => {
  it("rides on pings and acks where there is nothing else to carry it", () => {
    const config = { gossipIntervalMs: 0, pushPullIntervalMs: 0, eagerPacketsPerSecond: 0 };
    const node = new LoneNode({ streamPings: false }, config);
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3")).clear();
    node.receive(B, ping("self"));
    const [ack] = node.sent;
    assert.deepEqual(ack?.messages.map(({ type }) => type).sort(), [ACK, ALIVE, ALIVE, ALIVE].sort());
    node.clear().until(1200);
    const pings = node.sent.filter(({ messages }) => messages[0]?.type === PING);
    assert.ok(pings.length > 0 && pings.every(({ messages }) => messages.some(({ type }) => type === ALIVE)));
  });

  it("of many members leaves in one packet for each who is told, while it fits", () => {
    const config = { probeIntervalMs: 0, pushPullIntervalMs: 0, eagerPacketsPerSecond: 0 };
    const node = new LoneNode({}, config);
    const names = Array.from({ length: 10 }, (_, i) => `n${i + 2}`);
    node.receive(A, ...names.map((name, i) => alive(name, `10.0.0.${i + 2}`))).clear();
    node.untilSo(() => node.sent.length > 0, 1);
    const { gossipNodes } = presetConfig("lan");
    assert.deepEqual([node.sent.length, new Set(node.sent.map(({ to }) => to)).size], [gossipNodes, gossipNodes]);
    for (const { messages } of node.sent) {
      const told = messages.map((message) => (message.type === ALIVE ? message.node : "")).sort();
      assert.deepEqual(told, [...names, "self"].sort());
    }
  });

  it("goes to who died in the last half a minute, too, and to nobody who has been dead for longer", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0, healIntervalMs: 3_600_000 });
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"), dead("b", "a")).until(10_000);
    const told = (): number => {
      const { now } = node.clear();
      node.swim.broadcast(now, Uint8Array.of(1), { rumorClass: 3, isEager: false }, node);
      return node.until(now + 5000).sent.filter(({ to }) => to === B.key).length;
    };
    assert.ok(told() > 0);
    node.until(31_000);
    assert.equal(node.swim.statusOf("b"), "failed");
    assert.equal(told(), 0);
  });

  it("never goes back at once to where it came from, even among news from elsewhere", () => {
    const options = { layers: [messaging("self")] };
    const node = new LoneNode(options, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 });
    for (let i = 2; i < 5; i++) node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
    node.until(10_000).clear();
    const { messenger } = messaging("somebody");
    const tell = (number: number, source: ReturnType<typeof address>): void => {
      const payload = messenger.publish("news", Uint8Array.of(number), URGENT, 0).bytes;
      node.receive(source, { type: USER, payload });
    };
    tell(1, A);
    tell(2, B);
    node.until(node.now);
    const told = node.sent.flatMap(({ to, messages }) =>
      messages.flatMap((message) => (message.type === USER ? [`${to} ${message.payload.at(-1)}`] : [])),
    );
    assert.deepEqual(told.sort(), ["10.0.0.2:7946 2", "10.0.0.3:7946 1", "10.0.0.4:7946 1", "10.0.0.4:7946 2"]);
  });

  it("goes to as many members a tick as the settings say", () => {
    for (const gossipNodes of [1, 2, 3]) {
      const node = new LoneNode({}, { probeIntervalMs: 0, eagerPacketsPerSecond: 0, gossipNodes });
      for (let i = 2; i < 12; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
      node.clear().until(3000);
      const ticks = [...new Set(node.sent.map(({ at }) => at))].slice(0, -1);
      assert.ok(ticks.length >= 2);
      for (const tick of ticks) assert.equal(node.sent.filter(({ at }) => at === tick).length, gossipNodes);
    }
  });

  it("is told at intervals that drift apart between nodes that started together", () => {
    const tick = (seed: number): number[] => {
      const node = new LoneNode(
        { random: new Sfc32(seed) },
        { probeIntervalMs: 0, eagerPacketsPerSecond: 0, gossipNodes: 1 },
      );
      for (let i = 2; i < 12; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
      return [
        ...new Set(
          node
            .clear()
            .until(3000)
            .sent.map(({ at }) => at),
        ),
      ];
    };
    const [one, two] = [tick(1), tick(2)];
    const gaps = one.slice(1).map((at, i) => at - (one[i] ?? 0));
    assert.ok(new Set(gaps).size > 3 && gaps.every((gap) => gap >= 180 && gap <= 220));
    assert.ok(one.every((at) => !two.includes(at)));
  });
});

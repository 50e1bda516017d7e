import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, addressFromBytes, addressFromText } from "@hearsay/core";
import { VirtualClock } from "@hearsay/core/virtual";
import { hostKey } from "../../dist/node/host-key.js";
import { FIRST_BYTE_MS, IDLE_KEPT_MS, InboundStreams, SILENT_KEPT_MS } from "../../dist/node/inbound-streams.js";
import type { Connection, ConnectionHandlers } from "../../dist/transport/transport.js";

const MAX = 3;

/** The other end of a stream, which the test speaks for. */
class Peer implements Connection {
  readonly remote: Address;
  handlers: ConnectionHandlers | null = null;
  isClosed = false;

  constructor(host: string) {
    this.remote = addressOf(host);
  }

  listen(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
  }

  say(): void {
    this.handlers?.data(Uint8Array.of(1));
  }

  pause(): void {}

  resume(): void {}

  write(): void {}

  end(): void {}

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handlers?.closed(null);
  }
}

class World {
  readonly time = new VirtualClock();
  readonly streams: InboundStreams;

  constructor(max = MAX) {
    const clock = {
      now: () => this.time.now(),
      wallNow: () => this.time.now(),
      after: (delayMs: number, fn: () => void) => {
        const timer = this.time.at(this.time.now() + delayMs, fn);
        return () => void this.time.cancel(timer);
      },
      soon: (fn: () => void) => void this.time.at(this.time.now(), fn),
    };
    this.streams = new InboundStreams(clock, max, 10_000);
  }

  open(host = "10.0.0.1") {
    const peer = new Peer(host);
    const stream = this.streams.admit(peer);
    stream?.listen({ data() {}, end() {}, closed() {} });
    return { peer, stream };
  }

  advance(ms: number): void {
    this.time.runUntil(this.time.now() + ms);
  }
}

describe("streams that peers open", () => {
  it("are refused above the limit while each of the others has just come or said something", () => {
    const world = new World();
    for (let i = 0; i < MAX; i++) assert.ok(world.open().stream);
    assert.equal(world.open().stream, null);
    assert.equal(world.streams.size, MAX);
    assert.deepEqual(world.streams.counters, { connectionsRefused: 1, connectionsDisplaced: 0, connectionsSilent: 0 });
  });

  it("give way to a newcomer: the oldest without a byte first", () => {
    const world = new World();
    const [spoken, silent] = [world.open(), world.open()];
    spoken.peer.say();
    world.advance(1);
    const later = world.open();
    world.advance(SILENT_KEPT_MS - 1);
    assert.equal(world.open().peer.isClosed, false);
    assert.deepEqual(
      [spoken, silent, later].map(({ peer }) => peer.isClosed),
      [false, true, false],
    );
    assert.equal(world.streams.counters.connectionsDisplaced, 1);
  });

  it("give way, where all have spoken, in the order in which they fell still, and not while they are answered", () => {
    const world = new World();
    const [first, second, third] = [world.open(), world.open(), world.open()];
    for (const { peer } of [first, second, third]) peer.say();
    first.stream?.standAs("answering");
    world.advance(1);
    second.peer.say();
    world.advance(IDLE_KEPT_MS - 1);
    assert.equal(world.open().peer.isClosed, false);
    assert.deepEqual(
      [first, second, third].map(({ peer }) => peer.isClosed),
      [false, false, true],
    );
    first.stream?.standAs("held");
    world.advance(1);
    assert.equal(world.open().peer.isClosed, false);
    assert.deepEqual(
      [first, second].map(({ peer }) => peer.isClosed),
      [false, true],
    );
  });

  it("keep their place while this node lets them wait, or their answer is on its way", () => {
    const world = new World();
    const streams = [world.open(), world.open(), world.open()];
    for (const { peer } of streams) peer.say();
    streams[0]?.stream?.standAs("held");
    for (const { stream } of streams.slice(1)) {
      stream?.standAs("answering");
      stream?.standAs("held");
    }
    world.advance(10 * IDLE_KEPT_MS);
    assert.equal(world.open().stream, null);
    streams[0]?.stream?.standAs("heard");
    assert.equal(world.open().stream, null, "its peer has had no time to go on yet");
    world.advance(IDLE_KEPT_MS);
    assert.ok(world.open().stream);
    assert.equal(streams[0]?.peer.isClosed, true);
  });

  it("have nothing of what is sent behind the request", () => {
    const world = new World();
    const { stream, peer } = world.open();
    peer.say();
    stream?.standAs("answering");
    world.advance(1);
    peer.say();
    assert.equal(stream?.movedAt, 0, "it is answered on");
    stream?.standAs("held");
    world.advance(1);
    peer.say();
    assert.equal(stream?.movedAt, 1);
  });

  it("are shared among hosts: who has most of them, all at work, gives way to one who has less, down to as many", () => {
    for (const [greedy, newcomer] of [
      [["10.0.0.1"], "10.0.0.2"],
      [["2001:db8::1", "2001:db8::2", "2001:db8::3"], "2001:db8:0:1::1"],
    ] as const) {
      const world = new World();
      const streams = Array.from({ length: MAX }, (_, i) => world.open(greedy[i % greedy.length]));
      for (const { peer } of streams) peer.say();
      streams[0]?.stream?.standAs("answering");
      const first = world.open(newcomer);
      assert.ok(first.stream);
      first.peer.say();
      assert.deepEqual(
        streams.map(({ peer }) => peer.isClosed),
        [false, true, false],
      );
      assert.equal(world.open(newcomer).stream, null);
      assert.equal(world.open(greedy[0]).stream, null);
    }
  });

  it("are shared among hosts: where all streams of the one that has most are answered, the next one gives way", () => {
    const world = new World(7);
    const answered = Array.from({ length: 4 }, () => world.open("10.0.0.1"));
    const waiting = Array.from({ length: 3 }, () => world.open("10.0.0.2"));
    for (const { peer } of [...answered, ...waiting]) peer.say();
    for (const { stream } of answered) stream?.standAs("answering");
    for (const { stream } of waiting) stream?.standAs("held");
    assert.ok(world.open("10.0.0.3").stream);
    assert.deepEqual(
      [...answered, ...waiting].map(({ peer }) => peer.isClosed),
      [false, false, false, false, true, false, false],
    );
  });

  it("count as one host's whether its IPv4 address comes as such or in IPv6's form", () => {
    const { ip } = addressOf("10.0.0.1");
    const mapped = addressFromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...ip), 7946);
    assert.ok(mapped !== null);
    assert.equal(mapped.ip.length, 16);
    assert.equal(hostKey(mapped), hostKey(addressOf("10.0.0.1")));
    assert.notEqual(hostKey(addressOf("::1")), hostKey(addressOf("2001:db8::1")));
  });

  it("have a time for the first byte, and are counted when it is over", () => {
    const world = new World();
    const [silent, spoken] = [world.open(), world.open()];
    world.advance(FIRST_BYTE_MS - 1);
    spoken.peer.say();
    assert.equal(silent.peer.isClosed, false);
    world.advance(1);
    assert.deepEqual([silent.peer.isClosed, spoken.peer.isClosed], [true, false]);
    assert.equal(world.streams.counters.connectionsSilent, 1);
    assert.equal(world.streams.size, 1);
  });

  it("free their place once they are closed, whoever closes them", () => {
    const world = new World();
    for (let i = 0; i < 10; i++) world.open().peer.destroy();
    assert.equal(world.streams.size, 0);
    assert.equal(world.streams.counters.connectionsDisplaced, 0);
  });
});

function addressOf(host: string) {
  const address = addressFromText(host, 7946);
  assert.ok(address !== null);
  return address;
}

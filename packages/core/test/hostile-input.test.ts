import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION, type Outbox } from "@hearsay/core";
import { Layer, type LayerHost } from "@hearsay/core/internal";
import { ACK, INDIRECT_PING, SUSPECT, USER } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, quiet } from "./support/lone-node.ts";
import { dead, ping, suspect } from "./support/messages.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");

describe("hostile input", () => {
  it("with names longer than a member may have is refused, whoever has them in it", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2")).clear();
    const long = "x".repeat(256);
    const request = {
      type: INDIRECT_PING,
      seqNo: 1,
      target: B.ip,
      port: B.port,
      node: long,
      nack: true,
      sourceAddr: A.ip,
      sourcePort: A.port,
      sourceNode: "",
    } as const;
    const refused = [suspect("a", long), dead("a", long), suspect(long, "b"), dead(long, "b"), request];
    for (const message of refused) node.receive(A, message);
    assert.equal(node.swim.counters.messagesRefused, refused.length);
    assert.deepEqual([node.swim.statusOf("a"), node.sent], ["alive", []]);
    node.pushPull(B, [entry(long, "10.0.0.9"), entry("", "10.0.0.8"), entry("ok", "10.0.0.7")]);
    assert.deepEqual(node.changes(), ["joined ok"]);
  });

  it("with an accuser's name as long as a member may have applies, counted in bytes", () => {
    for (const from of ["x".repeat(255), "\u4e2d".repeat(85), "\u{1f600}".repeat(63), "\udcff".repeat(255)]) {
      assert.equal(quiet().receive(A, alive("a", "10.0.0.2"), suspect("a", from)).swim.statusOf("a"), "suspect");
      const longer = quiet().receive(A, alive("a", "10.0.0.2"), suspect("a", `${from}\u{1f600}`));
      assert.equal(longer.swim.statusOf("a"), "alive");
    }
  });

  it("with more metadata than a member may have is refused, so that no rumor is too long to be told", () => {
    const meta = new Uint8Array(1600);
    const node = quiet().receive(A, alive("a", "10.0.0.2", 1, { meta }));
    assert.equal(node.swim.member("a"), undefined);
    assert.equal(
      node.receive(A, alive("a", "10.0.0.2", 1, { meta: meta.subarray(0, 512) })).swim.statusOf("a"),
      "alive",
    );
  });

  it("of versions that don't go with ours is refused, by packet as by push/pull", () => {
    for (const vsn of [Uint8Array.of(1, 5, 9, 0, 0, 7), Uint8Array.of(1, 5, 2, 2, 5, 5)]) {
      assert.equal(
        quiet()
          .receive(A, alive("a", "10.0.0.2", 1, { vsn }))
          .swim.member("a"),
        undefined,
      );
    }
  });

  it("of thousands of pings in one datagram gets a handful of answers", () => {
    const node = quiet().clear();
    node.receive(A, ...Array.from({ length: 200 }, () => ping("self")));
    assert.equal(node.messages(ACK).length, 8);
  });

  it("of hundreds of stale alives in one datagram gets a handful of accusations back", () => {
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
    const node = quiet();
    for (const name of names) node.receive(A, alive(name, "10.0.0.2"), dead(name, "b"));
    const stale = names.map((name) => alive(name, "10.0.0.2"));
    node.clear().receive(A, ping("self"), ...stale);
    assert.equal(node.sent.length, 8);
    assert.equal(node.swim.counters.accusationsReturned, 7);
    // Those that got none have not lost their turn: the next datagram may bring it.
    node.clear().receive(A, ...stale.slice(7));
    assert.equal(node.sent.length, 8);
    assert.equal(node.swim.counters.accusationsReturned, 15);
  });

  it("that copies one message over and over in one datagram doesn't silence it", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, eagerPacketsPerSecond: 0 });
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3")).until(60_000).clear();
    node.receive(B, ...Array.from({ length: 20 }, () => suspect("a", "b")));
    node.until(node.now + 5000);
    assert.equal(node.messages(SUSPECT).length, node.swim.transmitLimit);
  });

  it("cannot take a layer's broadcast away by a member's name, whatever its subject begins with", () => {
    for (const [subject, names] of [
      ["x", ["x", "\0x", "\ud800\udc80x"]],
      ["\udc80a", ["\ud800\udc80a", "\udc80a"]],
    ] as const) {
      const layer = new Teller();
      const node = new LoneNode({ layers: [layer] }, { probeIntervalMs: 0 });
      node.receive(A, alive("a", "10.0.0.2")).until(60_000).clear();
      layer.tell(node.now, subject, node);
      for (const name of names) node.receive(A, alive(name, "10.0.0.9"));
      node.until(node.now + 5000);
      assert.ok(node.messages(USER).length > 0, JSON.stringify(subject));
    }
  });
});

/** Tells one message of a subject. */
class Teller extends Layer {
  override readonly name = "teller";
  #host: LayerHost | null = null;

  override attach(host: LayerHost): void {
    this.#host = host;
  }

  tell(now: number, subject: string, out: Outbox): void {
    const payload = Uint8Array.of(1);
    this.#host?.command(now, out, (call) =>
      this.#host?.broadcast(call, { payload, rumorClass: APPLICATION, subject, isEager: false }),
    );
  }
}

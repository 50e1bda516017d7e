import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ALIVE, DEAD, type Message, type SUSPECT } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, quiet } from "../support/lone-node.ts";
import { dead, suspect } from "../support/messages.ts";

type SpreadType = typeof ALIVE | typeof SUSPECT | typeof DEAD;

const NONE = new Uint8Array(0);
const A = address("10.0.0.2");
const B = address("10.0.0.3");

describe("a node that hears of others", () => {
  it("takes an unknown member in and tells others in the bytes it heard", () => {
    const news = alive("a", "10.0.0.2", 7);
    const node = new LoneNode({}, { probeIntervalMs: 0 }).receive(A, news, alive("b", "10.0.0.3"));
    assert.deepEqual(node.changes(), ["joined self", "joined a", "joined b"]);
    node.until(2000);
    assert.ok(node.messages(ALIVE).some((message) => message.node === "a" && message.incarnation === 7));
    assert.equal(node.swim.explain("a")[0]?.kind, "announced");
  });

  it("keeps the known node when another claims its name, and says so", () => {
    const node = quiet()
      .receive(A, alive("a", "10.0.0.2"))
      .receive(B, alive("a", "10.0.0.3", 9));
    assert.equal(node.swim.member("a")?.address.host, "10.0.0.2");
    assert.equal(node.events.filter((event) => event.type === "name-conflict").length, 1);
  });

  it("takes both forms of an IPv4 address for one, and keeps the bytes as received", () => {
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 2);
    const node = quiet()
      .receive(A, alive("a", "10.0.0.2"))
      .receive(A, alive("a", "10.0.0.2", 2, { addr: mapped }));
    assert.equal(node.swim.member("a")?.incarnation, 2);
    assert.deepEqual(node.swim.member("a")?.address.ip, mapped);
  });

  it("gives the name of a node that left to another address at once, and a dead one's after ten seconds", () => {
    const left = quiet().receive(A, alive("a", "10.0.0.2", 5), dead("a", "a", 5));
    assert.equal(left.receive(B, alive("a", "10.0.0.3", 1)).swim.member("a")?.address.host, "10.0.0.3");
    const died = quiet().receive(A, alive("a", "10.0.0.2", 5), dead("a", "b", 5));
    assert.equal(
      died
        .until(9_000)
        .receive(B, alive("a", "10.0.0.3", 1))
        .swim.statusOf("a"),
      "failed",
    );
    assert.equal(
      died
        .until(10_001)
        .receive(B, alive("a", "10.0.0.3", 1))
        .swim.statusOf("a"),
      "alive",
    );
  });

  it("refuses an alive without six sane version bytes", () => {
    for (const vsn of [NONE, Uint8Array.of(1, 5), Uint8Array.of(0, 5, 2, 0, 0, 0), Uint8Array.of(3, 2, 2, 0, 0, 0)]) {
      assert.equal(
        quiet()
          .receive(A, alive("a", "10.0.0.2", 1, { vsn }))
          .swim.member("a"),
        undefined,
      );
    }
  });

  it("never refuses an alive for its incarnation", () => {
    for (const incarnation of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
      assert.equal(
        quiet()
          .receive(A, alive("a", "10.0.0.2", incarnation))
          .swim.statusOf("a"),
        "alive",
      );
    }
  });

  it("counts members up to its limit and refuses further ones", () => {
    const node = new LoneNode({}, { membersMax: 3 });
    for (let i = 2; i < 10; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    assert.equal(node.swim.occupancy.members, 3);
    assert.equal(node.swim.counters.membersRefused, 6);
  });
});

describe("evidence against a member", () => {
  it("becomes suspicion, and death when nobody refutes", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"));
    node.receive(B, suspect("a", "b"));
    assert.equal(node.swim.statusOf("a"), "suspect");
    // Mult 4 in a view of three waits for no confirmations, so the least timeout holds: 4 s.
    assert.equal(node.until(3999).swim.statusOf("a"), "suspect");
    node.until(4001);
    assert.equal(node.swim.statusOf("a"), "failed");
    const chain = node.swim.explain("a").map(({ kind, by }) => `${kind} by ${by}`);
    assert.deepEqual(chain, ["announced by a", "accused by b", "expired by self"]);
    assert.deepEqual(node.swim.explain("a").at(-1)?.accusers, ["b"]);
    // The death is told on, as this node's own finding.
    const told = node.until(6000).sent.filter(({ messages }) => messages.some(({ type }) => type === DEAD));
    assert.ok(told.some(({ to }) => to === B.key));
    for (const message of node.messages(DEAD)) assert.deepEqual(message, dead("a", "self", 1));
  });

  it("gives way to a higher incarnation, and to no equal one", () => {
    const node = new LoneNode({}, { probeIntervalMs: 1000 });
    node.receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"), suspect("a", "b"));
    assert.equal(node.receive(A, alive("a", "10.0.0.2", 1)).swim.statusOf("a"), "suspect");
    assert.equal(node.receive(A, alive("a", "10.0.0.2", 2)).swim.statusOf("a"), "alive");
    assert.deepEqual(node.changes().slice(-2), ["suspected a", "recovered a"]);
  });

  it("raises the stored incarnation even where it changes nothing, so that no stale alive revives the member", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"), dead("a", "b", 1), dead("a", "b", 5));
    assert.equal(node.receive(A, alive("a", "10.0.0.2", 3)).swim.statusOf("a"), "failed");
    assert.equal(node.receive(A, alive("a", "10.0.0.2", 6)).swim.statusOf("a"), "alive");
    const reference = new LoneNode({ rules: "memberlist" }, { probeIntervalMs: 0 });
    reference.receive(A, alive("a", "10.0.0.2"), dead("a", "b", 1), dead("a", "b", 5));
    assert.equal(reference.receive(A, alive("a", "10.0.0.2", 3)).swim.statusOf("a"), "alive");
  });

  it("of an implausible incarnation applies without raising what is stored", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"), dead("a", "b", 2 ** 32 - 1));
    assert.equal(node.swim.statusOf("a"), "failed");
    assert.equal(node.swim.member("a")?.incarnation, 1);
  });

  it("that is told by a push/pull is only a suspicion, but for a departure", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"), alive("c", "10.0.0.4"));
    assert.equal(node.ask(B, new Uint8Array([6])), null);
    node.pushPull(B, [entry("a", "10.0.0.2", { state: 2 }), entry("c", "10.0.0.4", { state: 3 })], false);
    assert.equal(node.swim.explain("a").find(({ kind }) => kind === "accused")?.path, "sync");
    assert.equal(node.swim.statusOf("c"), "left");
  });

  it("is told on, and so is what follows: a confirmation, a refutation, a death", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0 });
    for (let i = 2; i < 8; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    const toldOf = (news: Message): unknown[] => {
      const { now } = node.clear().receive(B, news);
      return node.until(now + 3000).messages(news.type as SpreadType);
    };
    for (const news of [suspect("n2", "n3"), suspect("n2", "n4"), alive("n2", "10.0.0.2", 2), dead("n2", "n3", 2)]) {
      assert.ok(
        toldOf(news).some((told) => isDeepStrictEqual(told, news)),
        JSON.stringify(news),
      );
    }
  });

  it("that is refuted is over: nobody dies of it later", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"), alive("b", "10.0.0.3"), suspect("a", "b"));
    node.until(2000).receive(A, alive("a", "10.0.0.2", 2));
    node.until(60_000);
    assert.equal(node.swim.statusOf("a"), "alive");
    assert.equal(node.swim.occupancy.suspicions, 0);
  });

  it("of an older incarnation confirms nothing", () => {
    const node = quiet();
    for (let i = 2; i < 8; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`, 5));
    node.receive(B, suspect("n2", "n3", 5), suspect("n2", "n4", 4), suspect("n2", "n5", 4));
    node.until(23_000);
    assert.equal(node.swim.statusOf("n2"), "suspect");
    // Two that are of the same life bring it down to the least time.
    node.receive(B, suspect("n2", "n4", 5), suspect("n2", "n5", 5)).until(23_001);
    assert.equal(node.swim.statusOf("n2"), "failed");
    assert.deepEqual(node.swim.explain("n2").at(-1)?.accusers, ["n3", "n4", "n5"]);
  });

  it("by one accuser counts once, however often it is said", () => {
    const node = quiet();
    for (let i = 2; i < 8; i++) node.receive(A, alive(`n${i}`, `10.0.0.${i}`));
    for (let i = 0; i < 5; i++) node.receive(B, suspect("n2", "n3")).until(node.now + 1000);
    assert.equal(node.swim.statusOf("n2"), "suspect");
    // Mult 4 in a view of seven: 4 s with two confirmations, 24 s with none.
    assert.equal(node.until(23_999).swim.statusOf("n2"), "suspect");
    assert.equal(node.until(24_001).swim.statusOf("n2"), "failed");
  });

  it("about unknown members is no news", () => {
    const node = quiet().receive(A, suspect("x", "a"), dead("y", "a"));
    assert.equal(node.swim.occupancy.members, 1);
  });

  it("reaches a restarted node that cannot know of it, once", () => {
    const node = quiet()
      .receive(A, alive("a", "10.0.0.2", 5), dead("a", "b", 5))
      .clear();
    node.receive(A, alive("a", "10.0.0.2", 1)).receive(A, alive("a", "10.0.0.2", 1));
    assert.deepEqual(
      node.sent.map(({ to, messages }) => [to, messages]),
      [[A.key, [dead("a", "b", 5)]]],
    );
  });
});

describe("a node that is accused", () => {
  it("answers with a higher incarnation, and distrusts itself a little more", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0 }).receive(A, alive("a", "10.0.0.2")).clear();
    node.receive(A, suspect("self", "a", 4)).until(1000);
    assert.equal(node.swim.member("self")?.incarnation, 5);
    assert.equal(node.swim.awareness, 1);
    assert.ok(node.messages(ALIVE).some((message) => message.node === "self" && message.incarnation === 5));
  });

  it("answers likewise to its own death", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0 }).receive(A, alive("a", "10.0.0.2")).clear();
    node.receive(A, dead("self", "a", 4)).until(1000);
    assert.equal(node.swim.statusOf("self"), "alive");
    assert.ok(node.messages(ALIVE).some((message) => message.node === "self" && message.incarnation === 5));
  });

  it("reports the end of the counter instead of wrapping round", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"), dead("self", "a", 2 ** 32 - 2));
    assert.equal(node.swim.member("self")?.incarnation, 2 ** 32 - 1);
    node.receive(A, dead("self", "a", 2 ** 32 - 1));
    assert.equal(node.swim.statusOf("self"), "alive");
    assert.ok(node.events.some((event) => event.type === "notice" && event.notice.kind === "incarnation-exhausted"));
  });

  it("takes a newer alive of its own name at its own address for an old life of its own", () => {
    const node = new LoneNode({ meta: Uint8Array.of(1) }, { probeIntervalMs: 0, pushPullIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2"), alive("self", "10.0.0.1", 9, { meta: Uint8Array.of(2) })).clear();
    const own = (): unknown[] => [node.swim.member("self")?.incarnation, [...(node.swim.member("self")?.meta ?? [])]];
    assert.deepEqual(own(), [10, [1]]);
    // What it tells of itself from then on is newer than that life, and gets through.
    node.swim.setMeta(node.now, 0, Uint8Array.of(3), node);
    assert.deepEqual(own(), [11, [3]]);
    const told = node
      .until(2000)
      .messages(ALIVE)
      .filter((message) => message.node === "self");
    assert.ok(told.length > 0);
    for (const { incarnation, meta } of told) assert.deepEqual([incarnation, [...(meta ?? [])]], [11, [3]]);
  });

  it("takes no accusation once it is leaving", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"));
    node.swim.leave(0, node);
    node.receive(A, suspect("self", "a", 1));
    assert.equal(node.swim.statusOf("self"), "left");
  });
});

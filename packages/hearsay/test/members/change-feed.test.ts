import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Change, ChangeBatch, Cluster, Member, Snapshot } from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";

type Item = Snapshot | Change | ChangeBatch;

/** What someone knows who has nothing but the feed. */
class Mirror {
  readonly members = new Map<string, Member>();
  version = -1;
  snapshots = 0;
  items = 0;

  apply(item: Item): void {
    this.items++;
    if (item.type === "snapshot") {
      this.snapshots++;
      this.members.clear();
      for (const member of item.members) this.members.set(member.name, member);
    } else {
      const changes = item.type === "batch" ? item.changes : [item];
      for (const change of changes) {
        const { type, member, previous } = change;
        const known = this.members.get(member.name);
        assert.deepEqual(essence(previous === null ? [] : [previous]), essence(known === undefined ? [] : [known]));
        assert.ok(leadsFrom(known?.status, change), `${type} after ${known?.status}, to ${member.status}`);
        if (type === "reaped") this.members.delete(member.name);
        else this.members.set(member.name, member);
      }
    }
    assert.ok(item.version > this.version, "versions grow");
    this.version = item.version;
  }

  assertShows(cluster: Cluster): void {
    assert.equal(this.version, cluster.stats().version);
    assert.deepEqual(essence([...this.members.values()]), essence(everybody(cluster)));
  }
}

/** Whether a reader who holds a member to be `known` may be told this, going by the kind alone. */
function leadsFrom(known: Member["status"] | undefined, { type, member }: Change): boolean {
  const wasThere = known !== undefined && known !== "failed" && known !== "left";
  if (type === "reaped") return known !== undefined;
  if (type === "failed") return member.status === "failed";
  if (type === "left") return member.status === "left";
  return (type === "joined") !== wasThere && member.status !== "failed" && member.status !== "left";
}

function everybody(cluster: Cluster): Member[] {
  return cluster.members({ status: ["alive", "suspect", "leaving", "failed", "left"] });
}

function essence(members: readonly Member[]): string[] {
  return members
    .map(
      ({ name, status, address, meta, tags }) => `${name} ${status} ${address} ${[...meta].join()} ${tags["version"]}`,
    )
    .sort();
}

/** Reads whatever there is, as soon as it is there. */
async function mirror(items: AsyncIterable<Item>, into: Mirror): Promise<void> {
  for await (const item of items) into.apply(item);
}

/** What a promise comes to without any time passing. */
function soon<T>(promise: Promise<T>): Promise<T | "pending"> {
  return Promise.race([promise, new Promise<"pending">((resolve) => setImmediate(() => resolve("pending")))]);
}

describe("the feed of changes", () => {
  it("starts with a snapshot and goes on with each change, its cause and what was before", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const items: Item[] = [];
    const one = network.node("node-1");
    void (async () => {
      for await (const item of one.changes()) items.push(item);
    })();
    await network.advance(0);
    const [start] = items;
    assert.ok(start?.type === "snapshot" && start.reason === "start");
    assert.deepEqual(
      start.members.map(({ name }) => name),
      ["node-1", "node-2"],
    );
    network.crash("node-2");
    await network.until(() => one.member("node-2")?.status === "failed", "30s");
    await network.restart("node-2");
    await network.until(() => one.member("node-2")?.status === "alive", "30s");
    const changes = items.slice(1) as Change[];
    assert.deepEqual(
      changes.map(({ type }) => type),
      ["suspected", "failed", "joined"],
    );
    assert.deepEqual(
      changes.map(({ previous }) => previous?.status),
      ["alive", "suspect", "failed"],
    );
    assert.deepEqual(
      changes.map(({ version }) => version - start.version),
      [1, 2, 3],
    );
    assert.equal(changes[0]?.cause.by, "node-1");
    assert.equal(changes[0]?.cause.probe?.direct, "silent");
    assert.deepEqual(changes[1]?.cause.accusers, ["node-1"]);
  });

  it("a reader that falls behind gets a new snapshot in place of what it missed", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const feed = one.changes({ queueMax: 3 });
    const first = await feed.next();
    assert.ok(!first.done && first.value.type === "snapshot");
    for (let i = 0; i < 10; i++) await network.run(one.setTags({ version: `${i}` }));
    const second = await feed.next();
    assert.ok(!second.done && second.value.type === "snapshot" && second.value.reason === "overflow");
    assert.equal(second.value.version, one.stats().version);
    assert.equal(second.value.members[0]?.tags["version"], "9");
    await network.run(one.setTags({ version: "42" }));
    const third = await feed.next();
    assert.ok(!third.done && third.value.type === "updated");
    assert.equal(third.value.version, second.value.version + 1);
  });

  it("readers are independent of each other, and one that leaves is forgotten", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const slow = one.changes({ queueMax: 1 });
    const fast = new Mirror();
    const abort = new AbortController();
    await slow.next();
    const reading = mirror(one.changes({ signal: abort.signal }), fast);
    for (let i = 0; i < 5; i++) await network.run(one.setTags({ version: `${i}` }));
    await network.advance(0);
    assert.equal(fast.snapshots, 1);
    assert.equal(fast.items, 6);
    fast.assertShows(one);
    abort.abort();
    await reading;
    await network.run(one.setTags({ version: "9" }));
    assert.equal(fast.items, 6);
    await slow.return();
    assert.deepEqual(await slow.next(), { done: true, value: undefined });
  });

  it("a signal that is aborted already ends it before the snapshot", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const feed = network.node("node-1").changes({ signal: AbortSignal.abort() });
    assert.equal((await feed.next()).done, true);
  });

  it("refuses a length of the queue that is none", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    for (const queueMax of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => one.changes({ queueMax }), { code: "ERR_CONFIG" });
      assert.throws(() => one.changes({ queueMax, batch: 5 }), { code: "ERR_CONFIG" });
    }
  });

  it("a reader that leaves while it waits is let go at once, and so is its wait", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    for (const leave of ["return", "throw"] as const) {
      for (const feed of [one.changes(), one.changes({ batch: 3_600_000 })]) {
        await feed.next();
        const waiting = feed.next();
        const left = leave === "return" ? feed.return() : feed.throw(new Error("enough")).catch(() => "thrown");
        const outcome = await soon(Promise.all([waiting, left]));
        const done = { done: true, value: undefined };
        assert.deepEqual(outcome, [done, leave === "return" ? done : "thrown"]);
        assert.deepEqual(await feed.next(), done);
      }
    }
  });

  it("a reader of batches that leaves while one is gathered gets what there is", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const feed = one.changes({ batch: 3_600_000 });
    await feed.next();
    const waiting = feed.next();
    await network.run(one.setTags({ version: "1" }));
    const outcome = await soon(Promise.all([waiting, feed.return()]));
    assert.ok(outcome !== "pending");
    const [batch, end] = outcome;
    assert.ok(!batch.done && batch.value.type === "batch" && batch.value.changes.length === 1);
    assert.equal(end.done, true);
  });

  it("batches hold the net result of their time", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const items: Item[] = [];
    void (async () => {
      for await (const item of one.changes({ batch: 500 })) items.push(item);
    })();
    await network.advance(0);
    const before = network.nowMs;
    await network.run(one.setTags({ version: "1" }));
    await network.run(one.setTags({ version: "2" }));
    await network.add();
    await network.until(() => items.length === 2, "5s");
    assert.equal(network.nowMs - before, 500);
    const [, batch] = items;
    assert.ok(batch?.type === "batch");
    assert.deepEqual(
      batch.changes.map(({ type, member }) => `${type} ${member.name}`),
      ["updated node-1", "joined node-2"],
    );
    const [own] = batch.changes;
    assert.deepEqual([own?.previous?.tags["version"], own?.member.tags["version"]], [undefined, "2"]);
    assert.equal(batch.version, one.stats().version);
    await network.advance("5s");
    assert.equal(items.length, 2, "nothing happened, so there is no batch");
  });

  it("a member that joins and changes within a batch has joined, and one that fails, returns and changes is updated", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const items: Item[] = [];
    const mirrored = new Mirror();
    const one = network.node("node-1");
    void (async () => {
      for await (const item of one.changes({ batch: "60s" })) {
        mirrored.apply(item);
        items.push(item);
      }
    })();
    await network.advance(0);
    const third = await network.add();
    await network.until(() => one.member("node-3") !== undefined, "10s");
    await network.run(third.setTags({ version: "3" }));
    network.crash("node-2");
    await network.until(() => one.member("node-2")?.status === "failed", "30s");
    const again = await network.restart("node-2");
    await network.until(() => one.member("node-2")?.status === "alive", "10s");
    await network.run(again.setTags({ version: "2" }));
    await network.until(() => items.length === 2, "60s");
    mirrored.assertShows(one);
    const [, batch] = items;
    assert.ok(batch?.type === "batch");
    assert.deepEqual(
      batch.changes.map(({ type, member, previous }) => [type, member.name, member.tags["version"], previous?.status]),
      [
        ["joined", "node-3", "3", undefined],
        ["updated", "node-2", "2", "alive"],
      ],
    );
  });

  it("batches give up their wait when the cluster ends, and tell what they have", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const items: Item[] = [];
    const reading = (async () => {
      for await (const item of one.changes({ batch: 3_600_000 })) items.push(item);
    })();
    await network.advance(0);
    await network.run(one.setTags({ version: "1" }));
    await network.run(one.close());
    await network.run(reading, "0");
    assert.deepEqual(
      items.map(({ type }) => type),
      ["snapshot", "batch"],
    );
  });
});

/** What can happen to a small cluster. */
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
  fc.record({
    kind: fc.constantFrom("crash", "restart", "pause", "resume", "leave", "tags"),
    node: fc.integer({ min: 2, max: 4 }),
  }),
  fc.record({ kind: fc.constantFrom("split", "heal"), node: fc.constant(0) }),
  fc.record({ kind: fc.constant("read" as const), count: fc.integer({ min: 1, max: 5 }) }),
);

async function act(network: TestNetwork, kind: string, node: number): Promise<void> {
  const name = `node-${node}`;
  if (kind === "crash") network.crash(name);
  else if (kind === "restart") await network.restart(name);
  else if (kind === "pause") network.pause(name);
  else if (kind === "resume") network.resume(name);
  else if (kind === "leave") void network.node(name).leave();
  else if (kind === "tags")
    await network
      .node(name)
      .setTags({ version: `${node}` })
      .catch(() => {});
  else if (kind === "split") network.partition(["node-1", "node-2"]);
  else network.heal();
}

describe("whoever applies the feed knows what the cluster knows", () => {
  it("whatever happens, read at once, in batches, or late with overflows", async () => {
    let overflows = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 0xffff }),
        fc.array(action, { maxLength: 25 }),
        async (seed, actions) => {
          await using network = await testNetwork({
            nodes: 4,
            seed,
            lossPercent: 5,
            options: { timings: { gossipToTheDead: "5s" } },
          });
          const one = network.node("node-1");
          const [eager, batched, late] = [new Mirror(), new Mirror(), new Mirror()];
          void mirror(one.changes(), eager);
          void mirror(one.changes({ batch: 300 }), batched);
          // Also counts: a member that is told of twice doesn't add up.
          const present: string[] = [];
          one.onJoin(({ name }) => present.push(name));
          one.onLeave(({ name }) => void present.splice(present.indexOf(name), 1));
          const lateFeed = one.changes({ queueMax: 2 });
          const readLate = async (): Promise<void> => {
            if (late.version >= one.stats().version) return;
            const next = await lateFeed.next();
            assert.ok(next.done !== true);
            late.apply(next.value);
          };
          await readLate();
          for (const step of actions) {
            if (step.kind === "advance") await network.advance("ms" in step ? step.ms : 0);
            else if (step.kind === "read") await readLate();
            else if ("node" in step) {
              // Changes of tags take virtual time to be told; what is under test doesn't depend on waiting for it.
              void act(network, step.kind, step.node);
              await network.advance(0);
            }
            eager.assertShows(one);
            const members = one.members().map(({ name }) => name);
            assert.deepEqual(present.sort(), members);
          }
          network.heal();
          await network.advance("1s");
          await network.until(() => batched.version === one.stats().version, "1m");
          // Last, since only this takes no time, in which there might be changes.
          while (late.version < one.stats().version) await readLate();
          overflows += late.snapshots - 1;
          for (const reader of [eager, batched, late]) reader.assertShows(one);
        },
      ),
      { numRuns: 40 },
    );
    assert.ok(overflows > 0, "some runs should have overflowed");
  });
});

describe("a feed that is begun while changes are being told", () => {
  it("starts with a snapshot without those that are still to be told, and tells each of them once", async () => {
    await using network = await testNetwork({ nodes: 1, seed: 1, options: { join: [] } });
    const one = network.node("node-1");
    const mirrors: Mirror[] = [];
    one.onJoin(() => {
      const late = new Mirror();
      mirrors.push(late);
      void mirror(one.changes(), late);
    });
    for (let i = 2; i < 6; i++) await network.add({ join: i === 2 ? [] : ["10.0.0.2"] });
    await network.until(() => network.node("node-2").members().length === 4);
    await network.run(one.join("10.0.0.2"));
    await network.advance("1s");
    assert.equal(mirrors.length, 5);
    for (const late of mirrors) late.assertShows(one);
  });
});

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { SnapshotContents } from "@hearsay/core/serf";
import { systemClock } from "../../dist/base/clock.js";
import { type Cluster, createCluster, type HearsayOptions, MemoryNetwork, memoryTransport } from "../../dist/index.js";
import { SnapshotFile } from "../../dist/snapshot/snapshot-file.js";
import { eventually, recorder, rejection } from "../cluster/support.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-snapshot-"));
});
after(() => rm(folder, { recursive: true }));

const NOTHING: SnapshotContents = { aliveNodes: new Map(), clock: 0, eventClock: 0, queryClock: 0 };

/** A file, and what it warned of. */
async function opened(
  path: string,
  contents: () => SnapshotContents = () => NOTHING,
): Promise<{ file: SnapshotFile; warnings: string[]; found: Awaited<ReturnType<typeof SnapshotFile.read>> }> {
  const warnings: string[] = [];
  const found = await SnapshotFile.read(path, false);
  const parts = { clock: systemClock, contents, warn: (text: string): unknown => warnings.push(text) };
  const file = await SnapshotFile.open(found.path, found.replay.wholeBytes, {
    ...parts,
    warn: (text) => void parts.warn(text),
  });
  return { file, warnings, found };
}

describe("a snapshot file", () => {
  it("is as Serf writes it, and reads back", async () => {
    const path = join(folder, "plain");
    const { file } = await opened(path);
    file.add({ kind: "alive", name: "node-2", address: "10.0.0.2:7946" });
    file.add({ kind: "alive", name: "node-3", address: "10.0.0.3:7946" });
    file.add({ kind: "not-alive", name: "node-2" });
    file.add({ kind: "clock", lTime: 7 });
    file.add({ kind: "event-clock", lTime: 8 });
    await file.close();
    const lines = ["alive: node-2 10.0.0.2:7946", "alive: node-3 10.0.0.3:7946", "not-alive: node-2", "clock: 7"];
    assert.equal(await readFile(path, "utf8"), `${[...lines, "event-clock: 8"].join("\n")}\n`);
    const { replay } = (await opened(path)).found;
    assert.deepEqual([...replay.aliveNodes], [["node-3", "10.0.0.3:7946"]]);
    assert.deepEqual([replay.clock, replay.eventClock, replay.queryClock], [7, 8, 0]);
  });

  it("torn at any byte is cut to its whole lines, and goes on from there", async () => {
    const whole = "alive: a 10.0.0.1:1\nclock: 12\nalive: b 10.0.0.2:2\nnot-alive: a\nleave\nalive: c 10.0.0.3:3\n";
    const path = join(folder, "torn");
    for (let length = 0; length <= whole.length; length++) {
      const torn = whole.slice(0, length);
      await writeFile(path, torn);
      const { file, warnings } = await opened(path);
      file.add({ kind: "query-clock", lTime: 5 });
      await file.close();
      const kept = torn.slice(0, torn.lastIndexOf("\n") + 1);
      assert.equal(await readFile(path, "utf8"), `${kept}query-clock: 5\n`);
      assert.deepEqual(warnings, []);
    }
  });

  it("is replaced by a short one when it has grown, and holds the same then", async () => {
    const path = join(folder, "grown");
    const aliveNodes = new Map([["node-1", "10.0.0.1:7946"]]);
    const { file } = await opened(path, () => ({ aliveNodes, clock: 4000, eventClock: 2, queryClock: 3 }));
    for (let i = 0; i < 9000; i++) file.add({ kind: "event-clock", lTime: i });
    await file.sync();
    assert.ok((await stat(path)).size < 1000);
    file.add({ kind: "clock", lTime: 4001 });
    await file.close();
    const { replay } = (await opened(path)).found;
    assert.deepEqual([...replay.aliveNodes], [...aliveNodes]);
    assert.deepEqual([replay.clock, replay.eventClock, replay.queryClock], [4001, 2, 3]);
  });

  it("that a crash left half rewritten is as it was before", async () => {
    const path = join(folder, "crashed");
    await writeFile(path, "alive: a 10.0.0.1:1\nclock: 5\n");
    await writeFile(`${path}.compact`, "alive: a 10.0.");
    const { file, found } = await opened(path);
    await file.close();
    assert.deepEqual([...found.replay.aliveNodes.keys()], ["a"]);
    await assert.rejects(stat(`${path}.compact`), { code: "ENOENT" });
  });

  it("in a folder has Serf's name there", async () => {
    const inside = join(folder, "folder");
    await mkdir(inside);
    const { file, found } = await opened(inside);
    await file.close();
    assert.equal(found.path, join(inside, "local.snapshot"));
  });

  it("that can't be there is an error that names it", async () => {
    const path = join(folder, "missing", "snapshot");
    const error = await rejection(opened(path), "ERR_SNAPSHOT");
    assert.equal(error.data.path, path);
  });

  it("that can't be rewritten is said once, goes on in memory, and is written anew when it can", async () => {
    const path = join(folder, "blocked");
    let nowMs = 0;
    const warnings: string[] = [];
    const aliveNodes = new Map([["node-1", "10.0.0.1:7946"]]);
    const parts = {
      clock: { ...systemClock, now: () => nowMs },
      contents: () => ({ ...NOTHING, aliveNodes }),
      warn: (text: string) => void warnings.push(text),
    };
    const file = await SnapshotFile.open(path, 0, parts);
    // A folder where the new file would be written.
    await mkdir(`${path}.compact`);
    for (let i = 0; i < 9000; i++) file.add({ kind: "event-clock", lTime: i });
    await file.sync();
    assert.equal(warnings.length, 1);
    await file.sync();
    assert.equal(warnings.length, 1);
    await rm(`${path}.compact`, { recursive: true });
    nowMs += 31_000;
    await file.sync();
    assert.equal(await readFile(path, "utf8").then((text) => text.startsWith("alive: node-1 10.0.0.1:7946\n")), true);
    await file.close();
  });
});

describe("a node with a snapshot", () => {
  /** Nodes on real time, since the file lives there too. */
  function pool(): (host: string, options: HearsayOptions) => Promise<Cluster> {
    const network = new MemoryNetwork();
    return (host, options) =>
      createCluster({ transport: memoryTransport(network, host, 7946), nodeName: host, preset: "local", ...options });
  }

  it("finds the others again without being told where they are, and hears nothing twice", async () => {
    const start = pool();
    const snapshot = join(folder, "rejoin");
    await using one = await start("10.0.0.1", {});
    await using two = await start("10.0.0.2", { join: "10.0.0.1" });
    const three = await start("10.0.0.3", { join: "10.0.0.1", snapshot });
    await eventually(() => [one, two, three].every((node) => node.members().length === 3), "all see all");
    const early: string[] = [];
    three.onEvent("*", ({ name }) => early.push(name));
    one.event("before", "");
    await eventually(() => early.length === 1, "the event is heard");
    await three.close();
    await using again = await start("10.0.0.3", { snapshot });
    const heard: string[] = [];
    again.onEvent("*", ({ name }) => heard.push(name));
    await eventually(() => again.members().length === 3, "it is back");
    two.event("after", "");
    await eventually(() => heard.length > 0, "the next event is heard");
    assert.deepEqual(heard, ["after"]);
  });

  it("goes on looking for the members of an earlier life until they are there, is not ready before, and says so", async () => {
    const start = pool();
    const snapshot = join(folder, "retried");
    const { logger, lines } = recorder();
    const one = await start("10.0.0.1", {});
    const two = await start("10.0.0.2", { join: "10.0.0.1", snapshot });
    await eventually(() => two.members().length === 2, "they know each other");
    await two.close();
    await one.close();
    await using again = await start("10.0.0.2", { snapshot, logger });
    let isReady = false;
    const ready = again.ready().then(() => {
      isReady = true;
    });
    const failed = (): boolean => lines.some(({ text }) => text === "nobody could be joined yet; trying again");
    await eventually(failed, "a try has failed");
    assert.equal(isReady, false);
    assert.deepEqual(
      lines.find(({ text }) => text === "looking for the members that the snapshot tells of")?.fields["members"],
      1,
    );
    await using late = await start("10.0.0.1", {});
    await eventually(() => late.members().length === 2, "the late one is found");
    await ready;
  });

  it("gives up those whom it doesn't find within the time for the lost, is ready then, and forgets them", async () => {
    const start = pool();
    const path = join(folder, "given-up");
    await writeFile(path, "alive: 10.0.0.9 10.0.0.9:7946\n");
    await using lone = await start("10.0.0.1", { snapshot: path, serf: { reconnectTimeout: 1000 } });
    await lone.ready();
    await lone.close();
    assert.deepEqual([...(await SnapshotFile.read(path, false)).replay.aliveNodes.keys()], ["10.0.0.1"]);
  });

  it("that left stays away, unless it is to come back", async () => {
    for (const rejoinAfterLeave of [false, true]) {
      const start = pool();
      const snapshot = { path: join(folder, `left-${rejoinAfterLeave}`), rejoinAfterLeave };
      await using one = await start("10.0.0.1", {});
      const two = await start("10.0.0.2", { join: "10.0.0.1", snapshot });
      await eventually(() => [one, two].every((node) => node.members().length === 2), "they know each other");
      await two.leave();
      assert.equal(/^leave$/m.test(await readFile(snapshot.path, "utf8")), true);
      await using again = await start("10.0.0.2", { snapshot });
      if (rejoinAfterLeave) await eventually(() => again.members().length === 2, "it is back");
      else assert.equal((await SnapshotFile.read(snapshot.path, false)).replay.aliveNodes.size, 0);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KeyReport } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { type Line, recorder, rejection } from "../cluster/support.js";

const key = (fill: number): string => Buffer.alloc(16, fill).toString("base64");
const OLD = key(1);
const NEW = key(2);
const ENCRYPTED = { encryption: { keys: [OLD] } };

function counts(report: KeyReport): [number, number, number] {
  return [report.nodes, report.answered, report.failed];
}

describe("the keys of a pool", () => {
  it("are rotated without losing anybody", async () => {
    await using network = await testNetwork({ nodes: 5, options: ENCRYPTED });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const lost: string[] = [];
    for (const node of network.nodes) {
      void (async () => {
        for await (const change of node.changes()) if (change.type === "failed") lost.push(change.member.name);
      })();
    }
    assert.deepEqual(counts(await network.run(one.keys.install(NEW))), [5, 5, 0]);
    await network.advance("20s");
    assert.deepEqual(counts(await network.run(one.keys.use(NEW))), [5, 5, 0]);
    await network.advance("20s");
    assert.deepEqual(counts(await network.run(one.keys.remove(OLD))), [5, 5, 0]);
    await network.advance("60s");
    const list = await network.run(one.keys.list());
    assert.deepEqual([...list.keys], [[NEW, 5]]);
    assert.deepEqual([...list.primaryKeys], [[NEW, 5]]);
    assert.deepEqual(list.answers.get("node-3")?.keys, [NEW]);
    assert.deepEqual(lost, []);
    assert.ok(network.converged());
  });

  it("that a member can't change are reported with its reason", async () => {
    await using network = await testNetwork({ nodes: 3, options: ENCRYPTED });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    for (const [change, message] of [
      [one.keys.remove(OLD), "removing the primary key is not allowed"],
      [one.keys.use(NEW), "requested key is not in the keyring"],
    ] as const) {
      const { report } = (await rejection(network.run(change), "ERR_KEY_REPORT")).data;
      assert.deepEqual(counts(report), [3, 3, 3]);
      assert.equal(report.answers.get("node-2")?.message, message);
    }
  });

  it("are none in a pool that isn't encrypted", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const installed = (await rejection(network.run(one.keys.install(NEW)), "ERR_KEY_REPORT")).data.report;
    assert.equal(installed.answers.get("node-2")?.message, "No keyring to modify (encryption not enabled)");
    const listed = (await rejection(network.run(one.keys.list()), "ERR_KEY_REPORT")).data.report;
    assert.equal(listed.answers.get("node-2")?.message, "Keyring is empty (encryption not enabled)");
  });

  it("are changed with a word about who is away, before the old one is removed", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 3, options: { ...ENCRYPTED, logger } });
    await network.until(() => network.converged());
    network.crash("node-3");
    const one = network.node("node-1");
    await network.until(() => network.converged(), "1m");
    for (const change of ["install", "use"] as const) {
      const report = await network.run(one.keys[change](NEW));
      assert.deepEqual([...counts(report), report.silent, report.away], [2, 2, 0, [], ["node-3"]]);
      const told = lines.filter(({ text }) => text.includes(`did not hear of the change of keys (${change})`));
      assert.deepEqual(
        told.map(({ level, fields }) => [level, fields.away]),
        [["warn", ["node-3"]]],
      );
    }
    let keysThen: number[] = [];
    const warn = logger.warn;
    logger.warn = (text, ...rest) => {
      warn(text, ...rest);
      const isWarning = String(text).startsWith("a key is being removed while members are away");
      if (isWarning) keysThen = network.nodes.slice(0, 2).map((node) => node.keys.local.list().length);
    };
    assert.deepEqual((await network.run(one.keys.remove(OLD))).away, ["node-3"]);
    assert.deepEqual(keysThen, [2, 2], "it says so before anything is removed");
  });

  it("tell a member that comes back without the new one what to do, once", async () => {
    await using network = await testNetwork({ nodes: 3, options: ENCRYPTED });
    await network.until(() => network.converged());
    network.crash("node-3");
    const { keys } = network.node("node-1");
    await network.until(() => network.converged(), "1m");
    await network.run(keys.install(NEW));
    await network.run(keys.use(NEW));
    await network.run(keys.remove(OLD));
    const { logger, lines } = recorder();
    const three = await network.restart("node-3", { logger });
    const isAdvice = ({ text }: Line): boolean =>
      /if the pool's key was changed while this node was away, put the new one into encryption\.keys/.test(text);
    await network.until(() => lines.some(isAdvice), "1m");
    await network.advance("10m");
    assert.equal(lines.filter(isAdvice).length, 1);
    assert.equal(three.status, "alone");
    await network.restart("node-3", { encryption: { keys: [NEW] } });
    await network.until(() => network.converged());
  });

  it("are no matter of advice for a member that has company, whatever strangers send", async () => {
    const { logger, lines } = recorder();
    await using network = await testNetwork({ nodes: 2, options: { ...ENCRYPTED, logger } });
    await network.until(() => network.converged());
    await network.add({ encryption: { keys: [NEW] }, logger: recorder().logger });
    await network.until(() => lines.some(({ text }) => text === "gossip: failed to decode gossip message"), "1m");
    assert.ok(!lines.some(({ text }) => text.startsWith("none of this node's keys")));
  });

  it("say who didn't answer in time", async () => {
    await using network = await testNetwork({ nodes: 3, options: ENCRYPTED });
    await network.until(() => network.converged());
    network.pause("node-3");
    const error = await rejection(network.run(network.node("node-1").keys.list()), "ERR_KEY_REPORT");
    assert.deepEqual(counts(error.data.report), [3, 2, 0]);
    assert.deepEqual([error.data.report.silent, error.data.report.away], [["node-3"], []]);
    assert.equal(error.message.includes("2/3 nodes reported success"), true);
  });

  it("are not changed everywhere while somebody is silent, though a newcomer answers in the place", async () => {
    await using network = await testNetwork({ nodes: 5, options: ENCRYPTED });
    await network.until(() => network.converged());
    network.pause("node-5");
    const installed = rejection(network.node("node-1").keys.install(NEW), "ERR_KEY_REPORT");
    const newcomer = await network.add(ENCRYPTED);
    const { message, data } = await network.run(installed);
    assert.ok(data.report.answers.has(newcomer.self.name), "the newcomer heard of it");
    assert.deepEqual([...counts(data.report), data.report.silent], [5, 5, 0, ["node-5"]]);
    assert.match(message, /5\/6 nodes reported success/);
  });

  it("are changed everywhere when whoever gave no answer has left, or has failed and is named", async () => {
    const timings = { suspicionMult: 1, suspicionMaxTimeoutMult: 1 };
    for (const end of ["leaves", "crashes"] as const) {
      await using network = await testNetwork({ nodes: 5, options: { ...ENCRYPTED, timings } });
      await network.until(() => network.converged());
      const one = network.node("node-1");
      // It hears nothing more, and says goodbye all the same.
      for (const other of network.nodes.slice(0, 4)) network.cut(other, "node-5");
      if (end === "crashes") {
        network.crash("node-5");
        await network.until(() => one.member("node-5")?.status === "suspect");
      }
      const installed = one.keys.install(NEW);
      if (end === "leaves") void network.node("node-5").leave();
      const report = await network.run(installed);
      const away = end === "leaves" ? [] : ["node-5"];
      assert.deepEqual([...counts(report), report.silent, report.away], [5, 4, 0, [], away], end);
    }
  });

  it("are changed one after the other, in the order in which it was asked", async () => {
    await using network = await testNetwork({ nodes: 3, options: ENCRYPTED });
    await network.until(() => network.converged());
    const { keys } = network.node("node-1");
    await network.run(Promise.all([keys.install(NEW), keys.use(NEW), keys.remove(OLD)]));
    assert.deepEqual([...(await network.run(keys.list())).keys], [[NEW, 3]]);
  });

  it("must be keys", async () => {
    await using network = await testNetwork({ nodes: 1, options: ENCRYPTED });
    const { keys } = network.node("node-1");
    for (const nonsense of ["short", new Uint8Array(5)]) await rejection(keys.install(nonsense), "ERR_KEYRING");
    await rejection(keys.install(NEW, { relay: 300 }), "ERR_CONFIG");
  });
});

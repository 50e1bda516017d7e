import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { KINDS, mutationsOf } from "./generate.ts";
import { applied } from "./mutation.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const CORE = "packages/core/src";

/** Every mutation of a text by its name, with the mutated text. */
function mutants(text: string, file = "packages/core/src/part/thing.ts"): Record<string, string> {
  return Object.fromEntries(mutationsOf(file, text).map((mutation) => [mutation.name, applied(mutation, text)]));
}

describe("the generator of mutations", () => {
  it("multiplies and divides each limit by 3, whole numbers to whole numbers", () => {
    assert.deepEqual(mutants("export const PEERS_MAX = 64;\nconst KEPT_SHARE = 0.25;\n"), {
      "limit PEERS_MAX times 3": "export const PEERS_MAX = 192;\nconst KEPT_SHARE = 0.25;\n",
      "limit PEERS_MAX divided by 3": "export const PEERS_MAX = 21;\nconst KEPT_SHARE = 0.25;\n",
      "limit KEPT_SHARE times 3": "export const PEERS_MAX = 64;\nconst KEPT_SHARE = 0.75;\n",
      "limit KEPT_SHARE divided by 3": `export const PEERS_MAX = 64;\nconst KEPT_SHARE = ${0.25 / 3};\n`,
    });
    assert.deepEqual(Object.values(mutants("const WAIT_MS: number = 2 * HOUR_MS;")), [
      "const WAIT_MS: number = (2 * HOUR_MS) * 3;",
      "const WAIT_MS: number = (2 * HOUR_MS) / 3;",
    ]);
  });

  it("takes constants that count on from each other for names", () => {
    assert.deepEqual(mutants("const READ_STEP = 1;\nconst WRITE_STEP = 2;\nconst CLOSE_STEP = 3;\n"), {});
    assert.equal(Object.keys(mutants("const A_FROM = 3;\nconst B_FROM = 4;\n")).length, 4);
  });

  it("changes each number of a row of settings, and puts one in the place of nothing", () => {
    const text = 'const SETTINGS = [{ key: "gossipNodes", unit: "count", lan: 3, min: 0 }];';
    assert.deepEqual(mutants(text), {
      "setting gossipNodes, lan times 3": text.replace("lan: 3", "lan: 9"),
      "setting gossipNodes, lan divided by 3": text.replace("lan: 3", "lan: 1"),
      "setting gossipNodes, min 1, not 0": text.replace("min: 0", "min: 1"),
    });
  });

  it("changes Serf's defaults and bounds", () => {
    const defaults = "const SERF_DEFAULTS = { eventBuffer: 512, coordinates: true };";
    assert.deepEqual(Object.keys(mutants(defaults)), [
      "setting eventBuffer, default times 3",
      "setting eventBuffer, default divided by 3",
    ]);
    const bounds = 'const SERF_SETTINGS = [setting("eventBuffer", "count", 1, 600, [])];';
    assert.deepEqual(mutants(bounds), {
      "setting eventBuffer, min times 3": bounds.replace("1, 600", "3, 600"),
      "setting eventBuffer, min divided by 3": bounds.replace("1, 600", "0, 600"),
      "setting eventBuffer, max times 3": bounds.replace("1, 600", "1, 1800"),
      "setting eventBuffer, max divided by 3": bounds.replace("1, 600", "1, 200"),
    });
  });

  it("fixes each branch on the rules either way, a comparison as a whole, and numbers those of one place", () => {
    const text = `class Probe { tick() { if (this.#parts.rules.jitter) a(); if (rules.verdict === "count") b(); c(host.repairs); d(rules.jitter); } }`;
    assert.deepEqual(mutants(text), {
      "branch on rules.jitter in Probe.tick always": text.replace("this.#parts.rules.jitter", "true"),
      "branch on rules.jitter in Probe.tick never": text.replace("this.#parts.rules.jitter", "false"),
      'branch on rules.verdict === "count" in Probe.tick always': text.replace('rules.verdict === "count"', "true"),
      'branch on rules.verdict === "count" in Probe.tick never': text.replace('rules.verdict === "count"', "false"),
      "branch on rules.repairs in Probe.tick always": text.replace("host.repairs", "true"),
      "branch on rules.repairs in Probe.tick never": text.replace("host.repairs", "false"),
      "branch on rules.jitter in Probe.tick always, 2": text.replace("d(rules.jitter)", "d(true)"),
      "branch on rules.jitter in Probe.tick never, 2": text.replace("d(rules.jitter)", "d(false)"),
    });
  });

  it("swaps one cell of precedence and leaves the others", () => {
    const text = `const ALIVE_STATUS = "alive", SUSPECT_STATUS = "suspect", DEAD_STATUS = "dead", LEFT_STATUS = "left";
      function supersedes(known, knownIncarnation, news, incarnation) { return incarnation > knownIncarnation; }`;
    const all = mutants(text, "packages/core/src/membership/precedence.ts");
    assert.equal(Object.keys(all).length, 48);
    const swapped = all["precedence of dead with the same incarnation over alive swapped"] ?? "";
    const supersedes = new Function(`${swapped}; return supersedes;`)() as (...cell: (string | number)[]) => boolean;
    assert.equal(supersedes("alive", 5, "dead", 5), true);
    assert.equal(supersedes("alive", 5, "dead", 4), false);
    assert.equal(supersedes("alive", 5, "suspect", 5), false);
    assert.equal(supersedes("left", 5, "dead", 6), true);
  });

  it("arms no deadline of one kind, and none in one place", () => {
    const heap = "export const TICK = 0;\nclass Deadlines { push(at, kind) { this.add(at, kind); } }";
    assert.deepEqual(mutants(heap, "packages/core/src/base/deadlines.ts"), {
      "deadline TICK never armed": heap.replace("{ this.add", "{ if (kind === TICK) return; this.add"),
    });
    const sites = "class Probe { tick() { this.#deadlines.push(at, TICK); if (late) host.wakeAt(at, due.END, 1); } }";
    assert.deepEqual(mutants(sites), {
      "deadline TICK not armed in Probe.tick": sites.replace("this.#deadlines.push(at, TICK)", "undefined"),
      "deadline END not armed in Probe.tick": sites.replace("host.wakeAt(at, due.END, 1)", "undefined"),
    });
  });

  it("ignores each kind of message, also one that shares its clause with another", () => {
    const text =
      "class R { message(m) { switch (m.type) { case DEAD: case SUSPECT: return a(m); case PING: return b(m); } } }";
    const all = mutants(text, "packages/core/src/node/receiver.ts");
    assert.deepEqual(Object.keys(all), ["message DEAD ignored", "message SUSPECT ignored", "message PING ignored"]);
    const Receiver = new Function("DEAD", "SUSPECT", "PING", "a", "b", `${all["message SUSPECT ignored"]}; return R;`)(
      1,
      2,
      3,
      () => "a",
      () => "b",
    ) as new () => { message(m: { type: number }): unknown };
    assert.deepEqual(
      [1, 2, 3].map((type) => new Receiver().message({ type })),
      ["a", undefined, "b"],
    );
  });

  it("changes each share, and each transmit limit where it is looked up", () => {
    const shares = "const RUMOR_SHARES = [60, 40];";
    assert.equal(mutants(shares)["share of rumors of class 1 times 3"], "const RUMOR_SHARES = [60, 120];");
    const limit = "class Store { count(rumor) { if (rumor.transmits >= limitOf(rumor, limits)) this.end(rumor); } }";
    assert.deepEqual(Object.values(mutants(limit)), [
      limit.replace("limitOf(rumor, limits)", "3 * limitOf(rumor, limits)"),
      limit.replace("limitOf(rumor, limits)", "Math.ceil(limitOf(rumor, limits) / 3)"),
    ]);
  });

  describe("in the core", () => {
    const files = readdirSync(join(root, CORE), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const texts = new Map(files.map((file) => [`${CORE}/${file}`, readFileSync(join(root, CORE, file), "utf8")]));

    it("finds something of every kind", () => {
      const sources = [...texts].map(([file, text]) => ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
      for (const [kind, mutationsIn] of Object.entries(KINDS)) {
        assert.ok(
          sources.some((source) => mutationsIn(source).length > 0),
          kind,
        );
      }
    });

    it("gives each mutation of a file a name of its own, and changes something", () => {
      for (const [file, text] of texts) {
        const all = mutationsOf(file, text);
        assert.equal(new Set(all.map(({ name }) => name)).size, all.length, file);
        for (const mutation of all) assert.notEqual(applied(mutation, text), text, mutation.name);
      }
    });
  });
});

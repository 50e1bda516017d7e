import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Log, type Logger, RepeatGuard } from "../../dist/observe/logger.js";

function recorder(extra: object = {}): { logger: Logger; lines: unknown[][] } {
  const lines: unknown[][] = [];
  const write =
    (level: string) =>
    (...line: unknown[]) =>
      void lines.push([level, ...line]);
  const methods = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  return { logger: { ...methods, ...extra }, lines };
}

const now = () => 0;

describe("the log", () => {
  it("gives a console the text first, and a logger like pino the object", () => {
    const plain = recorder();
    new Log(plain.logger, { now }).warn("slow", { lateMs: 5 });
    assert.deepEqual(plain.lines, [["warn", "slow", { lateMs: 5 }]]);
    for (const extra of [{ child: () => null }, { level: "info" }]) {
      const pino = recorder(extra);
      new Log(pino.logger, { now, fields: { node: "a" } }).error("slow", { lateMs: 5 });
      assert.deepEqual(pino.lines, [["error", { node: "a", lateMs: 5 }, "slow"]]);
    }
  });

  it("keeps to the logger's own levels and its `this`", () => {
    const { logger, lines } = recorder();
    const log = new Log(logger, { now });
    log.debug("a");
    log.info("b");
    assert.deepEqual(
      lines.map(([level]) => level),
      ["debug", "info"],
    );
    const needsThis = {
      count: 0,
      debug() {},
      info() {
        this.count++;
      },
      warn() {},
      error() {},
    };
    new Log(needsThis, { now }).info("x");
    assert.equal(needsThis.count, 1);
  });

  it("takes console as it is, and no logger at all", () => {
    const asIs: Logger = console;
    assert.ok(asIs);
    new Log(null, { now }).error("nobody hears");
  });

  it("survives a logger that throws, and counts it", () => {
    const { logger } = recorder();
    logger.info = () => {
      throw new Error("disk full");
    };
    const log = new Log(logger, { now });
    log.info("a");
    assert.equal(log.lost, 1);
  });

  it("writes a repeated line once per key and time, and tells how many it left out", () => {
    let time = 0;
    const { logger, lines } = recorder();
    const log = new Log(logger, { now: () => time, repeatMs: 10_000 });
    for (let i = 0; i < 100; i++) log.repeated("junk", "warn", "junk arrived", { from: "x" });
    log.repeated("other", "warn", "other");
    time = 9999;
    log.repeated("junk", "warn", "junk arrived");
    time = 10_000;
    log.repeated("junk", "warn", "junk arrived", { from: "y" });
    assert.deepEqual(lines, [
      ["warn", "junk arrived", { from: "x" }],
      ["warn", "other", {}],
      ["warn", "junk arrived", { from: "y", suppressed: 100 }],
    ]);
  });

  it("remembers a bounded number of keys", () => {
    const guard = new RepeatGuard(1000);
    assert.equal(guard.admit("first", 0), 0);
    for (let i = 0; i < 511; i++) assert.equal(guard.admit(`key ${i}`, 0), 0);
    assert.equal(guard.admit("first", 1), null);
    guard.admit("one too many", 1);
    assert.equal(guard.admit("first", 1), 0);
  });
});

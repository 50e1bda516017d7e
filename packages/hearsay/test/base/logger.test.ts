import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Log, type Logger, RepeatGuard } from "../../dist/base/logger.js";

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

  it("writes no more lines than it remembers keys, however many sources there are, and tells what it left out", () => {
    let time = 0;
    const { logger, lines } = recorder();
    const log = new Log(logger, { now: () => time, repeatMs: 1000 });
    for (let packet = 0; packet < 3000; packet++) log.repeated(`junk of ${packet % 600}`, "warn", "junk");
    assert.equal(lines.length, 512);
    time = 999;
    log.repeated("another", "warn", "another");
    assert.equal(lines.length, 512);
    time = 1000;
    log.repeated("another", "warn", "another");
    assert.equal(lines.length, 513);
    // Of 3,000 packets and the early one, 512 were told at once; 4 of the forgotten key's are among the rest.
    assert.deepEqual(lines.at(-1), ["warn", "another", { suppressed: 88 * 5 + 1 + 4 }]);
  });

  it("a guard forgets a key only once its time is over", () => {
    const guard = new RepeatGuard(1000);
    assert.equal(guard.admit("first", 0), 0);
    for (let i = 0; i < 511; i++) assert.equal(guard.admit(`key ${i}`, 1), 0);
    assert.equal(guard.admit("one too many", 2), null);
    assert.equal(guard.admit("first", 999), null);
    assert.equal(guard.admit("one too many", 1000), 2);
    assert.equal(guard.admit("first", 1000), null);
  });
});

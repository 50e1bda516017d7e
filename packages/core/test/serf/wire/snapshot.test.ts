import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeSnapshot,
  encodeSnapshotLine,
  LTIME_MAX,
  parseSnapshotLine,
  replaySnapshot,
  type SnapshotRecord,
} from "@hearsay/core/serf";
import { decodeName } from "@hearsay/core/wire";
import fc from "fast-check";
import { ascii, fromHex, joined, toHex } from "../../wire/bytes.ts";
import { lTime } from "./arbitraries.ts";

/** Names as they come from the wire: any bytes, newlines too. */
const name = fc.uint8Array({ maxLength: 20 }).map((bytes) => decodeName(bytes, 0, bytes.length));
const address = fc.constantFrom("127.0.0.1:7946", "[fe80::1%eth0]:1");

const record: fc.Arbitrary<SnapshotRecord> = fc.oneof(
  fc.record({ kind: fc.constant("alive" as const), name, address }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("not-alive" as const), name }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constantFrom("clock" as const, "event-clock" as const, "query-clock" as const), lTime },
    { noNullPrototype: true },
  ),
  fc.constant<SnapshotRecord>({ kind: "leave" }),
);

function replay(text: string, rejoinAfterLeave: boolean = false): ReturnType<typeof replaySnapshot> {
  return replaySnapshot(ascii(text), rejoinAfterLeave);
}

describe("a line of a snapshot", () => {
  it("reads back as it was written, names of any bytes too, unless there is a newline in it", () => {
    fc.assert(
      fc.property(record, (original) => {
        const line = encodeSnapshotLine(original);
        if ("name" in original && original.name.includes("\n")) {
          assert.equal(line, null);
          return;
        }
        assert.ok(line !== null && line.at(-1) === 0x0a);
        assert.deepEqual(parseSnapshotLine(decodeName(line, 0, line.length - 1)), { ...original });
      }),
      { numRuns: 500 },
    );
  });

  it("is never more than one, whatever a member calls itself", () => {
    const name = "x 1.2.3.4:1\nleave\nalive: y";
    assert.equal(encodeSnapshotLine({ kind: "alive", name, address: "1.2.3.4:1" }), null);
    assert.equal(encodeSnapshotLine({ kind: "not-alive", name }), null);
    assert.equal(encodeSnapshotLine({ kind: "alive", name: "x", address: "1.2.3.4:1\nleave" }), null);
    assert.equal(encodeSnapshotLine({ kind: "alive", name: "x", address: "1.2.3.4 :1" }), null);
  });

  it("has its name before the last space", () => {
    assert.deepEqual(parseSnapshotLine("alive: a b  1.2.3.4:5"), { kind: "alive", name: "a b ", address: "1.2.3.4:5" });
    assert.deepEqual(parseSnapshotLine("alive:  [::1]:5"), { kind: "alive", name: "", address: "[::1]:5" });
    assert.equal(parseSnapshotLine("alive: 1.2.3.4:5"), "unreadable");
    assert.deepEqual(parseSnapshotLine("not-alive: a: b "), { kind: "not-alive", name: "a: b " });
  });

  it("that is a clock has a whole number of 64 bits", () => {
    const timeOf = (text: string) => {
      const result = parseSnapshotLine(`clock: ${text}`);
      return typeof result === "string" || !("lTime" in result) ? result : result.lTime;
    };
    assert.equal(timeOf("0"), 0);
    assert.equal(timeOf("0000000000000000000000000000042"), 42);
    assert.equal(timeOf("9007199254740990"), LTIME_MAX - 1);
    assert.equal(timeOf("9007199254740993"), LTIME_MAX);
    assert.equal(timeOf("18446744073709551615"), LTIME_MAX);
    for (const text of [
      "18446744073709551616",
      "99999999999999999999",
      "100000000000000000000",
      "",
      "-1",
      "+1",
      "1.0",
    ]) {
      assert.equal(timeOf(text), "unreadable", text);
    }
    for (const text of ["1 ", " 1", "0x1", "1e3", "1_0", "٣"]) assert.equal(timeOf(text), "unreadable", text);
  });

  it("may be a comment or an old coordinate, which are ignored, and is unreadable otherwise", () => {
    for (const line of ["#", "# x", "#: x", "coordinate: {}"]) assert.equal(parseSnapshotLine(line), "ignored", line);
    for (const line of ["", "leave ", "Leave", "alive", "clock:1", " # x", "coordinate", "what: 1", ": 1"]) {
      assert.equal(parseSnapshotLine(line), "unreadable", line);
    }
  });
});

describe("a snapshot", () => {
  it("of nothing is nothing", () => {
    assert.deepEqual(replay(""), {
      ...{ aliveNodes: new Map(), clock: 0, eventClock: 0, queryClock: 0, unreadableLines: 0, wholeBytes: 0 },
    });
  });

  it("ignores a torn last line and tells where it begins", () => {
    const result = replay("clock: 5\nalive: a 1.2.3.4:5\nclock: 61");
    assert.equal(result.clock, 5);
    assert.equal(result.wholeBytes, 28);
    assert.deepEqual(replay("clock: 5\nalive: a 1.2.3.4:5\n"), result);
  });

  it("cut anywhere replays to a state that was once there", () => {
    const whole = "alive: a 1.1.1.1:1\nclock: 12\nnot-alive: a\nalive: b 2.2.2.2:2\nclock: 345\nleave\nclock: 6\n";
    const states = new Set<string>();
    for (const [index] of [...whole].entries()) {
      const cut = replay(whole.slice(0, index));
      states.add(JSON.stringify([[...cut.aliveNodes], cut.clock]));
      assert.equal(cut.unreadableLines, 0);
    }
    assert.deepEqual(
      [...states],
      [
        "[[],0]",
        '[[["a","1.1.1.1:1"]],0]',
        '[[["a","1.1.1.1:1"]],12]',
        "[[],12]",
        '[[["b","2.2.2.2:2"]],12]',
        '[[["b","2.2.2.2:2"]],345]',
      ],
    );
  });

  it("counts the lines that deserve a warning and goes on", () => {
    const result = replay("what\nclock: x\n# fine\n\nclock: 7\n");
    assert.equal(result.unreadableLines, 3);
    assert.equal(result.clock, 7);
  });

  it("may have a clock that falls, as the reference reads it", () => {
    assert.equal(replay("clock: 7\nclock: 3\n").clock, 3);
  });

  it("compacted replays to the same, but for names with a newline", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const lines = records.map(encodeSnapshotLine).filter((line) => line !== null);
        const before = replaySnapshot(joined(...lines), true);
        const bytes = encodeSnapshot(before);
        assert.deepEqual(replaySnapshot(bytes, false), { ...before, wholeBytes: bytes.length });
      }),
    );
    const withNewline = new Map([
      ["a\nleave", "1.2.3.4:5"],
      ["b", "1.2.3.4:6"],
    ]);
    const bytes = encodeSnapshot({ aliveNodes: withNewline, clock: 1, eventClock: 2, queryClock: 3 });
    assert.equal(toHex(bytes), toHex(ascii("alive: b 1.2.3.4:6\nclock: 1\nevent-clock: 2\nquery-clock: 3\n")));
  });

  it("keeps names that are no UTF-8 byte for byte", () => {
    const line = joined(ascii("alive: "), fromHex("fffec3"), ascii(" 1.2.3.4:5\n"));
    const result = replaySnapshot(line, false);
    assert.deepEqual([...result.aliveNodes.keys()], ["\udcff\udcfe\udcc3"]);
    assert.equal(toHex(encodeSnapshot(result)).slice(0, 2 * line.length), toHex(line));
  });
});

/** Snapshot files as a whole (docs/protocol/serf.md, section 15). */
import { decodeName, encodeName } from "../../../wire/names.ts";
import type { LTime } from "./ltime.ts";
import { parseSnapshotLine, type SnapshotRecord, snapshotLine } from "./snapshot-line.ts";

/** What a node remembers across a restart. */
export interface SnapshotContents {
  /** Addresses of the members last seen alive, by name. */
  readonly aliveNodes: ReadonlyMap<string, string>;
  readonly clock: LTime;
  readonly eventClock: LTime;
  readonly queryClock: LTime;
}

/** The result of replaying a file. */
export interface SnapshotReplay extends SnapshotContents {
  /** Ignored lines that deserve a warning. */
  readonly unreadableLines: number;
  /** Bytes up to and including the last newline. Truncate the file there before appending. */
  readonly wholeBytes: number;
}

const NEWLINE = 0x0a;

/**
 * Replays a file. A last line without a newline was torn by a crash and is ignored. A leave forgets everything before
 * it, unless the node should rejoin after a leave.
 */
export function replaySnapshot(bytes: Uint8Array, rejoinAfterLeave: boolean): SnapshotReplay {
  const aliveNodes = new Map<string, string>();
  const clocks = { clock: 0, "event-clock": 0, "query-clock": 0 };
  let unreadableLines = 0;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const record = parseSnapshotLine(decodeName(bytes, start, end));
    start = end + 1;
    if (record === "ignored") continue;
    if (record === "unreadable") {
      unreadableLines++;
    } else if (record.kind === "alive") {
      aliveNodes.set(record.name, record.address);
    } else if (record.kind === "not-alive") {
      aliveNodes.delete(record.name);
    } else if (record.kind !== "leave") {
      clocks[record.kind] = record.lTime;
    } else if (!rejoinAfterLeave) {
      aliveNodes.clear();
      clocks.clock = 0;
      clocks["event-clock"] = 0;
      clocks["query-clock"] = 0;
    }
  }
  return {
    aliveNodes,
    clock: clocks.clock,
    eventClock: clocks["event-clock"],
    queryClock: clocks["query-clock"],
    unreadableLines,
    wholeBytes: start,
  };
}

/** Encodes a compacted file: the alive members, then the clocks. Members whose names don't fit a line are left out. */
export function encodeSnapshot(contents: SnapshotContents): Uint8Array {
  let text = "";
  for (const [name, address] of contents.aliveNodes) text += line({ kind: "alive", name, address });
  text += line({ kind: "clock", lTime: contents.clock });
  text += line({ kind: "event-clock", lTime: contents.eventClock });
  text += line({ kind: "query-clock", lTime: contents.queryClock });
  return encodeName(text);
}

function line(record: SnapshotRecord): string {
  return snapshotLine(record) ?? "";
}

/** The lines of a snapshot file (docs/protocol/serf.md, section 15). */
import { encodeName } from "../../../wire/names.ts";
import { LTIME_MAX, type LTime } from "./ltime.ts";

/** A member was seen alive. */
export interface AliveLine {
  readonly kind: "alive";
  readonly name: string;
  /** `IP:PORT`, IPv6 in brackets; taken as it is. */
  readonly address: string;
}

/** A member left or failed. */
export interface NotAliveLine {
  readonly kind: "not-alive";
  readonly name: string;
}

/** A clock has advanced. */
export interface ClockLine {
  readonly kind: "clock" | "event-clock" | "query-clock";
  readonly lTime: LTime;
}

/** The node itself began to leave. */
export interface LeaveLine {
  readonly kind: "leave";
}

export type SnapshotRecord = AliveLine | NotAliveLine | ClockLine | LeaveLine;

/** Why a line is no record: it can be ignored silently, or deserves a warning. */
export type SnapshotSkip = "ignored" | "unreadable";

const LEAVE_LINE: LeaveLine = Object.freeze({ kind: "leave" });

/** Parses a line, given without its newline. */
export function parseSnapshotLine(line: string): SnapshotRecord | SnapshotSkip {
  if (line === "leave") return LEAVE_LINE;
  if (line.startsWith("#")) return "ignored";
  const colon = line.indexOf(": ");
  const rest = line.slice(colon + 2);
  switch (line.slice(0, Math.max(colon, 0))) {
    case "alive":
      return parseAlive(rest);
    case "not-alive":
      return { kind: "not-alive", name: rest };
    case "clock":
      return parseClock("clock", rest);
    case "event-clock":
      return parseClock("event-clock", rest);
    case "query-clock":
      return parseClock("query-clock", rest);
    case "coordinate":
      return "ignored";
    default:
      return "unreadable";
  }
}

/**
 * Encodes a record as a line with its newline; null if that is impossible. Names are arbitrary bytes, and a name with a
 * newline would write lines of its own into the file; the caller leaves such a member out.
 */
export function encodeSnapshotLine(record: SnapshotRecord): Uint8Array | null {
  const line = snapshotLine(record);
  return line === null ? null : encodeName(line);
}

/** The same line as text; bytes that are not UTF-8 are escaped as in names. */
export function snapshotLine(record: SnapshotRecord): string | null {
  switch (record.kind) {
    case "alive":
      if (record.name.includes("\n") || /[ \n]/.test(record.address)) return null;
      return `alive: ${record.name} ${record.address}\n`;
    case "not-alive":
      return record.name.includes("\n") ? null : `not-alive: ${record.name}\n`;
    case "leave":
      return "leave\n";
    default:
      return `${record.kind}: ${record.lTime}\n`;
  }
}

/** Names may contain spaces, addresses don't. */
function parseAlive(rest: string): AliveLine | SnapshotSkip {
  const space = rest.lastIndexOf(" ");
  if (space < 0) return "unreadable";
  return { kind: "alive", name: rest.slice(0, space), address: rest.slice(space + 1) };
}

/** Clocks have 64 bits; times beyond `LTIME_MAX` are read as `LTIME_MAX`. */
function parseClock(kind: ClockLine["kind"], rest: string): ClockLine | SnapshotSkip {
  if (!/^[0-9]+$/.test(rest)) return "unreadable";
  const digits = rest.replace(/^0+(?=[0-9])/, "");
  const isTooLong = digits.length > U64_MAX_DIGITS.length;
  if (isTooLong || (digits.length === U64_MAX_DIGITS.length && digits > U64_MAX_DIGITS)) return "unreadable";
  return { kind, lTime: Math.min(Number(digits), LTIME_MAX) };
}

/** 2^64 − 1 */
const U64_MAX_DIGITS = "18446744073709551615";

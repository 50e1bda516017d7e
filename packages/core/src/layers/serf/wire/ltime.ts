import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";

/**
 * A time of one of Serf's three logical clocks (docs/protocol/serf.md, section 5): a whole number from 0 to `LTIME_MAX`.
 *
 * On the wire it has 64 bits. A clock that counts a million events a second needs 285 years to leave the 53 bits that a
 * number holds exactly, so later times only come from nodes that are broken or mean harm. They are read as `LTIME_MAX`,
 * which therefore means "then, or later": such a time is never written back as it came, one absurd time does not make
 * a whole state unreadable, and a clock that gets there stays there instead of starting again at zero.
 */
export type LTime = number;

/** The last time that is told apart from later ones: 2^53 − 1. */
export const LTIME_MAX: LTime = Number.MAX_SAFE_INTEGER;

/** Reads a time. What 53 bits don't hold is the last time; a negative number is refused, as by the reference. */
export function readLTime(reader: MsgpackReader): LTime {
  return Math.min(reader.uint(U64_MAX), LTIME_MAX);
}

/** 2^64, as which a number sees the largest integer of 64 bits. */
const U64_MAX = 0x1_0000_0000 * 0x1_0000_0000;

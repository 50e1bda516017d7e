import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";

/**
 * A time of one of Serf's three logical clocks (docs/protocol/serf.md, section 5): an integer from 0 to `LTIME_MAX`.
 *
 * The wire has 64 bits for it. A clock that counts a million events a second needs 285 years to exceed the 53 bits that
 * a number holds exactly, so later times only come from faulty or malicious nodes. They are read as `LTIME_MAX`, which
 * therefore means "this time or later". Thus such a time is never written back unchanged, one absurd time does not make
 * a whole state unreadable, and a clock at the limit stays there instead of restarting at zero.
 */
export type LTime = number;

/** The last time that can be distinguished from later ones: 2^53 − 1. */
export const LTIME_MAX: LTime = Number.MAX_SAFE_INTEGER;

/** Reads a time. Times beyond 53 bits become `LTIME_MAX`; a negative number is refused, as in the reference. */
export function readLTime(reader: MsgpackReader): LTime {
  return Math.min(reader.uint(U64_MAX), LTIME_MAX);
}

/** 2^64, the number nearest to the largest 64-bit integer. */
const U64_MAX = 0x1_0000_0000 * 0x1_0000_0000;

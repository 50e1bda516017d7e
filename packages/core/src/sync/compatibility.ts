import type { MemberTable } from "../membership/member-table.ts";
import { ALIVE_STATUS } from "../membership/status.ts";
import { type PushPullNode, STATE_ALIVE } from "../wire/messages.ts";

/**
 * The reference's check of a whole push/pull (docs/protocol/memberlist.md, 11.3): every member, of the view or of the
 * state, must speak a version that every alive member understands. One bad entry refuses the whole state.
 */
export function isWholeStateCompatible(entries: readonly PushPullNode[], table: MemberTable): boolean {
  const range = { pMin: 0, pMax: 255, dMin: 0, dMax: 255 };
  for (const entry of entries) if (entry.state === STATE_ALIVE && entry.vsn.length >= 5) fold(range, entry.vsn);
  for (let place = 0; place < table.groupEnd(ALIVE_STATUS); place++) {
    fold(range, table.record(table.at(place)).versions);
  }
  for (const entry of entries) if (!fits(range, entry.vsn)) return false;
  for (let place = 0; place < table.size; place++) {
    if (!fits(range, table.record(table.at(place)).versions)) return false;
  }
  return true;
}

interface VersionRange {
  pMin: number;
  pMax: number;
  dMin: number;
  dMax: number;
}

function fold(range: VersionRange, vsn: Uint8Array): void {
  const [pMin = 0, pMax = 0, , dMin = 0, dMax = 0] = vsn;
  range.pMin = Math.max(range.pMin, pMin);
  range.pMax = Math.min(range.pMax, pMax);
  range.dMin = Math.max(range.dMin, dMin);
  range.dMax = Math.min(range.dMax, dMax);
}

function fits(range: VersionRange, vsn: Uint8Array): boolean {
  const pCur = vsn.length >= 6 ? (vsn[2] ?? 0) : 0;
  const dCur = vsn.length >= 6 ? (vsn[5] ?? 0) : 0;
  return isBetween(pCur, range.pMin, range.pMax) && isBetween(dCur, range.dMin, range.dMax);
}

function isBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

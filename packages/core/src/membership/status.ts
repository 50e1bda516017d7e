import type { DetectedStatus } from "../call/events.ts";

/** A member's status in the table's columns. The numbers are those of push/pull (section 7.3). */
export type Status = 0 | 1 | 2 | 3;
export const ALIVE_STATUS = 0;
export const SUSPECT_STATUS = 1;
export const DEAD_STATUS = 2;
export const LEFT_STATUS = 3;

const NAMES: readonly DetectedStatus[] = ["alive", "suspect", "failed", "left"];

/** The status in words. */
export function statusName(status: Status): DetectedStatus {
  return NAMES[status] ?? "failed";
}

/** The column's form of a status in words. */
export function statusOfName(name: DetectedStatus): Status {
  return NAMES.indexOf(name) as Status;
}

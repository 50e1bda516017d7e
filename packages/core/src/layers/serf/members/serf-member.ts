import type { MemberStatus, MemberView } from "../../../call/events.ts";
import type { LTime } from "../wire/ltime.ts";
import { STATUS_ALIVE, STATUS_FAILED, STATUS_LEAVING, STATUS_LEFT } from "../wire/messages.ts";

/** What Serf holds a member to be. */
export type SerfStatus = typeof STATUS_ALIVE | typeof STATUS_LEAVING | typeof STATUS_LEFT | typeof STATUS_FAILED;

/** What Serf knows of a member besides what membership does. */
export interface SerfMember {
  readonly name: string;
  status: SerfStatus;
  /** Time of the last intent about it. */
  lTime: LTime;
  /** When it began to leave, left or failed, on the host's clock. */
  statusSince: number;
  /** To be forgotten as soon as it is gone. */
  isPruned: boolean;
  /** How it was when membership forgot it, which happens long before Serf does. */
  last: MemberView | null;
}

/** A member's status for the application, from Serf's and from what membership has found out. */
export function statusFor(status: SerfStatus, detected: MemberStatus): MemberStatus {
  switch (status) {
    case STATUS_ALIVE:
      return detected;
    case STATUS_LEAVING:
      return "leaving";
    case STATUS_LEFT:
      return "left";
    case STATUS_FAILED:
      return "failed";
  }
}

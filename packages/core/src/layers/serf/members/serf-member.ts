import type { MemberStatus, MemberView } from "../../../call/events.ts";
import type { LTime } from "../wire/ltime.ts";
import { STATUS_ALIVE, STATUS_FAILED, STATUS_LEAVING, STATUS_LEFT } from "../wire/messages.ts";

/** A member's status in Serf. */
export type SerfStatus = typeof STATUS_ALIVE | typeof STATUS_LEAVING | typeof STATUS_LEFT | typeof STATUS_FAILED;

/** What Serf knows of a member beyond membership's view. */
export interface SerfMember {
  readonly name: string;
  status: SerfStatus;
  /** Lamport time of the last intent about it. */
  lTime: LTime;
  /** When it began to leave, left or failed, on the host's clock. */
  statusSince: number;
  /** Whether to forget it as soon as it is gone. */
  isPruned: boolean;
  /** Its view when membership reaped it, which happens long before Serf forgets it. */
  last: MemberView | null;
}

/** A member's status for the application, from Serf's status and the one that membership detected. */
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

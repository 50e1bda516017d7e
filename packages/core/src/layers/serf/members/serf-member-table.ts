import type { MemberView } from "../../../call/events.ts";
import type { LayerHost } from "../../layer-host.ts";
import type { LTime } from "../wire/ltime.ts";
import { STATUS_ALIVE, STATUS_FAILED, STATUS_LEAVING, STATUS_LEFT } from "../wire/messages.ts";
import { type SerfMember, type SerfStatus, statusFor } from "./serf-member.ts";

/** Limit on the failed and left members remembered; beyond it, the one gone for longest is forgotten early. */
export const GONE_MEMBERS_MAX = 16_384;

/**
 * Serf's own list of members. It is longer than membership's, since failed and left members stay in it for a day
 * (docs/protocol/serf.md, section 6). When membership's view is full, this list takes no new members either.
 */
export class SerfMemberTable {
  readonly #host: Pick<LayerHost, "view">;
  readonly #members = new Map<string, SerfMember>();
  /** Failed and left members, in the order in which they went. */
  readonly #gone = new Set<SerfMember>();
  readonly #counts: Record<SerfStatus, number> = {
    [STATUS_ALIVE]: 0,
    [STATUS_LEAVING]: 0,
    [STATUS_LEFT]: 0,
    [STATUS_FAILED]: 0,
  };

  constructor(host: Pick<LayerHost, "view">) {
    this.#host = host;
  }

  get size(): number {
    return this.#members.size;
  }

  count(status: SerfStatus): number {
    return this.#counts[status];
  }

  get(name: string): SerfMember | undefined {
    return this.#members.get(name);
  }

  all(): Iterable<SerfMember> {
    return this.#members.values();
  }

  /** Failed and left members, longest gone first. */
  gone(): Iterable<SerfMember> {
    return this.#gone;
  }

  /** The member to forget if too many are gone; else null. */
  excess(): SerfMember | null {
    if (this.#gone.size > GONE_MEMBERS_MAX) for (const longest of this.#gone) return longest;
    return null;
  }

  add(name: string, status: SerfStatus, lTime: LTime): SerfMember {
    const member: SerfMember = { name, status, lTime, statusSince: 0, isPruned: false, last: null };
    this.#members.set(name, member);
    this.#counts[status]++;
    return member;
  }

  setStatus(member: SerfMember, status: SerfStatus): void {
    this.#counts[member.status]--;
    this.#counts[status]++;
    member.status = status;
    if (status === STATUS_LEFT || status === STATUS_FAILED) this.#gone.add(member);
    else this.#gone.delete(member);
  }

  remove(member: SerfMember): void {
    if (this.#members.delete(member.name)) this.#counts[member.status]--;
    this.#gone.delete(member);
  }

  /** A member as the application sees it; undefined if neither membership nor this list has a view of it. */
  view(member: SerfMember): MemberView | undefined {
    const view = this.#host.view(member.name) ?? member.last;
    return view === null ? undefined : withStatus(view, member.status);
  }
}

/** A view with the status that the application sees. */
export function withStatus(view: MemberView, status: SerfStatus): MemberView {
  const told = statusFor(status, view.status);
  return told === view.status ? view : { ...view, status: told };
}

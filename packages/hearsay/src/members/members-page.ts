import type { Member } from "./member.ts";

/** A page of members, ordered by name. */
export interface MembersPage {
  /** Number of members on all pages. */
  readonly total: number;
  /** The last name of this page if more members follow, else null. */
  readonly next: string | null;
  /** Created as they are read, so that a long page can be written in slices. */
  readonly members: Iterable<Member>;
}

import type { Member } from "./member.ts";

/** Some of the members, in the order of their names. */
export interface MembersPage {
  /** How many there are in all. */
  readonly total: number;
  /** The last name of this page if there are more after it, else null. */
  readonly next: string | null;
  /** Made as they are read, so that a long page can be made in slices. */
  readonly members: Iterable<Member>;
}

import type { RingMember } from "@hearsay/core/ring";
import { type Form, form, isRecord } from "../forms/form.ts";
import type { Member } from "../members/member.ts";

/**
 * Who may own keys: members whose tags have these values, one of several for each tag; or those for whom a function says so,
 * which must not look at anything but the member, or the nodes would disagree.
 */
export type RingWhere = Readonly<Record<string, string | readonly string[]>> | ((member: Member) => boolean);

/**
 * How many keys a member takes in comparison with others, 0.01 to 100, or 0 for none: the tag that says so, as a number in
 * text, or a function of the member alone.
 */
export type RingWeight = string | ((member: Member) => number);

/** Who may own keys. */
export const whereForm: Form<RingWhere> = form(
  { type: "function, or names and texts", bounds: "any" },
  "a function, or tags with a text or a list of texts each",
  (given) => (isWhere(given) ? given : undefined),
);

/** How many keys a member takes. */
export const weightForm: Form<RingWeight> = form(
  { type: "function, or text", bounds: "not empty" },
  "the name of a tag, or a function",
  (given) => (isWeight(given) ? given : undefined),
);

/** What a member weighs that doesn't say. */
const WEIGHT = 1;

/** Chooses the members of a ring out of those who are present. */
export class RingMembers {
  readonly #isIn: (member: Member) => boolean;
  readonly #weigh: (member: Member) => number;

  constructor(where: RingWhere | null, weight: RingWeight | null) {
    this.#isIn = predicate(where);
    this.#weigh = weigher(weight);
  }

  /** A member that is about to leave owns nothing any more, so that its keys move while it can still hand them over. */
  of(members: readonly Member[]): RingMember[] {
    return members
      .filter((member) => (member.status === "alive" || member.status === "suspect") && this.#isIn(member))
      .map((member) => ({ name: member.name, weight: sound(this.#weigh(member)) }));
  }
}

function predicate(where: RingWhere | null): (member: Member) => boolean {
  if (where === null) return () => true;
  if (typeof where === "function") return where;
  const wanted = Object.entries(where).map(([tag, values]) => [tag, [values].flat()] as const);
  return ({ tags }) => wanted.every(([tag, values]) => values.includes(tags[tag] ?? ""));
}

function weigher(weight: RingWeight | null): (member: Member) => number {
  if (weight === null) return () => WEIGHT;
  if (typeof weight === "function") return weight;
  return ({ tags }) => {
    const text = tags[weight];
    return text === undefined || text.trim() === "" ? WEIGHT : Number(text);
  };
}

function isWhere(given: unknown): given is RingWhere {
  return typeof given === "function" || (isRecord(given) && Object.values(given).every(isValues));
}

function isWeight(given: unknown): given is RingWeight {
  return typeof given === "function" || (typeof given === "string" && given !== "");
}

function isValues(value: unknown): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}

/** Any member may tell anything of its weight. */
function sound(weight: number): number {
  return Number.isFinite(weight) ? weight : WEIGHT;
}

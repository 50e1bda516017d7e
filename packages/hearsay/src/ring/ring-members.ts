import type { RingMember } from "@hearsay/core/ring";
import { type Form, form, isRecord } from "../forms/form.ts";
import type { Member } from "../members/member.ts";

/**
 * Which members may own keys: those whose tags have these values (one of several per tag), or those for which a
 * function returns true. The function must depend on the member only, or nodes would disagree.
 */
export type RingWhere = Readonly<Record<string, string | readonly string[]>> | ((member: Member) => boolean);

/**
 * A member's relative share of keys, 0.01 to 100, or 0 for none: the name of a tag whose value is a number in text, or
 * a function of the member alone.
 */
export type RingWeight = string | ((member: Member) => number);

/** Which members may own keys. */
export const whereForm: Form<RingWhere> = form(
  { type: "function, or names and texts", bounds: "any" },
  "a function, or tags with a text or a list of texts each",
  (given) => (isWhere(given) ? given : undefined),
);

/** A member's relative share of keys. */
export const weightForm: Form<RingWeight> = form(
  { type: "function, or text", bounds: "not empty" },
  "the name of a tag, or a function",
  (given) => (isWeight(given) ? given : undefined),
);

/** The weight of a member that announces none. */
const WEIGHT = 1;

/** Chooses the members of a ring from those that are present. */
export class RingMembers {
  readonly #isIn: (member: Member) => boolean;
  readonly #weigh: (member: Member) => number;

  constructor(where: RingWhere | null, weight: RingWeight | null) {
    this.#isIn = predicate(where);
    this.#weigh = weigher(weight);
  }

  /** A `leaving` member no longer owns keys, so that its keys move while it can still hand them over. */
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

/** Members may announce any weight. */
function sound(weight: number): number {
  return Number.isFinite(weight) ? weight : WEIGHT;
}

import { type Member, type MemberStatus, Re2Expression } from "hearsay";
import { TurnQueue } from "../base/turn-queue.ts";

/** Which members to list: those whom all parts match that are given. Expressions are RE2's, and are found anywhere. */
export interface SearchFilter {
  readonly name?: string;
  /** @defaultValue any, of members that are gone, too */
  readonly status?: readonly MemberStatus[];
  /** For each tag an expression; a member without the tag has the empty value. */
  readonly tags?: ReadonlyMap<string, string>;
}

/** Why a search is refused. */
export class SearchRefused extends Error {
  override readonly name = "SearchRefused";
  /** `invalid`: what should be an expression is none. `too-costly`: more work than a search may be. */
  readonly reason: "invalid" | "too-costly";

  constructor(reason: SearchRefused["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Every status that a member can have. */
export const EVERY_STATUS: readonly MemberStatus[] = ["alive", "suspect", "leaving", "failed", "left"];

/** Steps that one search may take (`Re2Expression`): a second or so. */
export const SEARCH_STEPS_MAX = 8_388_608;

/** The part of it that reading one expression may take, which can't be cut into slices. */
const PARSE_STEPS_MAX = 32_768;

/** Expressions of one search, all of which are kept until its end. */
const EXPRESSIONS_MAX = 64;

/** Steps done in one turn of the loop, whoever searches: one or two milliseconds. */
const SLICE_STEPS = 16_384;

/** Looking at a member, and what becomes of it in the hands of whoever asked, in steps. */
const MEMBER_STEPS = 64;

/** The members of some statuses, as they stand. */
type ListMembers = (statuses: readonly MemberStatus[]) => readonly Member[];

/** Finds members by expressions that nobody has looked at: a slice a turn, one search after the other. */
export class MemberSearch {
  readonly #members: ListMembers;
  readonly #turns = new TurnQueue(setImmediate, SLICE_STEPS);

  constructor(members: ListMembers) {
    this.#members = members;
  }

  /**
   * The members that a filter matches, as they stand when the search begins, in slices: one a turn at the most.
   *
   * @throws SearchRefused, or the signal's reason
   */
  async *find(filter: SearchFilter, signal: AbortSignal): AsyncGenerator<readonly Member[], void, undefined> {
    const work = new SearchWork();
    const matches = await this.#matcher(filter, work, signal);
    await this.#turn(work, signal);
    let found: Member[] = [];
    for (const member of this.#members(filter.status ?? EVERY_STATUS)) {
      if (work.isSliceDone) {
        if (found.length > 0) yield found;
        found = [];
        await this.#turn(work, signal);
      }
      work.spend(MEMBER_STEPS);
      if (matches(member)) found.push(member);
    }
    if (found.length > 0) yield found;
  }

  async #matcher(
    { name, tags = new Map() }: SearchFilter,
    work: SearchWork,
    signal: AbortSignal,
  ): Promise<(member: Member) => boolean> {
    if (tags.size > EXPRESSIONS_MAX) throw tooCostly(`more than ${EXPRESSIONS_MAX} expressions`);
    const isFound = (expression: Re2Expression, text: string): boolean => {
      work.spend(expression.searchSteps(text));
      return expression.isFoundIn(text);
    };
    const parse = async (text: string): Promise<Re2Expression> => {
      await this.#turn(work, signal);
      return parsed(text, work);
    };
    const byName = name === undefined ? null : await parse(name);
    const byTag: [tag: string, Re2Expression][] = [];
    for (const [tag, text] of tags) byTag.push([tag, await parse(text)]);
    return (member) =>
      byTag.every(([tag, expression]) => isFound(expression, member.tags[tag] ?? "")) &&
      (byName === null || isFound(byName, member.name));
  }

  /** Waits until this search may do a slice of work. */
  async #turn(work: SearchWork, signal: AbortSignal): Promise<void> {
    await this.#turns.next(SLICE_STEPS);
    signal.throwIfAborted();
    work.beginSlice();
  }
}

function parsed(text: string, work: SearchWork): Re2Expression {
  const steps = Re2Expression.parseSteps(text);
  if (steps > PARSE_STEPS_MAX) throw tooCostly("an expression that is too large");
  work.spend(steps);
  const expression = Re2Expression.parse(text);
  if (expression === null) throw new SearchRefused("invalid", `not an expression in RE2's syntax: ${text}`);
  return expression;
}

/** The work on one search, and on the slice that is being done. */
class SearchWork {
  #left = SEARCH_STEPS_MAX;
  #sliceLeft = 0;

  get isSliceDone(): boolean {
    return this.#sliceLeft <= 0;
  }

  beginSlice(): void {
    this.#sliceLeft = SLICE_STEPS;
  }

  /** @throws SearchRefused */
  spend(steps: number): void {
    if (steps > this.#left) throw tooCostly("more members, expressions and text than one search may go through");
    this.#left -= steps;
    this.#sliceLeft -= steps;
  }
}

function tooCostly(what: string): SearchRefused {
  return new SearchRefused("too-costly", `the search is too costly: ${what}`);
}

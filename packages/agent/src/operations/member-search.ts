import { type Member, type MemberStatus, Re2Expression } from "hearsay";
import { TurnQueue } from "../base/turn-queue.ts";

/** Which members to list: those that match all given parts. Expressions are RE2's and match anywhere in the text. */
export interface SearchFilter {
  readonly name?: string;
  /** @defaultValue any, of members that are gone, too */
  readonly status?: readonly MemberStatus[];
  /** An expression for each tag; a missing tag counts as the empty value. */
  readonly tags?: ReadonlyMap<string, string>;
}

/** Why a search is refused. */
export class SearchRefused extends Error {
  override readonly name = "SearchRefused";
  /** `invalid`: a text is no valid expression. `too-costly`: the search needs more work than the limit. */
  readonly reason: "invalid" | "too-costly";

  constructor(reason: SearchRefused["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Every status that a member can have. */
export const EVERY_STATUS: readonly MemberStatus[] = ["alive", "suspect", "leaving", "failed", "left"];

/** Steps that one search may take (`Re2Expression`): roughly a second. */
export const SEARCH_STEPS_MAX = 8_388_608;

/** The part of it that parsing one expression may take, which can't be cut into slices. */
const PARSE_STEPS_MAX = 32_768;

/** Expressions of one search; all are kept until its end. */
const EXPRESSIONS_MAX = 64;

/** Steps in one turn of the loop, for all searches: one or two milliseconds. */
const SLICE_STEPS = 16_384;

/** Cost of examining a member, and of the caller's work on it, in steps. */
const MEMBER_STEPS = 64;

/** The current members with these statuses. */
type ListMembers = (statuses: readonly MemberStatus[]) => readonly Member[];

/** Finds members by untrusted expressions, one slice a turn; concurrent searches alternate. */
export class MemberSearch {
  readonly #members: ListMembers;
  readonly #turns = new TurnQueue(setImmediate, SLICE_STEPS);

  constructor(members: ListMembers) {
    this.#members = members;
  }

  /**
   * The members that a filter matches, as of the start of the search, in slices: at most one a turn.
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

/** The work left for one search, and for its current slice. */
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

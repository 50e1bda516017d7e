/** Whom a query concerns (docs/protocol/serf.md, section 11.3). */
import { isFault } from "../../../wire/faults.ts";
import { nameLength } from "../../../wire/names.ts";
import type { SerfDecoder } from "./decode.ts";
import { NODE_FILTER, type TagFilter } from "./filters.ts";
import { EXPRESSION_BYTES_MAX } from "./limits.ts";
import type { Tags } from "./tags.ts";

/**
 * Asks whether work may be done, in units of what one state of an expression costs for one character: about 100 ns.
 * False: it must not be done.
 */
export type Spend = (work: number) => boolean;

/**
 * Regular expressions, which the host brings. Any member may send one, so its time must grow with the expression and
 * the text and no faster: JavaScript's own expressions, which backtrack, are no such thing.
 */
export interface RegExpMatcher {
  /**
   * Whether an expression in RE2's syntax is found anywhere in the text; false for one that is invalid, and once `spend`,
   * which is asked before each piece of work, has said no. A few bytes can stand for a large program: what it costs must
   * be estimated before it is built. It must not throw. Either text may hold lone surrogates, which stand for bytes that
   * are no UTF-8.
   */
  isFound(expression: string, text: string, spend: Spend): boolean;
}

/** The member that asks itself whether a query concerns it. */
export interface FilterSubject {
  readonly name: string;
  readonly tags: Tags;
}

/**
 * Whether all filters of a query match, as they are when there is none. `spend` bounds the work on expressions. What can't be decoded, is of an unknown type or
 * has an expression of more than `EXPRESSION_BYTES_MAX` bytes doesn't match.
 */
export function matchesFilters(
  filters: readonly Uint8Array[] | null,
  subject: FilterSubject,
  matcher: RegExpMatcher,
  decoder: SerfDecoder,
  spend: Spend,
): boolean {
  if (filters === null) return true;
  const isFound = (expression: string, text: string): boolean => matcher.isFound(expression, text, spend);
  return filters.every((bytes) => matches(decoder.filter(bytes), subject, isFound));
}

type IsFound = (expression: string, text: string) => boolean;

function matches(filter: ReturnType<SerfDecoder["filter"]>, subject: FilterSubject, isFound: IsFound): boolean {
  if (isFault(filter)) return false;
  return filter.type === NODE_FILTER ? filter.names.includes(subject.name) : matchesTag(filter, subject, isFound);
}

function matchesTag({ tag, expression }: TagFilter, subject: FilterSubject, isFound: IsFound): boolean {
  if (nameLength(expression) > EXPRESSION_BYTES_MAX) return false;
  return isFound(expression, subject.tags.get(tag) ?? "");
}

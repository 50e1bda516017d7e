/** Matches filters against a member (docs/protocol/serf.md, section 11.3). */
import { isFault } from "../../../wire/faults.ts";
import { nameLength } from "../../../wire/names.ts";
import type { SerfDecoder } from "./decode.ts";
import { NODE_FILTER, type TagFilter } from "./filters.ts";
import { EXPRESSION_BYTES_MAX } from "./limits.ts";
import type { Tags } from "./tags.ts";

/**
 * Requests permission for work, in units of the cost of one state of an expression for one character: about 100 ns. If
 * it returns false, the work must not be done.
 */
export type Spend = (work: number) => boolean;

/**
 * Regular expressions, implemented by the host. Any member may send one, so the time must grow at most in proportion to
 * the expression and the text. JavaScript's own expressions backtrack and don't meet this.
 */
export interface RegExpMatcher {
  /**
   * Whether an expression in RE2's syntax matches anywhere in the text; false if the expression is invalid or `spend`,
   * which is asked before each piece of work, has returned false. A few bytes can stand for a large program, so its
   * cost must be estimated before it is built. Must not throw. Either text may hold lone surrogates, which stand for
   * bytes that are not UTF-8.
   */
  isFound(expression: string, text: string, spend: Spend): boolean;
}

/** The member that a query's filters are matched against. */
export interface FilterSubject {
  readonly name: string;
  readonly tags: Tags;
}

/**
 * Whether all filters of a query match; true without filters. `spend` bounds the work on expressions. A filter doesn't
 * match if it can't be decoded, has an unknown type, or has an expression of more than `EXPRESSION_BYTES_MAX` bytes.
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

/** Whom a query concerns (docs/protocol/serf.md, section 11.3). */
import { isFault } from "../../wire/faults.ts";
import { nameLength } from "../../wire/names.ts";
import type { SerfDecoder } from "./decode.ts";
import { NODE_FILTER, type TagFilter } from "./filters.ts";
import { EXPRESSION_BYTES_MAX } from "./limits.ts";
import type { Tags } from "./tags.ts";

/**
 * Regular expressions, which the host brings. Any member may send one, so its time must grow with the expression and
 * the text and no faster: JavaScript's own expressions, which backtrack, are no such thing.
 */
export interface RegExpMatcher {
  /**
   * Whether an expression in RE2's syntax is found anywhere in the text; false for one that is invalid. It must not
   * throw. Either may hold lone surrogates, which stand for bytes that are no UTF-8.
   */
  isFound(expression: string, text: string): boolean;
}

/** The member that asks itself whether a query concerns it. */
export interface FilterSubject {
  readonly name: string;
  readonly tags: Tags;
}

/**
 * Whether all filters of a query match, as they are when there is none. What can't be decoded, is of an unknown type or
 * has an expression of more than `EXPRESSION_BYTES_MAX` bytes doesn't match.
 */
export function matchesFilters(
  filters: readonly Uint8Array[] | null,
  subject: FilterSubject,
  matcher: RegExpMatcher,
  decoder: SerfDecoder,
): boolean {
  return filters === null || filters.every((bytes) => matches(decoder.filter(bytes), subject, matcher));
}

function matches(filter: ReturnType<SerfDecoder["filter"]>, subject: FilterSubject, matcher: RegExpMatcher): boolean {
  if (isFault(filter)) return false;
  return filter.type === NODE_FILTER ? filter.names.includes(subject.name) : matchesTag(filter, subject, matcher);
}

function matchesTag({ tag, expression }: TagFilter, subject: FilterSubject, matcher: RegExpMatcher): boolean {
  if (nameLength(expression) > EXPRESSION_BYTES_MAX) return false;
  return matcher.isFound(expression, subject.tags.get(tag) ?? "");
}

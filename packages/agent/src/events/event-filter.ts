import { type AgentEvent, MEMBER_EVENT_TYPES, nameOf, typeOf } from "./agent-event.ts";

/** Which events a stream or a script wants: those of one type, and of one name unless that is empty. */
export interface EventFilter {
  /** `*` for all. */
  readonly type: string;
  readonly name: string;
}

const TYPES: readonly string[] = [...MEMBER_EVENT_TYPES, "user", "query", "*"];

/**
 * Reads a comma-separated list of filters, each an event type, `*`, `user:NAME` or `query:NAME`; an empty list matches
 * all events (docs/protocol/serf.md, section 21.1). Null if a type is unknown.
 */
export function parseFilters(text: string): readonly EventFilter[] | null {
  const filters = (text === "" ? "*" : text).split(",").map(parseFilter);
  return filters.every((filter) => TYPES.includes(filter.type)) ? filters : null;
}

function parseFilter(text: string): EventFilter {
  for (const type of ["user", "query"]) {
    if (text.startsWith(`${type}:`)) return { type, name: text.slice(type.length + 1) };
  }
  return { type: text, name: "" };
}

/** Whether an event matches a filter. */
export function wants({ type, name }: EventFilter, event: AgentEvent): boolean {
  return type === "*" || (type === typeOf(event) && (name === "" || name === nameOf(event)));
}

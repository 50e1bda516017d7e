import { type EventFilter, parseFilters } from "./event-filter.ts";

/** An event handler: which events run which script. */
export interface HandlerSpec {
  readonly filters: readonly EventFilter[];
  /** A command line for the shell. */
  readonly script: string;
}

/**
 * Reads `SCRIPT`, for all events, or `FILTER[,FILTER...]=SCRIPT` (docs/protocol/serf.md, section 21.1). Null if a
 * filter is invalid.
 */
export function parseHandler(specification: string): HandlerSpec | null {
  const at = specification.indexOf("=");
  const filters = parseFilters(at < 0 ? "*" : specification.slice(0, at));
  if (filters === null) return null;
  return { filters, script: at < 0 ? specification : specification.slice(at + 1) };
}

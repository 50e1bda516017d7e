import { nearestName } from "hearsay/options";

/** Where a name was looked for. */
export interface Known {
  /** What stands before every sibling. */
  readonly prefix: string;
  readonly siblings: readonly string[];
  /** Whole names, also of other places. */
  readonly all: readonly string[];
}

/**
 * The whole name that a mistyped or misplaced one means: a sibling in another style, the only name that ends in it, or
 * the nearest sibling. Null if there is none.
 */
export function meantName(name: string, { prefix, siblings, all }: Known): string | null {
  const wanted = plain(name);
  const same = siblings.find((one) => plain(one) === wanted);
  if (same !== undefined) return `${prefix}${same}`;
  const ending = all.filter((one) => endsInWord(one, wanted));
  if (ending.length === 1) return ending[0] ?? null;
  const nearest = nearestName(name, siblings);
  return nearest === null ? null : `${prefix}${nearest}`;
}

/** Whether the last words of a name are these. */
function endsInWord(name: string, wanted: string): boolean {
  const parts = name.split(/[._-]|(?=[A-Z])/).map(plain);
  return parts.some((_, i) => i > 0 && parts.slice(i).join("") === wanted);
}

function plain(name: string): string {
  return name.replaceAll(/[._-]/g, "").toLowerCase();
}

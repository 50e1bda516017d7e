/**
 * A length of time: a number of milliseconds, or text in Go's format such as `"5s"`, `"1m30s"`, `"500ms"` or `"200us"`.
 * Units are ns, us, ms, s, m and h; fractions are allowed, as in `"1.5s"`.
 */
export type Duration = number | string;

/** The form of a duration as text, in words. */
export const DURATION_TEXT_FORM = 'text such as "5s", "1m30s", "500ms"';

/** The allowed forms of a duration, in words. */
export const DURATION_FORM: string = `milliseconds, or ${DURATION_TEXT_FORM}`;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  // U+00B5 and U+03BC look alike; Go accepts both.
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PARTS = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const WHOLE = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;

/** Durations in documents: text only, since readers of a bare number differ on its unit. */
export const DURATION_SCHEMA = { type: "string", pattern: `^(0|${WHOLE.source.slice(1, -1)})$` };

/**
 * Parses a `Duration` to milliseconds, also for an application's own settings; null if it isn't one. Negative values
 * and text without a unit, except "0", are refused.
 */
export function parseDuration(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null;
  if (typeof value !== "string") return null;
  if (value === "0") return 0;
  // The limit on the length keeps hostile text cheap.
  if (value.length > 100 || !WHOLE.test(value)) return null;
  let ms = 0;
  for (const [, amount, unit] of value.matchAll(PARTS)) ms += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return Number.isFinite(ms) ? ms : null;
}

/** The longest delay of a Node timer; longer ones would fire at once. */
export const TIMER_MS_MAX = 0x7fff_ffff;

/** The shortest text for a duration of whole milliseconds: 90000 is `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
  const parts: string[] = [];
  let rest = ms;
  for (const unit of ["h", "m", "s", "ms"]) {
    const size = UNIT_MS[unit] ?? 1;
    const amount = unit === "ms" ? rest : Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount}${unit}`);
  }
  return parts.join("");
}

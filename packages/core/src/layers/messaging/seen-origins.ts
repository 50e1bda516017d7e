import { SEEN_ORIGIN_MS_MIN, SEEN_ORIGINS_MAX } from "./limits.ts";
import { type Hearing, SeenWindow } from "./seen-window.ts";

/** Precision of the order by silence. Moving an origin to the end for each of its messages would cost more. */
const ORDER_MS = 1000;

interface Origin {
  readonly window: SeenWindow;
  heardAtMs: number;
}

/** Which messages of a bounded number of origins have been heard (docs/protocol/hearsay.md, section 6). */
export class SeenOrigins {
  /** By boot ID and name; the origin that has been silent for longest comes first. */
  readonly #origins = new Map<string, Origin>();
  /** Origins dropped to make room for others. */
  forgotten = 0;

  get size(): number {
    return this.#origins.size;
  }

  /** Marks a message and tells whether it was heard before. `full`: its origin is new and there is no room for it. */
  note(name: string, bootId: Uint8Array, sequence: number, nowMs: number): Hearing | "full" {
    const key = bootKey(bootId) + name;
    const origin = this.#origins.get(key);
    if (origin !== undefined) {
      if (isPast(origin.heardAtMs, ORDER_MS, nowMs)) {
        origin.heardAtMs = nowMs;
        this.#origins.delete(key);
        this.#origins.set(key, origin);
      }
      return origin.window.note(sequence);
    }
    if (this.#origins.size >= SEEN_ORIGINS_MAX && !this.#forgetOne(nowMs)) return "full";
    const window = new SeenWindow();
    this.#origins.set(key, { window, heardAtMs: nowMs });
    return window.note(sequence);
  }

  #forgetOne(nowMs: number): boolean {
    for (const [key, { heardAtMs }] of this.#origins) {
      if (!isPast(heardAtMs, SEEN_ORIGIN_MS_MIN + ORDER_MS, nowMs)) return false;
      this.#origins.delete(key);
      this.forgotten++;
      return true;
    }
    return false;
  }
}

/** Whether this much time has passed; also true if the clock was set back. */
function isPast(sinceMs: number, spanMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= spanMs;
}

/** Encodes eight bytes as four characters: a prefix of fixed length, so that no name can imitate another key. */
export function bootKey(bootId: Uint8Array): string {
  const unit = (at: number): number => ((bootId[at] ?? 0) << 8) | (bootId[at + 1] ?? 0);
  return String.fromCharCode(unit(0), unit(2), unit(4), unit(6));
}

import { setTimeout as delay } from "node:timers/promises";

/** Returns what is still missing, or null once nothing is. */
export type Missing = () => Promise<string | null> | string | null;

const LOOK_AGAIN_MS = 50;

/**
 * Waits until nothing is missing.
 *
 * @throws Error after `limitMs`, with what was missing at the last check.
 */
export async function until(what: string, missing: Missing, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const gap = await missing();
    if (gap === null) return;
    if (performance.now() >= deadline) throw new Error(`${what}: not within ${limitMs} ms: ${gap}`);
    await delay(LOOK_AGAIN_MS);
  }
}

/** Fails the case unless `isTrue`. */
export function expect(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new Error(otherwise);
}

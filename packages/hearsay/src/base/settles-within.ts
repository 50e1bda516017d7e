import { type Clock, systemClock } from "./clock.ts";

/** Whether a promise is fulfilled within a time limit. Rejects if it rejects within it; a later outcome is ignored. */
export async function settlesWithin(
  work: Promise<unknown>,
  limitMs: number,
  clock: Pick<Clock, "after"> = systemClock,
): Promise<boolean> {
  let cancelTimer = (): void => {};
  const isLate = new Promise<false>((resolve) => {
    cancelTimer = clock.after(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), isLate]);
  } finally {
    cancelTimer();
  }
}

import { configError } from "./errors.ts";

/** The length of a reader's queue, if it can be one. @throws HearsayError `ERR_CONFIG` */
export function checkedQueueMax(queueMax: number): number {
  if (Number.isSafeInteger(queueMax) && queueMax >= 1) return queueMax;
  throw configError([{ key: "queueMax", value: queueMax, allowed: "a whole number from 1" }]);
}

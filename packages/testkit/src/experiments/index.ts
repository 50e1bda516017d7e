import { crashDetection } from "./crash-detection.ts";
import { dissemination } from "./dissemination.ts";
import type { Experiment } from "./finding.ts";
import { firstDetection, firstPing } from "./first-detection.ts";
import { messageLoad } from "./message-load.ts";
import { probeFailures } from "./probe-failures.ts";
import { residualMisses } from "./residual-misses.ts";
import { storm } from "./storm.ts";
import { vivaldi } from "./vivaldi.ts";

/** The papers' experiments that run here, in the order of the table. */
export const EXPERIMENTS: readonly Experiment[] = [
  firstDetection,
  firstPing,
  messageLoad,
  probeFailures,
  dissemination,
  residualMisses,
  crashDetection,
  vivaldi,
  storm,
];

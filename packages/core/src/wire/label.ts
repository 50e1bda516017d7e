import { sameSlice } from "../base/bytes.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import type { WireOptions } from "./options.ts";

/**
 * Checks the label of input, from `start` to `end` in `bytes`; an empty range means input without a label header
 * (docs/protocol/memberlist.md, section 9). Returns the fault, or null.
 */
export function labelFault(options: WireOptions, bytes: Uint8Array, start: number, end: number): WireFault | null {
  const isOurs = sameSlice(options.label, bytes, start, end);
  if (options.skipInboundLabelCheck) {
    if (start === end) return null;
    return isOurs ? FAULTS.doubleLabel : FAULTS.labelMismatch;
  }
  return isOurs ? null : FAULTS.labelMismatch;
}

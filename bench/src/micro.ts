import { codecCosts } from "./codec-costs.ts";
import { coreCosts } from "./core-costs.ts";
import { goCosts } from "./go-costs.ts";
import { FULL, kept, QUICK } from "./meter.ts";
import type { Row } from "./rows.ts";

/** Time and garbage of single operations, beside the same in Go where there is a toolchain. */
export async function micro(quick: boolean): Promise<Row[]> {
  const effort = quick ? QUICK : FULL;
  const go = await goCosts(effort);
  const rows = [...codecCosts(effort, go), ...coreCosts(effort, go)];
  if (!kept()) throw new Error("an operation failed");
  return rows;
}

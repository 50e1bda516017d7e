import { codecCosts } from "../codec-costs.ts";
import { coreCosts } from "../core-costs.ts";
import { tell } from "../figures.ts";
import { kept, Meter } from "../meter.ts";

/**
 * The time of single operations, or with `garbage` the bytes that they leave behind. These are counted in a process whose
 * young generation is so large that nothing is collected while they are counted; their number does not depend on it.
 */
const meter = new Meter(process.argv[2] === "garbage" ? "garbage" : "time");
const figures = [...codecCosts(meter), ...coreCosts(meter)];
if (!kept()) throw new Error("an operation failed");
tell(figures);

import { codecCosts } from "../codec-costs.ts";
import { coreCosts } from "../core-costs.ts";
import { tell } from "../figures.ts";
import { kept, Meter } from "../meter.ts";

/**
 * The time of single operations, or with `garbage` the bytes that they leave behind. The bytes are counted in a process
 * with a young generation so large that nothing is collected meanwhile; its size doesn't affect their number.
 */
const meter = new Meter(process.argv[2] === "garbage" ? "garbage" : "time");
const figures = [...codecCosts(meter), ...coreCosts(meter)];
if (!kept()) throw new Error("an operation failed");
tell(figures);

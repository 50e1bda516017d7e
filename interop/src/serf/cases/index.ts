import type { SerfCase } from "../serf-run.ts";
import { coordinates } from "./coordinates.ts";
import { crash, leave, refutation } from "./departures.ts";
import { events } from "./events.ts";
import { extensions } from "./extensions.ts";
import { keys } from "./keys.ts";
import { partition } from "./partition.ts";
import { queries } from "./queries.ts";
import { snapshots } from "./snapshots.ts";
import { tags } from "./tags.ts";

/** Every case, in the order of the table of results. */
export const SERF_CASES: readonly SerfCase[] = [
  tags,
  events,
  queries,
  extensions,
  keys,
  coordinates,
  leave,
  crash,
  refutation,
  snapshots,
  partition,
];

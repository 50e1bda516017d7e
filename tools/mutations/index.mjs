import { DETECTOR } from "./detector.mjs";
import { DISSEMINATION } from "./dissemination.mjs";
import { MEMBERSHIP } from "./membership.mjs";
import { MESSAGING } from "./messaging.mjs";
import { SERF } from "./serf.mjs";
import { SYNC } from "./sync.mjs";
import { WIRE } from "./wire.mjs";

/**
 * A rule that `npm run mutants` takes away: in `file`, `replace` takes the place of `find`, and one of `tests` has to fail.
 *
 * @typedef {{ name: string, file: string, find: string, replace: string, tests: readonly string[] }} Mutation
 */

/** @type {readonly Mutation[]} */
export const MUTATIONS = [...MEMBERSHIP, ...DETECTOR, ...DISSEMINATION, ...SYNC, ...SERF, ...MESSAGING, ...WIRE];

/**
 * `hearsay/options`: the table of the library's options, and what tables of further options are made of. Programs that
 * read options from files, the environment or a command line check them with it, and document them from it.
 */
export { DURATION_FORM, DURATION_TEXT_FORM, type Duration, formatDuration, parseDuration } from "../base/durations.ts";
export type { OptionFault } from "../base/errors.ts";
export { type HostPort, parseHostPort } from "../discovery/targets.ts";
export { type Check, type Form, form, HIDDEN, hidden, type JsonSchema, type Row, type Table } from "../forms/form.ts";
export { nearestName } from "../forms/nearest.ts";
export { choice, duration, flag, integer, oneOrMore, word, words } from "../forms/plain-forms.ts";
export {
  type OptionRow,
  option,
  optional,
  parts,
  type Rows,
  readRows,
  tableSchema,
  type ValuesOf,
} from "../forms/rows.ts";
export { settingName } from "./setting-rows.ts";
export { CLUSTER_OPTIONS, checkOptions } from "./table.ts";

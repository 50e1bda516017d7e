import { configError, type OptionFault } from "../base/errors.ts";
import type { Table } from "./form.ts";
import { readRows, type ValuesOf } from "./rows.ts";

/**
 * Checks the options of a call and fills in the defaults. `faults` are the faults of its arguments, which are reported
 * together with those of the options. `call` is its name in the message.
 *
 * @throws HearsayError `ERR_CONFIG`
 */
export function readCallOptions<Of extends Table>(
  call: string,
  rows: Of,
  options: unknown,
  faults: OptionFault[] = [],
): ValuesOf<Of> {
  const values = readRows(rows, options === undefined ? {} : options, faults);
  if (faults.length > 0) throw configError(faults, call);
  return values;
}

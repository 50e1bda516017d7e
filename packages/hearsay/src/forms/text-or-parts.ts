import type { OptionFault } from "../base/errors.ts";
import type { Check, Form } from "./form.ts";
import { group, type Rows } from "./rows.ts";

/** A form for one text, or an object with the parts. */
export function textOrParts<Options, Values extends Record<keyof Options, unknown>>(
  rows: Rows<Options, Values>,
  about: Pick<Check<Values>, "type" | "bounds">,
  readText: (text: string, key: string, faults: OptionFault[]) => Values | undefined,
): Form<string | Options, Values> {
  const parts = group(rows);
  return {
    ...about,
    parts: parts.parts,
    schema: { anyOf: [{ type: "string" }, parts.schema ?? {}] },
    read: (given, key, faults) =>
      typeof given === "string" ? readText(given, key, faults) : parts.read(given, key, faults),
  };
}

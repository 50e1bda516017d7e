import type { Form } from "../forms/form.ts";
import { flag, path } from "../forms/plain-forms.ts";
import { option, type Rows, required } from "../forms/rows.ts";
import { textOrParts } from "../forms/text-or-parts.ts";
import type { SnapshotOptions } from "./cluster-options.ts";

const ALLOWED = "the path of a file or folder";

const PARTS: Rows<SnapshotOptions, { readonly path: string | null; readonly rejoinAfterLeave: boolean }> = {
  path: required(path("a file, or a folder, in which it is local.snapshot", ALLOWED), [
    "The file is created if it doesn't exist.",
  ]),
  rejoinAfterLeave: option(flag, false, [
    "Whether to rejoin after a leave, too. Otherwise, a node that left forgets the members in the file.",
  ]),
};

const parts = textOrParts(PARTS, { type: "path, or the parts", bounds: "see its parts" }, (text, key, faults) => {
  if (text !== "") return { path: text, rejoinAfterLeave: false };
  faults.push({ key, value: text, allowed: ALLOWED });
  return undefined;
});

/** Where to remember the others: a path, or the parts. */
export const snapshotForm: Form<string | SnapshotOptions, Required<SnapshotOptions>> = {
  ...parts,
  // An undefined path must not silently become "no file".
  readsUndefined: true,
  read: (given, key, faults) => {
    if (given === undefined) {
      faults.push({ key, value: given, allowed: ALLOWED });
      return undefined;
    }
    const wanted = parts.read(given, key, faults);
    // A missing path has been reported already.
    return wanted === undefined || wanted.path === null ? undefined : { ...wanted, path: wanted.path };
  },
};

import { META_BYTES_MAX } from "@hearsay/core/wire";
import { type Form, form, HIDDEN } from "../forms/form.ts";
import { TEXTS } from "../forms/plain-forms.ts";
import { type MemberTags, TAGS_BYTES_MAX, tagsFault } from "../members/member-tags.ts";
import { metaBytes } from "./meta.ts";

const PREFIX = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Tags. Their encoded length depends on the flavour and is checked later. */
export const tagsForm: Form<MemberTags> = {
  type: "names and texts",
  bounds: `${TAGS_BYTES_MAX} bytes, encoded; no name that begins with _hs`,
  schema: TEXTS,
  read: (given, key, faults) => {
    const fault = tagsFault(given);
    if (fault === null && isTags(given)) return { ...given };
    faults.push({ key, value: HIDDEN, allowed: fault ?? "an object of texts" });
    return undefined;
  },
};

/** Metadata as a copy of the bytes; text becomes UTF-8. */
export const metaForm: Form<Uint8Array | string, Uint8Array> = {
  type: "text or bytes",
  bounds: `up to ${META_BYTES_MAX} bytes`,
  schema: { type: "string" },
  read: (given, key, faults) => {
    const bytes = metaBytes(given);
    if (bytes === null) {
      faults.push({ key, value: given, allowed: `text or a Uint8Array of up to ${META_BYTES_MAX} bytes` });
    } else if (bytes.length <= META_BYTES_MAX) return bytes;
    else faults.push({ key, value: `${bytes.length} bytes`, allowed: `up to ${META_BYTES_MAX} bytes` });
    return undefined;
  },
};

/** The first part of metric names. */
export const prefixForm: Form<string> = form(
  { type: "text", bounds: "letters, digits and _", schema: { type: "string", pattern: PREFIX.source } },
  "up to 64 letters, digits and _, not with a digit first",
  (given) => (typeof given === "string" && PREFIX.test(given) ? given : undefined),
);

function isTags(given: unknown): given is MemberTags {
  return typeof given === "object" && given !== null;
}

import { KEYS_MAX } from "@hearsay/core/wire";
import type { OptionFault } from "../base/errors.ts";
import { KEY_FORM, type KeyInput, readKey } from "../crypto/keys.ts";
import { type Form, HIDDEN, hidden, isRecord } from "../forms/form.ts";
import { flag, path } from "../forms/plain-forms.ts";
import { defaultsOf, group, option, optional, type Rows } from "../forms/rows.ts";
import type { EncryptionOptions } from "./cluster-options.ts";

/** The options of encryption, checked. */
export interface ParsedEncryption {
  /** Primary first, without duplicates. Null if all keys come from `keyFile`. */
  readonly keys: readonly Uint8Array[] | null;
  readonly keyFile: string | null;
  readonly verifyIncoming: boolean;
  readonly verifyOutgoing: boolean;
}

const KEYS_FORM = `a list with at least one key: ${KEY_FORM}`;

/** Values of these options are never shown, since they may hold a key. */
const keyFile: Form<string> = hidden(path("a file that this process can replace", "the path of a file"));

const keys: Form<readonly KeyInput[], readonly Uint8Array[]> = {
  type: "list of keys",
  bounds: "base64 or bytes, of 16, 24 or 32 bytes each",
  schema: { type: "array", items: { type: "string" }, minItems: 1 },
  isSecret: true,
  readsUndefined: true,
  read: (given, key, faults) => {
    if (Array.isArray(given) && given.length > 0) return readKeys(given, key, faults);
    faults.push({ key, value: given === undefined ? undefined : HIDDEN, allowed: KEYS_FORM });
    return undefined;
  },
};

const PARTS: Rows<EncryptionOptions, ParsedEncryption> = {
  keys: optional(keys, [
    "The first key encrypts; all keys decrypt. 32 bytes give AES-256. A missing list without a `keyFile`, an empty",
    'list, or an undefined element is refused and never means "off".',
  ]),
  keyFile: optional(keyFile, [
    "A JSON list of keys. If the file exists, its keys are used instead of `keys`, so that a rotation survives a",
    "restart; else the file is created with `keys`.",
  ]),
  verifyIncoming: option(flag, true, [
    "False also accepts unencrypted messages: the first step of switching a running cluster to encryption.",
  ]),
  verifyOutgoing: option(flag, true, [
    "False sends messages unencrypted: the first step of switching a running cluster to encryption.",
  ]),
};

const parts = group(PARTS);

/** The parts without encryption. */
export const NO_ENCRYPTION: ParsedEncryption = defaultsOf(PARTS);

/** Reads `"off"` or the parts. Anything else is a fault, never "no encryption". */
export const encryptionForm: Form<EncryptionOptions | "off", ParsedEncryption | "off"> = {
  type: '"off", or the parts',
  bounds: parts.bounds,
  parts: parts.parts,
  schema: { anyOf: [{ const: "off" }, parts.schema ?? {}] },
  readsUndefined: true,
  read: (given, key, faults) => {
    if (given === "off") return given;
    if (!isRecord(given)) {
      const allowed = '{ keys: […] } or { keyFile: … }, or "off"; undefined is not taken for "off"';
      faults.push({ key, value: given === undefined || given === null ? given : HIDDEN, allowed });
      return undefined;
    }
    const wanted = parts.read(given, key, faults);
    const hasSource = wanted?.keyFile !== null || Object.hasOwn(given, "keys");
    if (!hasSource) faults.push({ key: `${key}.keys`, value: undefined, allowed: KEYS_FORM });
    return wanted;
  },
};

function readKeys(given: readonly unknown[], key: string, faults: OptionFault[]): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  // By index, since `forEach` skips holes in a list: a hole is a missing key.
  for (let index = 0; index < given.length; index++) {
    const bytes = readKey(given[index]);
    if (typeof bytes === "string") {
      faults.push({ key: `${key}[${index}]`, value: HIDDEN, allowed: `${KEY_FORM}; ${bytes}` });
    } else if (!found.some((known) => Buffer.compare(known, bytes) === 0)) found.push(bytes);
  }
  if (found.length > KEYS_MAX) {
    faults.push({ key, value: HIDDEN, allowed: `at most ${KEYS_MAX} keys, not ${found.length}` });
  }
  return found;
}

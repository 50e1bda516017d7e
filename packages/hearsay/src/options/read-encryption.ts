import { KEYS_MAX } from "@hearsay/core/wire";
import { KEY_FORM, readKey } from "../crypto/keys.ts";
import { HIDDEN, isRecord, type OptionReader } from "./reader.ts";

/** Encryption that is wanted. */
export interface ParsedEncryption {
  /** Primary first, without duplicates. Empty only if the keys are all to come from `keyFile`. */
  readonly keys: readonly Uint8Array[];
  readonly keyFile: string | null;
  readonly verifyIncoming: boolean;
  readonly verifyOutgoing: boolean;
}

/** `"off"` if that is what it says, null if nothing is said. In doubt it is a fault: never "no encryption". */
export function readEncryption(reader: OptionReader): ParsedEncryption | "off" | null {
  if (!reader.has("encryption")) return null;
  const value = reader.value("encryption");
  if (value === "off") return "off";
  if (!isRecord(value)) {
    const allowed = '{ keys: […] } or { keyFile: … }, or "off"; undefined is not taken for "off"';
    reader.fault("encryption", value === undefined || value === null ? value : HIDDEN, allowed);
    return null;
  }
  reader.group("encryption");
  const keyFile = readPath(reader);
  return {
    keys: readKeyList(reader, keyFile !== null),
    keyFile,
    verifyIncoming: reader.boolean("encryption.verifyIncoming"),
    verifyOutgoing: reader.boolean("encryption.verifyOutgoing"),
  };
}

function readKeyList(reader: OptionReader, hasFile: boolean): readonly Uint8Array[] {
  const name = "encryption.keys";
  if (hasFile && !reader.has(name)) return [];
  const value = reader.value(name);
  if (!Array.isArray(value) || value.length === 0) {
    const allowed = `a list with at least one key: ${KEY_FORM}`;
    reader.fault(name, value === undefined ? undefined : HIDDEN, allowed);
    return [];
  }
  const keys: Uint8Array[] = [];
  // By index, since `entries` of a list with holes and `forEach` don't agree on them: a hole is a missing key.
  for (let index = 0; index < value.length; index++) {
    const key = readKey(value[index]);
    if (typeof key === "string") reader.fault(`${name}[${index}]`, HIDDEN, `${KEY_FORM}; ${key}`);
    else if (!keys.some((known) => Buffer.compare(known, key) === 0)) keys.push(key);
  }
  if (keys.length > KEYS_MAX) reader.fault(name, HIDDEN, `at most ${KEYS_MAX} keys, not ${keys.length}`);
  return keys;
}

function readPath(reader: OptionReader): string | null {
  const value = reader.value("encryption.keyFile");
  if (typeof value === "string" && value !== "") return value;
  // A path that came out undefined must not silently become "no file".
  if (reader.has("encryption.keyFile")) reader.fault("encryption.keyFile", HIDDEN, "the path of a file");
  return null;
}

import { parseHostPort } from "hearsay/options";
import { CONFIG_KEYS, type ConfigKey, valueOfText } from "../schema/keys.ts";
import type { SourceReader } from "../sources/given.ts";
import type { Origin } from "../sources/origin.ts";
import type { SpelledName } from "./spelling.ts";

/** Keys that `host:port` stands for as a whole. */
const ENDPOINTS = ["bind", "advertise"];

/** Adds a value of a key. `host:port` is added as its parts, so that another source may give the other one. */
export function addValue(source: SourceReader, key: ConfigKey, value: unknown, origin: Origin): void {
  const { path, row } = key;
  if (row.form.type === "duration" && typeof value === "number" && value !== 0) {
    return source.refuse(
      origin,
      value,
      `has no unit: write ${JSON.stringify(`${value}ms`)} or ${JSON.stringify(`${value}s`)}`,
    );
  }
  if (!ENDPOINTS.includes(path) || typeof value !== "string") return source.add({ key: path, value, origin });
  const [one, other] = [parseHostPort(value, 1), parseHostPort(value, 2)];
  // The check says what is wrong with it.
  if (typeof one === "string" || typeof other === "string") return source.add({ key: path, value, origin });
  source.add({ key: `${path}.host`, value: one.host, origin });
  if (one.port === other.port) source.add({ key: `${path}.port`, value: one.port, origin });
}

/** A key of the schema. @throws TypeError if there is none, which is a fault of a table here */
export function keyOf(path: string): ConfigKey {
  const key = CONFIG_KEYS.get(path);
  if (key === undefined) throw new TypeError(`there is no key ${path}`);
  return key;
}

/** Another name for one key. */
export function nameFor(path: string): SpelledName {
  const key = keyOf(path);
  return {
    stands: path,
    schema: key.row.form.schema ?? {},
    ofText: (text) => valueOfText(text, key),
    read: (value, origin, source) => addValue(source, key, value, origin),
  };
}

/** Another name for the only element of a list. */
export function nameForOnly(path: string): SpelledName {
  const key = keyOf(path);
  return {
    stands: path,
    schema: { type: "string" },
    ofText: (text) => text,
    read: (value, origin, source) => addValue(source, key, [value], origin),
  };
}

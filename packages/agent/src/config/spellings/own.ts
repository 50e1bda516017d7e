import { parseHostPort } from "hearsay/options";
import { type ConfigKey, keyOf, valueOfText } from "../schema/keys.ts";
import type { SourceReader } from "../sources/given.ts";
import type { Origin } from "../sources/origin.ts";
import type { SpelledName } from "./spelling.ts";

/** Keys that `host:port` stands for as a whole. */
const ENDPOINTS = ["bind", "advertise"];

/** Stands for a port that is not written: port 0 may be. */
const NO_PORT = -1;

/** Keys whose whole text is one of their parts. */
const WHOLES: Readonly<Record<string, string>> = { snapshot: "snapshot.path" };

/** Adds a value of a key. A text that stands for parts is added as these, so that another source may give the others. */
export function addValue(source: SourceReader, key: ConfigKey, value: unknown, origin: Origin): void {
  const { path, row } = key;
  if (row.form.type === "duration" && typeof value === "number" && Number.isFinite(value) && value !== 0) {
    const [ms, s] = [`${value}ms`, `${value}s`];
    return source.refuse(origin, value, `has no unit: write ${JSON.stringify(ms)} or ${JSON.stringify(s)}`);
  }
  if (ENDPOINTS.includes(path)) return addEndpoint(source, path, value, origin);
  source.add({ key: typeof value === "string" ? (WHOLES[path] ?? path) : path, value, origin });
}

function addEndpoint(source: SourceReader, path: string, value: unknown, origin: Origin): void {
  const endpoint = typeof value === "string" ? parseHostPort(value, NO_PORT) : "it is no text";
  if (typeof endpoint === "string") return source.refuse(origin, value, `is not allowed: host:port; ${endpoint}`);
  source.add({ key: `${path}.host`, value: endpoint.host, origin });
  if (endpoint.port !== NO_PORT) source.add({ key: `${path}.port`, value: endpoint.port, origin });
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

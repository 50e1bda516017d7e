import { readFileSync, statSync } from "node:fs";
import { messageOf } from "../../base/message-of.ts";
import { FILE_BYTES_MAX, type FileSource, readYaml } from "./yaml-file.ts";

/** Reads a file. One that can't be read, or is too large, is a fault. */
export function readConfigFile(path: string): FileSource {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) return unread(path, `has ${size} bytes; a configuration has ${FILE_BYTES_MAX} at most`);
    return readYaml(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)), path);
  } catch (error) {
    return unread(path, `can't be read: ${messageOf(error)}`);
  }
}

function unread(path: string, problem: string): FileSource {
  const origin = { kind: "file", path, key: "", line: 1, column: 1 } as const;
  return { given: [], faults: [{ origin, value: null, problem }], roots: [] };
}

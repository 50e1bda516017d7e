import { readFileSync, statSync } from "node:fs";
import { messageOf } from "../../base/message-of.ts";
import { ConfigError } from "../config-error.ts";
import { type FileSource, readYaml } from "./yaml-file.ts";

/** Longest file. A configuration is far shorter. */
const FILE_BYTES_MAX = 1_048_576;

/** Reads a file. One that can't be read, or is too large, is a fault. */
export function readConfigFile(path: string): FileSource {
  try {
    return readYaml(readConfigText(path), path);
  } catch (error) {
    const origin = { kind: "file", path, key: "", line: 1, column: 1 } as const;
    return { given: [], faults: [{ origin, value: null, problem: messageOf(error) }], roots: [] };
  }
}

/** The text of a file in UTF-8. @throws ConfigError */
export function readConfigText(path: string): string {
  try {
    // A pipe has no size before it has been read.
    const { size } = statSync(path);
    const bytes = size > FILE_BYTES_MAX ? null : readFileSync(path);
    const bytesFound = bytes?.length ?? size;
    if (bytes !== null && bytesFound <= FILE_BYTES_MAX) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    throw new Error(`it has ${bytesFound} bytes, and a configuration has ${FILE_BYTES_MAX} at most`);
  } catch (error) {
    throw new ConfigError(`can't be read: ${messageOf(error)}`);
  }
}

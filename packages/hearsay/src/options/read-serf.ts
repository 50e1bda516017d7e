import { SERF_SETTINGS, type SerfConfig } from "@hearsay/core/serf";
import { DURATION_FORM, formatDuration, parseDuration } from "../base/durations.ts";
import { EXTENSIONS, type MemberTags, TAGS_BYTES_MAX, tagsFault, tagsToMeta } from "../members/member-tags.ts";
import type { Flavour } from "./cluster-options.ts";
import { isRecord, type OptionReader } from "./reader.ts";
import { serfOptionName } from "./table.ts";

/** Where to remember the others. */
export interface ParsedSnapshot {
  readonly path: string;
  readonly rejoinAfterLeave: boolean;
}

/** What a node in a pool that speaks Serf is made of. */
export interface ParsedSerf {
  readonly tags: MemberTags;
  /** What this node understands beyond Serf, as its reserved tag says it. */
  readonly capabilities: number;
  readonly config: Partial<SerfConfig>;
  readonly snapshot: ParsedSnapshot | null;
}

/** Options that only pools have that speak Serf. */
const SERF_ONLY = ["tags", "snapshot", "serf"];

/** Null in the flavour `memberlist`. */
export function readSerf(reader: OptionReader, flavour: Flavour): ParsedSerf | null {
  reader.group("serf");
  if (flavour === "memberlist") {
    for (const name of SERF_ONLY) {
      if (reader.value(name) !== undefined) reader.fault(name, undefined, 'nothing in the flavour "memberlist"');
    }
    return null;
  }
  if (reader.value("meta") !== undefined) {
    reader.fault("meta", undefined, `nothing in the flavour "${flavour}", where the metadata are the tags`);
  }
  const capabilities = flavour === "hearsay" ? EXTENSIONS : 0;
  return {
    tags: readTags(reader, capabilities),
    capabilities,
    config: readConfig(reader),
    snapshot: readSnapshot(reader),
  };
}

function readTags(reader: OptionReader, capabilities: number): MemberTags {
  const value = reader.value("tags");
  if (value === undefined) return {};
  const fault = tagsFault(value);
  if (fault !== null || !isTags(value)) {
    reader.fault("tags", undefined, fault ?? "an object of texts");
    return {};
  }
  const isTooLong = tagsToMeta(value, capabilities) === null;
  if (isTooLong) reader.fault("tags", undefined, `at most ${TAGS_BYTES_MAX} bytes, encoded`);
  return isTooLong ? {} : { ...value };
}

function isTags(value: unknown): value is MemberTags {
  return isRecord(value);
}

function readConfig(reader: OptionReader): Partial<SerfConfig> {
  const numbers: Record<string, number> = {};
  for (const setting of SERF_SETTINGS) {
    const name = serfOptionName(setting);
    const value = reader.value(name);
    if (value === undefined) continue;
    const isDuration = setting.unit === "ms";
    const number = isDuration ? parseDuration(value) : value;
    const isSound = typeof number === "number" && (isDuration || Number.isInteger(number));
    if (isSound && number >= setting.min && number <= setting.max) {
      numbers[setting.key] = number;
    } else if (isDuration) {
      const range = `${formatDuration(setting.min)} to ${formatDuration(setting.max)}`;
      reader.fault(name, value, `a duration from ${range}: ${DURATION_FORM}`);
    } else {
      reader.fault(name, value, `a whole number from ${setting.min} to ${setting.max}`);
    }
  }
  return {
    ...numbers,
    conflictVote: reader.boolean("serf.conflictVote"),
    coordinates: reader.boolean("serf.coordinates"),
  };
}

function readSnapshot(reader: OptionReader): ParsedSnapshot | null {
  const value = reader.value("snapshot");
  if (value === undefined) {
    // A path that came out undefined must not silently become "no file".
    if (reader.has("snapshot")) reader.fault("snapshot", value, "the path of a file or folder");
    return null;
  }
  if (typeof value === "string" && value !== "") return { path: value, rejoinAfterLeave: false };
  reader.group("snapshot");
  const path = reader.value("snapshot.path");
  if (typeof path === "string" && path !== "") {
    return { path, rejoinAfterLeave: reader.boolean("snapshot.rejoinAfterLeave") };
  }
  reader.fault("snapshot.path", path, "the path of a file or folder");
  return null;
}

import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { AgentConfig } from "./agent-config.ts";
import { ConfigError, readTagsText } from "./read-config.ts";

/** The tags to start with: those of the configuration, or those that a file keeps. @throws ConfigError */
export function startingTags({ tags, tagsFile }: AgentConfig): Readonly<Record<string, string>> {
  if (tagsFile === null) return tags;
  if (Object.keys(tags).length > 0) throw new ConfigError("tags and tags_file can't be used together");
  if (!existsSync(tagsFile)) return {};
  return readTagsText(readFileSync(tagsFile, "utf8"), tagsFile);
}

/** Keeps tags in a file, whole or not at all. */
export async function saveTags(path: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const draft = `${path}.tmp`;
  await writeFile(draft, JSON.stringify(tags, null, 2), { mode: 0o600 });
  await rename(draft, path);
}

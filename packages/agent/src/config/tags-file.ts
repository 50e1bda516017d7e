import { existsSync, readFileSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { messageOf } from "../base/message-of.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { ConfigError } from "./config-error.ts";
import { parseJsonObject, textsIn } from "./json.ts";

/** The tags at the start: those of the configuration, or those of the tags file. @throws ConfigError */
export function startingTags({ tags, tagsFile }: AgentSettings): Readonly<Record<string, string>> {
  if (tagsFile === null) return tags;
  if (Object.keys(tags).length > 0) throw new ConfigError("tags and tags_file can't be used together");
  if (!existsSync(tagsFile)) return {};
  return textsIn(parseJsonObject(readTagsFile(tagsFile), tagsFile), tagsFile);
}

/** Saves tags in a file, whole or not at all. One call at a time. Rejects with the operating system's error. */
export async function saveTags(path: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const draft = `${path}.tmp`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(tags, null, 2));
      // Otherwise a power cut may leave an empty file under the name.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
}

function readTagsFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`tags_file ${path} can't be read: ${messageOf(error)}`);
  }
}

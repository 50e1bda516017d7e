import { randomUUID } from "node:crypto";
import { type FileHandle, open, readFile, readlink, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { HearsayError, hasRunDry } from "../base/errors.ts";
import { readKeys, writeKey } from "./keys.ts";

/**
 * Reads a file of keys: a JSON list of base64 texts, the primary key first, as in Serf.
 *
 * @throws HearsayError `ERR_KEY_FILE`: missing, unreadable, not such a list, empty, or with a wrong key.
 */
export async function loadKeyFile(path: string): Promise<Uint8Array[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw keyFileError(path, "can't be read", cause);
  });
  const list = parseList(text);
  if (list === null) throw keyFileError(path, "is not a JSON list of base64 texts");
  if (list.length === 0) throw keyFileError(path, "has no keys");
  try {
    return readKeys(list);
  } catch (cause) {
    throw keyFileError(path, "has a wrong key", cause);
  }
}

/**
 * Writes a file of keys that only its owner may read. It is replaced atomically: after a crash there is the old file or
 * the new one. For a symbolic link its target is replaced, and the link stays.
 *
 * @throws HearsayError `ERR_KEY_FILE`
 */
export async function saveKeyFile(path: string, keys: readonly Uint8Array[]): Promise<void> {
  const target = await leadsTo(path);
  const draft = `${target}.${randomUUID()}.tmp`;
  let folder: FileHandle | null = null;
  try {
    // Opened before anything changes, so that the old file stays if this fails.
    folder = await openFolder(dirname(target));
    const file = await open(draft, "wx", 0o600);
    await writeDurably(file, `${JSON.stringify(keys.map(writeKey), null, 2)}\n`);
    await rename(draft, target);
    // The new file is in place. Without this its name may not survive a power cut. Not every file system supports it.
    await folder?.sync().catch(() => {});
  } catch (cause) {
    await unlink(draft).catch(() => {});
    throw keyFileError(path, "can't be written", cause);
  } finally {
    await folder?.close().catch(() => {});
  }
}

/**
 * The keys to start with: those of the file if it exists, since rotation may have changed them; else `initial`, which
 * is written to it.
 *
 * @throws HearsayError `ERR_KEY_FILE`, also if there is no file and `initial` is empty.
 */
export async function openKeyFile(path: string, initial: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  try {
    return await loadKeyFile(path);
  } catch (error) {
    if (initial.length === 0 || !isMissing(error)) throw error;
  }
  await saveKeyFile(path, initial);
  return initial;
}

/** Whether users other than the file's owner and group can read or change it. On Windows the mode doesn't tell. */
export async function isOpenToAll(path: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  const found = await stat(path).catch(() => null);
  return found !== null && (found.mode & 0o006) !== 0;
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

async function writeDurably(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file itself, or the target of a symbolic link, whether it exists or not. */
async function leadsTo(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = await readlink(path).catch(() => null);
    return link === null ? path : resolve(dirname(path), link);
  }
}

/** Null on Windows, where folders can't be opened and this isn't needed. */
async function openFolder(path: string): Promise<FileHandle | null> {
  return process.platform === "win32" ? null : await open(path, "r");
}

function parseList(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    // The error is not passed on: the parser's message quotes the text, which contains keys.
    return null;
  }
}

/** The cause is the file system's error or `ERR_KEYRING`; neither contains a key. */
function keyFileError(path: string, problem: string, cause?: unknown): HearsayError<"ERR_KEY_FILE"> {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  const options = cause === undefined ? {} : { cause, retryable: hasRunDry(cause) };
  return new HearsayError("ERR_KEY_FILE", `the key file ${path} ${problem}${reason}`, { path }, options);
}

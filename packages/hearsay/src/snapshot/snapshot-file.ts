import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  encodeSnapshot,
  encodeSnapshotLine,
  replaySnapshot,
  type SnapshotContents,
  type SnapshotRecord,
  type SnapshotReplay,
} from "@hearsay/core/serf";
import type { Clock } from "../base/clock.ts";
import { HearsayError, hasRunDry } from "../base/errors.ts";
import { messageOf } from "../base/message-of.ts";

/** The name of the file in a folder. */
const FILE_NAME = "local.snapshot";

/** How long lines wait, to be written together. */
const FLUSH_MS = 500;

/** The file is rewritten when it is longer than this, and than `COMPACT_BYTES_PER_NODE` for each member alive. */
const COMPACT_BYTES_MIN = 128 * 1024;
const COMPACT_BYTES_PER_NODE = 256;

/** After a failed write the file is rewritten as a whole, at most once in this time. */
const RECOVER_MS = 30_000;

/** Most bytes of waiting lines. Beyond that they are dropped, and the file is rewritten as a whole. */
const PENDING_BYTES_MAX = 1024 * 1024;

/** What a file works with. */
export interface SnapshotFileParts {
  readonly clock: Clock;
  /** All that is to be remembered, for a file that is rewritten. */
  readonly contents: () => SnapshotContents;
  readonly warn: (text: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * A snapshot file in Serf's format (docs/protocol/serf.md, section 15): lines are appended, and now and then the file
 * is replaced by a shorter one. Losing the last half second does no harm, so only a leave waits for the disk. Failed
 * writes are logged and retried; the cluster continues.
 */
export class SnapshotFile {
  readonly #path: string;
  #file: FileHandle;
  #size: number;
  readonly #parts: SnapshotFileParts;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #cancelFlush: (() => void) | null = null;
  /** Settles when all work so far is done: one task at a time. */
  #work: Promise<void> = Promise.resolve();
  #isBroken = false;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  private constructor(path: string, file: FileHandle, size: number, parts: SnapshotFileParts) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#parts = parts;
  }

  /** Reads and replays a file, if it exists. @throws HearsayError `ERR_SNAPSHOT` */
  static async read(path: string, rejoinAfterLeave: boolean): Promise<{ path: string; replay: SnapshotReplay }> {
    try {
      const isFolder = await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      );
      const file = isFolder ? join(path, FILE_NAME) : path;
      const bytes = await readFile(file).catch((error: unknown) => {
        if (isMissing(error)) return new Uint8Array(0);
        throw error;
      });
      return { path: file, replay: replaySnapshot(bytes, rejoinAfterLeave) };
    } catch (cause) {
      throw snapshotError(path, "read", cause);
    }
  }

  /**
   * Opens the file that `read` has read. A last line that a crash left incomplete is cut off.
   * @throws HearsayError `ERR_SNAPSHOT`
   */
  static async open(path: string, wholeBytes: number, parts: SnapshotFileParts): Promise<SnapshotFile> {
    try {
      // A draft that a crash left behind is useless: the old file is complete.
      await unlink(compactPath(path)).catch(() => {});
      const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
      await file.truncate(wholeBytes);
      return new SnapshotFile(path, file, wholeBytes, parts);
    } catch (cause) {
      throw snapshotError(path, "opened", cause);
    }
  }

  /** Adds a line, which is written within half a second. A record whose name can't be written in a line is left out. */
  add(record: SnapshotRecord): void {
    const line = this.#isClosed ? null : encodeSnapshotLine(record);
    if (line === null) return;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes > PENDING_BYTES_MAX) {
      this.#dropPending();
      this.#isBroken = true;
    }
    this.#cancelFlush ??= this.#parts.clock.after(FLUSH_MS, () => {
      this.#cancelFlush = null;
      void this.#enqueue(() => this.#flush(false));
    });
  }

  /** Settles when everything so far is on disk, or can't be written. */
  sync(): Promise<void> {
    return this.#enqueue(() => this.#flush(true));
  }

  /** Writes the waiting lines and closes the file. */
  async close(): Promise<void> {
    if (this.#isClosed) return this.#work;
    this.#isClosed = true;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    await this.#enqueue(async () => {
      await this.#flush(true);
      await this.#file.close();
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => this.#failed(error));
    return this.#work;
  }

  async #flush(isDurable: boolean): Promise<void> {
    if (this.#isBroken) {
      if (this.#parts.clock.now() - this.#lastFailure < RECOVER_MS && !this.#isClosed) return;
      await this.#compact();
      return;
    }
    if (this.#pending.length > 0) {
      const bytes = Buffer.concat(this.#pending);
      this.#dropPending();
      // By position, so that the rest of a failed write is overwritten.
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#size + done);
        done += bytesWritten;
      }
      this.#size += bytes.length;
    }
    if (isDurable) await this.#file.sync();
    if (!this.#isClosed && this.#size > this.#compactAt()) await this.#compact();
  }

  #compactAt(): number {
    return Math.max(COMPACT_BYTES_MIN, COMPACT_BYTES_PER_NODE * this.#parts.contents().aliveNodes.size);
  }

  /** Replaces the file by one with the live members and the clocks. There is a complete file at every moment. */
  async #compact(): Promise<void> {
    const bytes = encodeSnapshot(this.#parts.contents());
    // The contents include the waiting lines.
    this.#dropPending();
    const draft = await open(compactPath(this.#path), "w+", 0o644);
    try {
      await draft.writeFile(bytes);
      await draft.sync();
      await rename(compactPath(this.#path), this.#path);
    } catch (error) {
      await draft.close().catch(() => {});
      throw error;
    }
    const old = this.#file;
    this.#file = draft;
    this.#size = bytes.length;
    this.#isBroken = false;
    await old.close().catch(() => {});
    await syncFolder(dirname(this.#path));
  }

  #dropPending(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #failed(error: unknown): void {
    this.#isBroken = true;
    this.#lastFailure = this.#parts.clock.now();
    this.#parts.warn("the snapshot can't be written; it is written anew when it can", { path: this.#path, error });
  }
}

function compactPath(path: string): string {
  return `${path}.compact`;
}

/** Without this the new file's name may not survive a power cut. Not every file system supports it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function snapshotError(path: string, what: string, cause: unknown): HearsayError<"ERR_SNAPSHOT"> {
  const reason = messageOf(cause);
  const text = `the snapshot ${path} can't be ${what}: ${reason}`;
  return new HearsayError("ERR_SNAPSHOT", text, { path }, { cause, retryable: hasRunDry(cause) });
}

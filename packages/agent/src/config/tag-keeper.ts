import type { Cluster } from "hearsay";
import { saveTags } from "./tags-file.ts";

type Tags = Readonly<Record<string, string>>;

/**
 * This node's tags, and the file that keeps them. Changes are made one at a time: each sees what the one before it has left,
 * is checked before it is saved, and made once it is saved, so that node and file are the same whatever is refused.
 */
export class TagKeeper {
  readonly #cluster: Cluster;
  #file: string | null;
  /** Settles when the last change has been made or refused. */
  #last: Promise<unknown> = Promise.resolve();

  /** No file: the tags are kept nowhere. */
  constructor(cluster: Cluster, file: string | null) {
    this.#cluster = cluster;
    this.#file = file;
  }

  /**
   * Removes some tags and sets others. Resolves once the other members have been told. Rejects with what `setTags` throws,
   * or with why the file can't be written, and then nothing has changed.
   */
  async change(set: ReadonlyMap<string, string>, remove: readonly string[]): Promise<void> {
    await this.#oneAtATime(async () => {
      const before = this.#cluster.self.tags;
      const tags = new Map(Object.entries(before));
      for (const name of remove) tags.delete(name);
      for (const [name, value] of set) tags.set(name, value);
      const after = Object.fromEntries(tags);
      this.#cluster.checkTags(after);
      if (this.#file !== null) await saveTags(this.#file, after);
      return this.#set(before, after);
    });
  }

  /**
   * Takes the tags that `read` gives, and keeps them in this file from now on. Rejects with what that or `setTags` throws, and
   * then nothing has changed.
   */
  async reload(file: string | null, read: () => Tags): Promise<void> {
    await this.#oneAtATime(async () => {
      const tags = read();
      this.#cluster.checkTags(tags);
      this.#file = file;
      return { told: this.#cluster.setTags(tags) };
    });
  }

  /** Sets them; should the node have begun to end meanwhile, the file gets back what it had. */
  async #set(before: Tags, after: Tags): Promise<{ told: Promise<void> }> {
    try {
      this.#cluster.checkTags(after);
    } catch (error) {
      if (this.#file !== null) await saveTags(this.#file, before);
      throw error;
    }
    return { told: this.#cluster.setTags(after) };
  }

  /** The next change may begin before the others have been told of this one. */
  async #oneAtATime(change: () => Promise<{ readonly told: Promise<void> }>): Promise<void> {
    const changed = this.#last.then(change);
    this.#last = changed.catch(() => {});
    await (await changed).told;
  }
}

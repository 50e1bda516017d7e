import type { Cluster } from "hearsay";
import { saveTags } from "./tags-file.ts";

type Tags = Readonly<Record<string, string>>;

/**
 * This node's tags, and the file that keeps them. Changes run one at a time. Each starts from the result of the
 * previous one, is checked before it is saved, and is applied after it is saved, so that node and file agree even after
 * a refusal.
 */
export class TagKeeper {
  readonly #cluster: Cluster;
  #file: string | null;
  /** Settles when the last change has been made or refused. */
  #last: Promise<unknown> = Promise.resolve();

  /** `file` is null if the tags aren't saved. */
  constructor(cluster: Cluster, file: string | null) {
    this.#cluster = cluster;
    this.#file = file;
  }

  /**
   * Removes some tags and sets others. Resolves once the other members have been told. Rejects with the error of
   * `setTags` or of writing the file; then nothing has changed.
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
   * Applies the tags that `read` returns, and saves tags in `file` from now on. Rejects with the error of `read` or
   * `setTags`; then nothing has changed.
   */
  async reload(file: string | null, read: () => Tags): Promise<void> {
    await this.#oneAtATime(async () => {
      const tags = read();
      this.#cluster.checkTags(tags);
      this.#file = file;
      return { told: this.#cluster.setTags(tags) };
    });
  }

  /** Sets the tags. If the node has begun to end meanwhile, the file gets the previous tags back. */
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

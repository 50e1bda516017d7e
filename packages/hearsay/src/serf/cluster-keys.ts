import type { KeyReport } from "../base/key-report.ts";
import type { KeyInput } from "../crypto/keys.ts";
import type { LocalKeys } from "../crypto/local-keys.ts";
import type { KeyOptions, PoolKeys } from "./pool-keys.ts";

/**
 * The keys of the pool, on all members at once. To rotate without losing a member: `install` the new key, `use` it,
 * then `remove` the old one. Take each step only after the previous one has succeeded and its report names no member as
 * `away`: failed members don't hear of a change, and can't return without the new key. `local` does the same on this
 * node alone.
 *
 * All calls reject with `ERR_FLAVOUR` in the flavour `memberlist`, which has no key queries; with `ERR_KEY_REPORT` if a
 * member could not do it, or gave no answer in time; and with `ERR_KEYRING`, `ERR_BUSY`, `ERR_CONFIG`, `ERR_CLOSED`,
 * `ERR_LEAVING`.
 */
export class ClusterKeys {
  /** The keys of this node alone. */
  readonly local: LocalKeys;
  readonly #pool: () => PoolKeys;

  /** Internal. `pool` throws where keys can't be changed on all members. */
  constructor(local: LocalKeys, pool: () => PoolKeys) {
    this.local = local;
    this.#pool = pool;
  }

  /** Adds a key on every member, for decryption. */
  async install(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("install", key, options);
  }

  /** Makes every member encrypt with this key, which all members must have. */
  async use(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("use", key, options);
  }

  /** Removes this key on every member. It must not be the primary key. */
  async remove(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("remove", key, options);
  }

  /** Lists the keys of all members. The report has the keys themselves: don't log it. */
  async list(options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().list(options);
  }
}

import type { KeyReport } from "../base/key-report.ts";
import type { KeyInput } from "../crypto/keys.ts";
import type { LocalKeys } from "../crypto/local-keys.ts";
import type { KeyOptions, PoolKeys } from "./pool-keys.ts";

/**
 * The pool's keys, on all members at once. To rotate without losing anybody: `install` the new key, `use` it, `remove` the
 * old one, each once the one before has succeeded and its report names nobody as `away`: members that have failed don't hear
 * of a change, and without the new key they can't return. With `local`, the same on this node alone.
 *
 * All reject with `ERR_FLAVOUR` in the flavour `memberlist`, whose nodes can't be told; with `ERR_KEY_REPORT` if a member
 * could not do it, or gave no answer in time; and with `ERR_KEYRING`, `ERR_BUSY`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`.
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

  /** Has every member take a further key, which opens what comes in. */
  async install(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("install", key, options);
  }

  /** Has every member seal with this key, which all of them must have. */
  async use(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("use", key, options);
  }

  /** Has every member forget this key, which must not be the one that seals. */
  async remove(key: KeyInput, options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().change("remove", key, options);
  }

  /** Which keys the members have: the keys themselves, so don't log them. */
  async list(options: KeyOptions = {}): Promise<KeyReport> {
    return this.#pool().list(options);
  }
}

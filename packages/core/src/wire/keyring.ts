import { sameBytes } from "../base/bytes.ts";

/** Most keys of one ring. A packet that no key opens costs a try with each; a rotation needs two keys. */
export const KEYS_MAX = 64;

/** What went wrong with a keyring operation. */
export type KeyringErrorCode = "key-size" | "unknown-key" | "primary-key" | "no-primary" | "full";

const MESSAGES: Readonly<Record<KeyringErrorCode, string>> = {
  "key-size": "key size must be 16, 24 or 32 bytes",
  "unknown-key": "requested key is not in the keyring",
  "primary-key": "removing the primary key is not allowed",
  "no-primary": "empty primary key not allowed",
  full: `a keyring holds at most ${KEYS_MAX} keys`,
};

/** A refused keyring operation; the ring is unchanged. The texts are the reference's, which has no limit of keys. */
export class KeyringError extends Error {
  override readonly name = "KeyringError";
  readonly code: KeyringErrorCode;

  constructor(code: KeyringErrorCode) {
    super(MESSAGES[code]);
    this.code = code;
  }
}

/**
 * The keys of a pool (docs/protocol/memberlist.md, section 8): an ordered list of distinct AES keys. The first is the
 * primary, which seals. Opening tries all of them in order. An empty ring means no encryption.
 */
export class Keyring {
  #keys: readonly Uint8Array[] = [];

  /** Puts `primary` first, then `keys` in order without duplicates. Keys without a primary are refused. */
  constructor(keys: readonly Uint8Array[] = [], primary?: Uint8Array) {
    if (primary === undefined || primary.length === 0) {
      if (keys.length > 0) throw new KeyringError("no-primary");
      return;
    }
    this.add(primary);
    for (const key of keys) this.add(key);
  }

  /** Whether there is a key at all. */
  get isEnabled(): boolean {
    return this.#keys.length > 0;
  }

  /** The key that seals; null in an empty ring. */
  get primary(): Uint8Array | null {
    return this.#keys[0] ?? null;
  }

  /** All keys, primary first. The list is a snapshot: later changes make a new one. */
  list(): readonly Uint8Array[] {
    return this.#keys;
  }

  /** Appends a copy of a key; the first key becomes the primary. A key already present changes nothing. */
  add(key: Uint8Array): void {
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) throw new KeyringError("key-size");
    if (this.#has(key)) return;
    if (this.#keys.length >= KEYS_MAX) throw new KeyringError("full");
    this.#keys = [...this.#keys, key.slice()];
  }

  /** Makes a present key the primary; the others keep their order. */
  use(key: Uint8Array): void {
    const found = this.#keys.find((known) => sameBytes(known, key));
    if (found === undefined) throw new KeyringError("unknown-key");
    this.#keys = [found, ...this.#keys.filter((known) => known !== found)];
  }

  /** Drops a key. The primary cannot be dropped; dropping an unknown key changes nothing. */
  remove(key: Uint8Array): void {
    const primary = this.primary;
    if (primary !== null && sameBytes(primary, key)) throw new KeyringError("primary-key");
    this.#keys = this.#keys.filter((known) => !sameBytes(known, key));
  }

  #has(key: Uint8Array): boolean {
    return this.#keys.some((known) => sameBytes(known, key));
  }
}

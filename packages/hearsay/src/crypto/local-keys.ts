import { createHash } from "node:crypto";
import { Keyring, KeyringError } from "@hearsay/core/wire";
import { HearsayError } from "../base/errors.ts";
import { saveKeyFile } from "./key-file.ts";
import { KEY_FORM, type KeyInput, readKey } from "./keys.ts";

/** Identifies a key without showing it, so that the keys of two nodes can be compared. */
export interface KeyFingerprint {
  /** The first 16 hexadecimal digits of its SHA-256. */
  readonly fingerprint: string;
  readonly bits: number;
  readonly isPrimary: boolean;
}

/**
 * The keys of this node alone. To change the pool's key without losing a node: `add` the new one on all nodes, then
 * `use` it on all nodes, then `remove` the old one on all nodes. With a key file each change is saved before it takes
 * effect: a change that can't be saved rejects, and this node's keys stay as they were.
 */
export class LocalKeys {
  readonly #keyring: Keyring | null;
  readonly #file: string | null;
  /** Settles when the last change has settled. */
  #last: Promise<void> = Promise.resolve();

  /** A null keyring means that the cluster was started without encryption: every change is refused. */
  constructor(keyring: Keyring | null, file: string | null) {
    this.#keyring = keyring;
    this.#file = file;
  }

  /** Whether this node encrypts. */
  get isEnabled(): boolean {
    return this.#keyring !== null;
  }

  /** Internal: the keys themselves, the primary one first. */
  raw(): readonly Uint8Array[] {
    return this.#keyring?.list() ?? [];
  }

  /** All keys by fingerprint, the primary one first. The keys themselves are never shown. */
  list(): KeyFingerprint[] {
    return (this.#keyring?.list() ?? []).map((key, index) => ({
      fingerprint: createHash("sha256").update(key).digest("hex").slice(0, 16),
      bits: key.length * 8,
      isPrimary: index === 0,
    }));
  }

  /** Adds a key, for decryption. @throws HearsayError `ERR_KEYRING`, `ERR_KEY_FILE` */
  add(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.add(bytes));
  }

  /** Makes a key of the keyring the primary one, which encrypts. @throws as `add` */
  use(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.use(bytes));
  }

  /** Removes a key. The primary key can't be removed; removing an unknown key is no error. @throws as `add` */
  remove(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.remove(bytes));
  }

  async #change(key: KeyInput, change: (ring: Keyring, bytes: Uint8Array) => void): Promise<void> {
    const ring = this.#keyring;
    if (ring === null) throw keyringError("this cluster was started without encryption");
    const bytes = bytesOf(key);
    if (this.#file === null) return attempt(() => change(ring, bytes));
    const file = this.#file;
    // One change at a time: each starts from the result of the previous one.
    const changed = this.#last.then(async () => {
      const keys = ring.list();
      const draft = new Keyring(keys, keys[0]);
      attempt(() => change(draft, bytes));
      await saveKeyFile(file, draft.list());
      change(ring, bytes);
    });
    this.#last = changed.catch(() => {});
    await changed;
  }
}

function attempt(change: () => void): void {
  try {
    change();
  } catch (error) {
    throw error instanceof KeyringError ? keyringError(error.message) : error;
  }
}

function bytesOf(input: KeyInput): Uint8Array {
  const key = readKey(input);
  if (typeof key === "string") throw keyringError(`${key}; a key must be ${KEY_FORM}`);
  return key;
}

function keyringError(detail: string): HearsayError {
  return new HearsayError("ERR_KEYRING", detail, { detail });
}

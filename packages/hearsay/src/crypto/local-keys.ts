import { createHash } from "node:crypto";
import { Keyring, KeyringError } from "@hearsay/core/wire";
import { HearsayError } from "../base/errors.ts";
import { saveKeyFile } from "./key-file.ts";
import { KEY_FORM, type KeyInput, readKey } from "./keys.ts";

/** A key without the key: enough to tell whether two nodes have the same. */
export interface KeyFingerprint {
  /** The first 16 hexadecimal digits of its SHA-256. */
  readonly fingerprint: string;
  readonly bits: number;
  readonly isPrimary: boolean;
}

/**
 * The keys of this node alone. To change the pool's key without losing a node: `add` the new one everywhere, then `use` it
 * everywhere, then `remove` the old one everywhere. With a key file each change is on disk before it is made: one that
 * can't be saved rejects, and this node's keys are as before.
 */
export class LocalKeys {
  readonly #keyring: Keyring | null;
  readonly #file: string | null;
  /** Settles when the last change has. */
  #last: Promise<void> = Promise.resolve();

  /** No keyring: the cluster was started without encryption, and every change is refused. */
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

  /** Takes a further key, which opens what comes in. @throws HearsayError `ERR_KEYRING`, `ERR_KEY_FILE` */
  add(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.add(bytes));
  }

  /** Makes a key of the ring the primary one, which seals what goes out. @throws as `add` */
  use(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.use(bytes));
  }

  /** Forgets a key. The primary one can't be removed; one that isn't there is no error. @throws as `add` */
  remove(key: KeyInput): Promise<void> {
    return this.#change(key, (ring, bytes) => ring.remove(bytes));
  }

  async #change(key: KeyInput, change: (ring: Keyring, bytes: Uint8Array) => void): Promise<void> {
    const ring = this.#keyring;
    if (ring === null) throw keyringError("this cluster was started without encryption");
    const bytes = bytesOf(key);
    if (this.#file === null) return attempt(() => change(ring, bytes));
    const file = this.#file;
    // One after the other: each sees the keys as those before it have left them.
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

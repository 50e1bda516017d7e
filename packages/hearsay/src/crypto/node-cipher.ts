import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from "node:crypto";
import type { Cipher } from "@hearsay/core/wire";

/** Supplies the nonce of each encryption. */
export interface NonceSource {
  /** The next 12 bytes, never the same twice under one key; borrowed until the next call. */
  next(): Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const POOLED_NONCES = 1024;

/**
 * AES-GCM by `node:crypto`; the key's length selects 128, 192 or 256 bits (docs/protocol/memberlist.md, section 5.4).
 *
 * @param nonces The source of nonces; random by default. Other sources are for tests that compare bytes.
 */
export function nodeCipher(nonces: NonceSource = new RandomNonces()): Cipher {
  return new NodeCipher(nonces);
}

class NodeCipher implements Cipher {
  readonly #nonces: NonceSource;
  // Creating a KeyObject costs more than encrypting a small packet.
  readonly #keys = new WeakMap<Uint8Array, PreparedKey>();

  constructor(nonces: NonceSource) {
    this.#nonces = nonces;
  }

  seal(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array, out: Uint8Array, at: number): void {
    const { algorithm, secret } = this.#prepared(key);
    const nonce = this.#nonces.next();
    const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: TAG_BYTES });
    if (aad.length > 0) cipher.setAAD(aad);
    out.set(nonce, at);
    out.set(cipher.update(plaintext), at + NONCE_BYTES);
    // GCM is a stream mode: `final` returns no bytes, it only completes the tag.
    cipher.final();
    out.set(cipher.getAuthTag(), at + NONCE_BYTES + plaintext.length);
  }

  open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null {
    const textEnd = sealed.length - TAG_BYTES;
    if (textEnd < NONCE_BYTES) return null;
    const { algorithm, secret } = this.#prepared(key);
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: TAG_BYTES });
    if (aad.length > 0) decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(textEnd));
    const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, textEnd));
    try {
      decipher.final();
    } catch {
      // Another key, another label, or a forgery: they can't be told apart, and the plaintext must not be used.
      return null;
    }
    return plaintext;
  }

  #prepared(key: Uint8Array): PreparedKey {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const prepared = { algorithm: algorithmFor(key), secret: createSecretKey(key) };
    this.#keys.set(key, prepared);
    return prepared;
  }
}

interface PreparedKey {
  readonly algorithm: CipherGCMTypes;
  readonly secret: KeyObject;
}

function algorithmFor(key: Uint8Array): CipherGCMTypes {
  switch (key.length) {
    case 16:
      return "aes-128-gcm";
    case 24:
      return "aes-192-gcm";
    case 32:
      return "aes-256-gcm";
    default:
      throw new RangeError(`a key of ${key.length} bytes; 16, 24 or 32 are possible`);
  }
}

/** Random nonces, drawn many at a time, since each call of the generator costs about as much as an encryption. */
class RandomNonces implements NonceSource {
  readonly #pool: Uint8Array = new Uint8Array(NONCE_BYTES * POOLED_NONCES);
  #used = POOLED_NONCES;

  next(): Uint8Array {
    if (this.#used === POOLED_NONCES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used++ * NONCE_BYTES;
    return this.#pool.subarray(start, start + NONCE_BYTES);
  }
}

/**
 * AES-GCM, provided by the host: this package has no cryptography of its own. Key lengths of 16, 24 and 32 bytes select
 * AES-128, AES-192 and AES-256 (docs/protocol/memberlist.md, section 5.4). Both methods are synchronous.
 */
export interface Cipher {
  /**
   * Writes a nonce of 12 bytes, the ciphertext and a tag of 16 bytes into `out` from `at` on: `plaintext.length` + 28
   * bytes. The cipher chooses the nonce and never repeats it for one key.
   */
  seal(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array, out: Uint8Array, at: number): void;

  /** The plaintext of sealed bytes, in memory of its own; null if key, bytes and `aad` do not match. */
  open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null;
}

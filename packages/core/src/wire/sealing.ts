import type { Cipher } from "./cipher.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import type { Keyring } from "./keyring.ts";

/** 0 pads the plaintext to blocks, for protocol version 1. 1 does not pad, for versions 2 to 5. */
export type EncryptionVersion = 0 | 1;

const BLOCK_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Version byte, nonce and tag. */
const SEAL_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Sealed length of a plaintext of `plainBytes` (docs/protocol/memberlist.md, section 5.4). */
export function sealedLength(version: EncryptionVersion, plainBytes: number): number {
  return SEAL_BYTES + plainBytes + (version === 0 ? BLOCK_BYTES - (plainBytes % BLOCK_BYTES) : 0);
}

/** Most bytes that sealing adds to a message: 45 for version 0, 29 for version 1. */
export function sealOverhead(version: EncryptionVersion): number {
  return SEAL_BYTES + (version === 0 ? BLOCK_BYTES : 0);
}

/** Seals `plaintext` into `out` from `at` on, which must have room for `sealedLength`. Returns the end. */
export function seal(
  cipher: Cipher,
  key: Uint8Array,
  version: EncryptionVersion,
  plaintext: Uint8Array,
  aad: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  out[at] = version;
  cipher.seal(key, version === 0 ? pad(plaintext) : plaintext, aad, out, at + 1);
  return at + sealedLength(version, plaintext.length);
}

/** Opens a sealed blob of either version with the first key of the ring that matches. */
export function openSealed(
  cipher: Cipher,
  keyring: Keyring,
  blob: Uint8Array,
  aad: Uint8Array,
): Uint8Array | WireFault {
  if (blob.length === 0) return FAULTS.tooShort;
  const version = blob[0];
  if (version !== 0 && version !== 1) return FAULTS.badVersion;
  if (blob.length < sealedLength(version, 0)) return FAULTS.tooShort;
  const sealed = blob.subarray(1);
  for (const key of keyring.list()) {
    const plaintext = cipher.open(key, sealed, aad);
    if (plaintext !== null) return version === 0 ? unpad(plaintext) : plaintext;
  }
  return FAULTS.cannotDecrypt;
}

/** PKCS#7: fills up the last block with bytes whose value is their number; a whole block if none is missing. */
function pad(plaintext: Uint8Array): Uint8Array {
  const missing = BLOCK_BYTES - (plaintext.length % BLOCK_BYTES);
  const padded = new Uint8Array(plaintext.length + missing).fill(missing, plaintext.length);
  padded.set(plaintext);
  return padded;
}

/** Checks only the last byte: the padding is authenticated, and the reference ignores the rest too. */
function unpad(padded: Uint8Array): Uint8Array | WireFault {
  const count = padded[padded.length - 1] ?? 0;
  if (count < 1 || count > BLOCK_BYTES || count > padded.length) return FAULTS.cannotDecrypt;
  return padded.subarray(0, padded.length - count);
}

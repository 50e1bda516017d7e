import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from "node:crypto";
import type { Cipher } from "@hearsay/core/wire";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const POOLED_NONCES = 1024;

/** AES-256-GCM of Node for one key, made as the library makes it, which keeps its own to itself. */
export function gcm(key: Uint8Array): Cipher {
  const secret: KeyObject = createSecretKey(key);
  const nonces = new Uint8Array(NONCE_BYTES * POOLED_NONCES);
  let used = POOLED_NONCES;
  return {
    seal(_key, plaintext, aad, out, at) {
      if (used === POOLED_NONCES) {
        randomFillSync(nonces);
        used = 0;
      }
      const nonce = nonces.subarray(NONCE_BYTES * used, NONCE_BYTES * ++used);
      const cipher = createCipheriv("aes-256-gcm", secret, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(aad);
      out.set(nonce, at);
      out.set(cipher.update(plaintext), at + NONCE_BYTES);
      cipher.final();
      out.set(cipher.getAuthTag(), at + NONCE_BYTES + plaintext.length);
    },
    open(_key, sealed, aad) {
      const textEnd = sealed.length - TAG_BYTES;
      if (textEnd < NONCE_BYTES) return null;
      const decipher = createDecipheriv("aes-256-gcm", secret, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(textEnd));
      const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, textEnd));
      try {
        decipher.final();
      } catch {
        return null;
      }
      return plaintext;
    },
  };
}

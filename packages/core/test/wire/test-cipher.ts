import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Cipher } from "@hearsay/core/wire";

/** AES-GCM of Node; with a nonce given, every seal uses it, so that the bytes of a vector come out again. */
export function testCipher(nonce?: Uint8Array): Cipher {
  return {
    seal(key, plaintext, aad, out, at) {
      const iv = nonce ?? randomBytes(12);
      const cipher = createCipheriv(algorithm(key), key, iv);
      cipher.setAAD(aad);
      out.set(iv, at);
      out.set(cipher.update(plaintext), at + 12);
      cipher.final();
      out.set(cipher.getAuthTag(), at + 12 + plaintext.length);
    },
    open(key, sealed, aad) {
      const decipher = createDecipheriv(algorithm(key), key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(sealed.length - 16));
      const plaintext = decipher.update(sealed.subarray(12, sealed.length - 16));
      try {
        decipher.final();
      } catch {
        return null;
      }
      return Uint8Array.from(plaintext);
    },
  };
}

function algorithm(key: Uint8Array): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  return key.length === 16 ? "aes-128-gcm" : key.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
}

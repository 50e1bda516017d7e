import { randomBytes } from "node:crypto";
import { KEYS_MAX } from "@hearsay/core/wire";
import { HearsayError } from "../base/errors.ts";

/** A key as an option: base64 text, or the bytes themselves. */
export type KeyInput = string | Uint8Array;

/** The form of a key, in words. */
export const KEY_FORM = "base64 text of 16, 24 or 32 bytes, or the bytes themselves";

/**
 * A new random key as base64 text, the form that all memberlist tools accept.
 *
 * @param bytes 16, 24 or 32. @defaultValue 32
 */
export function generateKey(bytes: 16 | 24 | 32 = 32): string {
  return randomBytes(bytes).toString("base64");
}

/** The bytes of a key, or, as text, what is wrong with it. The text never contains any part of the key. */
export function readKey(input: unknown): Uint8Array | string {
  if (input instanceof Uint8Array)
    return isKeyLength(input.length) ? Uint8Array.from(input) : lengthProblem(input.length);
  if (typeof input !== "string") return input === undefined ? "it is undefined" : `it is of type ${typeof input}`;
  const text = input.trim();
  if (text === "") return "it is empty";
  // `Buffer.from` would skip invalid characters and return another key.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return "it is not base64";
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return isKeyLength(bytes.length) ? bytes : lengthProblem(bytes.length);
}

/**
 * The bytes of all keys, the primary one first, without duplicates (docs/protocol/memberlist.md, section 8).
 *
 * @throws HearsayError `ERR_KEYRING`, also if there are more than 64. The message names the first wrong key by its
 * index, not by its text.
 */
export function readKeys(inputs: readonly unknown[]): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (const [index, input] of inputs.entries()) {
    const key = readKey(input);
    if (typeof key === "string") throw keyringError(`key ${index}: ${key}; it must be ${KEY_FORM}`);
    if (!keys.some((known) => isSameKey(known, key))) keys.push(key);
  }
  if (keys.length > KEYS_MAX) throw keyringError(`there are ${keys.length} keys; there may be ${KEYS_MAX}`);
  return keys;
}

/** A key as base64 text. */
export function writeKey(key: Uint8Array): string {
  return Buffer.from(key).toString("base64");
}

function keyringError(detail: string): HearsayError<"ERR_KEYRING"> {
  return new HearsayError("ERR_KEYRING", detail, { detail });
}

function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isKeyLength(bytes: number): boolean {
  return bytes === 16 || bytes === 24 || bytes === 32;
}

function lengthProblem(bytes: number): string {
  return `it has ${bytes} bytes`;
}

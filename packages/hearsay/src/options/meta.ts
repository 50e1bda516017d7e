/** Metadata as a copy of the bytes, text in UTF-8; null for anything that is neither text nor bytes. */
export function metaBytes(value: unknown): Uint8Array | null {
  if (typeof value === "string") return Uint8Array.from(Buffer.from(value));
  return value instanceof Uint8Array ? Uint8Array.from(value) : null;
}

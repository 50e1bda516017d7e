/** An empty array. It is shared, which is safe because it has no room to write to. */
export const EMPTY: Uint8Array = new Uint8Array(0);

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return sameSlice(a, b, 0, b.length);
}

/** Whether `a` equals the bytes of `b` from `start` to `end`. */
export function sameSlice(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  if (a.length !== end - start) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[start + i]) return false;
  return true;
}

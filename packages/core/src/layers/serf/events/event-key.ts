/**
 * A key that is the same for equal events and almost always different for others: the name, and the payload's length
 * and hash (FNV-1a, 32 bits, by G. Fowler, L. C. Noll and K.-P. Vo).
 */
export function eventKey(name: string, payload: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < payload.length; i++) hash = Math.imul(hash ^ (payload[i] as number), 0x01000193);
  return `${payload.length}.${hash >>> 0}/${name}`;
}

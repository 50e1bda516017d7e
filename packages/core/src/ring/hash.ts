/**
 * The hash of keys and members: MurmurHash3_x86_32 (A. Appleby, 2011, public domain) over the UTF-16 little-endian
 * bytes of a string. With code units instead of UTF-8, different strings have different bytes, even with lone
 * surrogates, and nothing is allocated. The hash passes SMHasher's tests of distribution, and 32-bit arithmetic gives
 * the same number in every engine. It has no secret: an attacker who chooses keys can choose many that belong to one
 * owner.
 */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0;
  const paired = text.length & ~1;
  for (let i = 0; i < paired; i += 2) {
    hash ^= scrambled(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (paired < text.length) hash ^= scrambled(text.charCodeAt(paired));
  return finalized(hash ^ (text.length * 2));
}

/**
 * A hash of a number and of a member, which is identified by 64 bits. With 32 bits, two of 65,536 members would
 * probably be equal for every key, and one of the two would never own anything. It applies the finalizer of the same
 * hash twice, once for each half.
 */
export function mixed(hash: number, low: number, high: number): number {
  return finalized(finalized(hash ^ low) + high);
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function finalized(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

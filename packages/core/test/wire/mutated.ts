import fc from "fast-check";

/** Any of `originals`, at most 3,000 bytes of it, with a few bytes changed, cut out or put in. */
export function mutated(originals: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(5000), fc.nat(255), fc.constantFrom("set", "insert", "cut", "end"));
  return fc.tuple(originals, fc.array(change, { minLength: 1, maxLength: 4 })).map(([original, changes]) => {
    const bytes = [...original.subarray(0, 3000)];
    for (const [place, value, kind] of changes) {
      const at = place % (bytes.length + 1);
      if (kind === "set") bytes[at] = value;
      else if (kind === "insert") bytes.splice(at, 0, value);
      else if (kind === "cut") bytes.splice(at, (value & 7) + 1);
      else bytes.length = at;
    }
    return Uint8Array.from(bytes);
  });
}

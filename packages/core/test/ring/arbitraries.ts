import type { RingMember } from "@hearsay/core/ring";
import fc from "fast-check";

/** Names as they are and as they shouldn't be: any UTF-16, lone surrogates included. */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }).map((number) => `node-${number}`) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom("\udc80", "\udcff", "\ufffd", "é", "e\u0301") },
);

const weight = fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 5, noNaN: true }));

/** Some members with different names. */
export function members(minLength: number, maxLength = 12): fc.Arbitrary<RingMember[]> {
  return fc.uniqueArray(fc.record({ name, weight }), { selector: (member) => member.name, minLength, maxLength });
}

export const keys: readonly string[] = Array.from({ length: 400 }, (_, index) => `user:${index}`);

/** Members of weight 1. */
export function nodes(count: number): RingMember[] {
  return Array.from({ length: count }, (_, index) => ({ name: `node-${index}` }));
}

import { META_BYTES_MAX, NAME_BYTES_MAX } from "../wire/limits.ts";
import type { Alive } from "../wire/messages.ts";
import { nameLength } from "../wire/names.ts";
import { isCompatible } from "./compatibility.ts";

/** Names of so few units are short enough whatever they are made of: a unit becomes three bytes at the most. */
const SURELY_SHORT = NAME_BYTES_MAX / 3;

/**
 * Whether an alive may come in at all (docs/protocol/memberlist.md, 12.3 step 2). With `repairs` it also needs versions
 * that go with `own`, or it would make every push/pull of the reference fail (11.3), and a name and metadata that a
 * packet can carry.
 */
export function isAcceptable({ node, meta, vsn }: Alive, repairs: boolean, isSelf: boolean, own: Uint8Array): boolean {
  if (!repairs) {
    const [pMin = 0, pMax = 0] = vsn;
    return vsn.length < 3 || (pMin > 0 && pMax > 0 && pMin <= pMax);
  }
  if (node === "" || isNameTooLong(node) || (meta !== null && meta.length > META_BYTES_MAX)) return false;
  return isSelf || isCompatible(vsn, own);
}

/** Whether a name from the wire is longer than any that this node takes in, keeps or passes on. */
export function isNameTooLong(name: string): boolean {
  return name.length > SURELY_SHORT && nameLength(name) > NAME_BYTES_MAX;
}

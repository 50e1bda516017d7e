import { META_BYTES_MAX, NAME_BYTES_MAX } from "../wire/limits.ts";
import type { Alive } from "../wire/messages.ts";
import { nameLength } from "../wire/names.ts";
import { isCompatible } from "./compatibility.ts";

/** A name of at most this many units is short enough, because a unit takes at most three bytes. */
const SURELY_SHORT = NAME_BYTES_MAX / 3;

/**
 * Whether to accept an alive message at all (docs/protocol/memberlist.md, 12.3 step 2). With `repairs` its versions
 * must be compatible with `own`, because they would otherwise make every push/pull of the reference fail (11.3), and
 * its name and metadata must fit a packet.
 */
export function isAcceptable({ node, meta, vsn }: Alive, repairs: boolean, isSelf: boolean, own: Uint8Array): boolean {
  if (!repairs) {
    const [pMin = 0, pMax = 0] = vsn;
    return vsn.length < 3 || (pMin > 0 && pMax > 0 && pMin <= pMax);
  }
  if (node === "" || isNameTooLong(node) || (meta !== null && meta.length > META_BYTES_MAX)) return false;
  return isSelf || isCompatible(vsn, own);
}

/** Whether a name from the wire is longer than this node accepts. */
export function isNameTooLong(name: string): boolean {
  return name.length > SURELY_SHORT && nameLength(name) > NAME_BYTES_MAX;
}

import { encodeTags, SerfDecoder } from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { NO_TAGS } from "./member.ts";

/** Tags as the application sees them. */
export type MemberTags = Readonly<Record<string, string>>;

/** The prefix of reserved tag names, now and in future. */
export const RESERVED_TAG_PREFIX = "_hs";

/** The reserved tag: a hexadecimal bit set of what a member understands beyond Serf. Applications don't see it. */
const CAPABILITY_TAG = "_hs";

/** The only bit so far: the member supports Hearsay's extensions. */
export const EXTENSIONS = 1;

/** The maximum size of Serf's encoded tags. */
export { TAGS_BYTES_MAX } from "@hearsay/core/serf";

/** Encodes tags as metadata, with the reserved tag for `capabilities` unless that is 0; null if they are too long. */
export function tagsToMeta(tags: MemberTags, capabilities: number): Uint8Array | null {
  const pairs = new Map(Object.entries(tags));
  if (capabilities > 0) pairs.set(CAPABILITY_TAG, capabilities.toString(16));
  const meta = encodeTags(pairs);
  return isFault(meta) ? null : meta;
}

/** Checks an application's tags: returns what is allowed instead, or null if they are right. */
export function tagsFault(tags: unknown): string | null {
  const isObject = typeof tags === "object" && tags !== null && !Array.isArray(tags) && !(tags instanceof Map);
  if (!isObject || !Object.values(tags).every((value) => typeof value === "string")) return "an object of texts";
  const texts = Object.entries(tags).flat();
  if (texts.some((text) => /\p{Surrogate}/u.test(text))) return "well-formed texts";
  const isReserved = Object.keys(tags).some((name) => name.startsWith(RESERVED_TAG_PREFIX));
  return isReserved ? `no name that begins with ${RESERVED_TAG_PREFIX}, which is reserved` : null;
}

/** What metadata says. */
interface Decoded {
  readonly tags: MemberTags;
  readonly capabilities: number;
}

/** Decodes members' metadata as tags, and caches the result for as long as the metadata is referenced. */
export class TagReader {
  readonly #decoder = new SerfDecoder();
  readonly #known = new WeakMap<Uint8Array, Decoded>();
  /** The last metadata that was decoded: most members of a pool have the same tags. */
  #last: { readonly meta: Uint8Array; readonly decoded: Decoded } | null = null;

  /** The tags in metadata; none if it can't be decoded. */
  tags(meta: Uint8Array): MemberTags {
    return this.#of(meta).tags;
  }

  /** Whether a member with this metadata supports Hearsay's extensions. */
  hasExtensions(meta: Uint8Array): boolean {
    return (this.#of(meta).capabilities & EXTENSIONS) !== 0;
  }

  #of(meta: Uint8Array): Decoded {
    const known = this.#known.get(meta);
    if (known !== undefined) return known;
    const last = this.#last;
    const isSame = last !== null && Buffer.compare(last.meta, meta) === 0;
    const decoded = isSame ? last.decoded : this.#decode(meta);
    if (!isSame) this.#last = { meta, decoded };
    this.#known.set(meta, decoded);
    return decoded;
  }

  #decode(meta: Uint8Array): Decoded {
    const pairs = this.#decoder.tags(meta);
    if (isFault(pairs)) return { tags: NO_TAGS, capabilities: 0 };
    const capabilities = Number.parseInt(pairs.get(CAPABILITY_TAG) ?? "0", 16);
    const tags: Record<string, string> = Object.create(null);
    for (const [name, value] of pairs) if (name !== CAPABILITY_TAG) tags[name] = value;
    return { tags: Object.freeze(tags), capabilities: Number.isNaN(capabilities) ? 0 : capabilities };
  }
}

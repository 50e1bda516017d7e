import { encodeTags, SerfDecoder } from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { NO_TAGS } from "./member.ts";

/** Tags as the application has them. */
export type MemberTags = Readonly<Record<string, string>>;

/** What the reserved tag's name, and that of any that follows it, begins with. */
export const RESERVED_TAG_PREFIX = "_hs";

/**
 * The reserved tag: its value is a hexadecimal set of bits that says what a member understands beyond Serf. Applications
 * don't see it.
 */
const CAPABILITY_TAG = "_hs";

/** The only bit so far: the member takes part in Hearsay's extensions. */
export const EXTENSIONS = 1;

/** What Serf's tags take at most. */
export { TAGS_BYTES_MAX } from "@hearsay/core/serf";

/** Tags as metadata, with the reserved one for `capabilities` but none for 0; null if they are too long. */
export function tagsToMeta(tags: MemberTags, capabilities: number): Uint8Array | null {
  const pairs = new Map(Object.entries(tags));
  if (capabilities > 0) pairs.set(CAPABILITY_TAG, capabilities.toString(16));
  const meta = encodeTags(pairs);
  return isFault(meta) ? null : meta;
}

/** What is wrong with tags of an application, as what is allowed; null if nothing is. */
export function tagsFault(tags: unknown): string | null {
  const isObject = typeof tags === "object" && tags !== null && !Array.isArray(tags) && !(tags instanceof Map);
  if (!isObject || !Object.values(tags).every((value) => typeof value === "string")) return "an object of texts";
  const texts = Object.entries(tags).flat();
  if (texts.some((text) => /\p{Surrogate}/u.test(text))) return "well-formed texts";
  const isReserved = Object.keys(tags).some((name) => name.startsWith(RESERVED_TAG_PREFIX));
  return isReserved ? `no name that begins with ${RESERVED_TAG_PREFIX}, which is reserved` : null;
}

/** Reads members' metadata as tags: each metadata once, as long as somebody holds it. */
export class TagReader {
  readonly #decoder = new SerfDecoder();
  readonly #read = new WeakMap<Uint8Array, { readonly tags: MemberTags; readonly capabilities: number }>();

  /** The tags in metadata; none in what can't be read. */
  tags(meta: Uint8Array): MemberTags {
    return this.#of(meta).tags;
  }

  /** Whether a member with this metadata takes part in Hearsay's extensions. */
  hasExtensions(meta: Uint8Array): boolean {
    return (this.#of(meta).capabilities & EXTENSIONS) !== 0;
  }

  #of(meta: Uint8Array): { readonly tags: MemberTags; readonly capabilities: number } {
    const known = this.#read.get(meta);
    if (known !== undefined) return known;
    const read = this.#decode(meta);
    this.#read.set(meta, read);
    return read;
  }

  #decode(meta: Uint8Array): { readonly tags: MemberTags; readonly capabilities: number } {
    const pairs = this.#decoder.tags(meta);
    if (isFault(pairs)) return { tags: NO_TAGS, capabilities: 0 };
    const capabilities = Number.parseInt(pairs.get(CAPABILITY_TAG) ?? "0", 16);
    const tags: Record<string, string> = Object.create(null);
    for (const [name, value] of pairs) if (name !== CAPABILITY_TAG) tags[name] = value;
    return { tags: Object.freeze(tags), capabilities: Number.isNaN(capabilities) ? 0 : capabilities };
  }
}

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { CONFIG_KEYS } from "../schema/keys.ts";
import { LONGBOW } from "../spellings/longbow.ts";
import { OPENGSLB } from "../spellings/opengslb.ts";
import { addValue } from "../spellings/own.ts";
import type { Spelling } from "../spellings/spelling.ts";
import { redacted, type Source, SourceReader } from "./given.ts";
import { meantName } from "./meant.ts";
import type { Origin } from "./origin.ts";

/** What a file says. */
export interface FileSource extends Source {
  /** The roots of other programs in it. */
  readonly roots: readonly SpelledRoot[];
}

/** The root of another program's names. */
export interface SpelledRoot {
  readonly spelling: Spelling;
  readonly origin: Origin;
}

/** Reads a YAML document, or a JSON one, which is YAML as well. */
export function readYaml(text: string, path: string): FileSource {
  const file = new YamlFile(path, text);
  file.read();
  return { given: file.source.given, faults: file.source.faults, roots: file.roots };
}

/** What is wrong in the words of an operator, by the parser's codes. Its own words may hold parts of the file. */
const PROBLEMS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document begins, and a configuration is one",
  TAG_RESOLVE_FAILED: "the tag is not known",
  BAD_ALIAS: "the alias is not well formed",
  NON_STRING_KEY: "the key is no text",
};

/** A key and its value. */
type Entry = Pair<Node, Node | null>;

/** One file while it is read. */
class YamlFile {
  readonly source = new SourceReader();
  readonly roots: SpelledRoot[] = [];
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(path: string, text: string) {
    this.#path = path;
    const options = { lineCounter: this.#lines, prettyErrors: false, stringKeys: true, uniqueKeys: false };
    this.#document = parseDocument(text, options);
  }

  read(): void {
    const { errors, warnings, contents } = this.#document;
    for (const { code, message, pos } of [...errors, ...warnings]) {
      this.#refuseAt(pos[0], PROBLEMS[code] ?? redacted(message));
    }
    if (errors.length > 0 || contents === null) return;
    if (!isMap(contents)) return this.#refuseAt(contents.range?.[0] ?? 0, "the document is no map of keys");
    this.#each(contents, "", (pair) => {
      const spelling = [OPENGSLB, LONGBOW].find(({ root }) => root === nameOf(pair));
      if (spelling === undefined) return this.#own(pair, "");
      this.roots.push({ spelling, origin: this.#keyOrigin(pair, spelling.root) });
      this.#spelled(pair, "", spelling);
    });
  }

  /** Reads the pairs of a map. A key that stands there twice is a fault. */
  #each(map: YAMLMap, prefix: string, read: (pair: Entry) => void): void {
    const names = new Set<string>();
    for (const item of map.items) {
      const pair = item as Entry;
      const name = nameOf(pair);
      if (!names.has(name)) read(pair);
      else this.source.refuse(this.#keyOrigin(pair, `${prefix}${name}`), null, "stands here a second time");
      names.add(name);
    }
  }

  /** Reads a pair in Hearsay's own names. */
  #own(pair: Entry, prefix: string): void {
    const path = `${prefix}${nameOf(pair)}`;
    const key = CONFIG_KEYS.get(path);
    const origin = this.#originOf(pair, path);
    if (key === undefined) {
      const all = [...CONFIG_KEYS.keys()];
      return this.#unknown(pair, path, prefix, [...all, OPENGSLB.root, LONGBOW.root], all);
    }
    const map = key.parts === null ? null : this.#mapOf(pair);
    if (map !== null) {
      // No parts could mean the default, or nothing at all, as with encryption.
      if (map.items.length === 0) this.source.refuse(origin, null, "has no parts; leave it out for the default");
      return this.#each(map, `${path}.`, (part) => this.#own(part, `${path}.`));
    }
    const value = this.#valueOf(pair, origin);
    if (value === undefined) return;
    if (!key.isWhole) return this.source.refuse(origin, null, `has parts: ${Object.keys(key.parts ?? {}).join(", ")}`);
    addValue(this.source, key, value, origin);
  }

  /** Reads a pair in the names of another program. */
  #spelled(pair: Entry, prefix: string, spelling: Spelling): void {
    const path = `${prefix}${nameOf(pair)}`;
    const names = [...spelling.names.keys()];
    const known = spelling.names.get(path);
    const origin = this.#originOf(pair, path);
    if (known !== undefined) {
      const value = this.#valueOf(pair, origin);
      if (value !== undefined) known.read(value, origin, this.source);
      return;
    }
    const parts = namesUnder(names, `${path}.`);
    if (parts.length === 0) return this.#unknown(pair, path, prefix, names, names);
    const map = this.#mapOf(pair);
    if (map !== null) this.#each(map, `${path}.`, (part) => this.#spelled(part, `${path}.`, spelling));
    else this.source.refuse(origin, null, `has parts: ${parts.join(", ")}`);
  }

  #unknown(pair: Entry, path: string, prefix: string, known: readonly string[], all: readonly string[]): void {
    const siblings = namesUnder(known, prefix);
    const meant = meantName(nameOf(pair), { prefix, siblings, all });
    const hint = meant === null ? `known are ${siblings.join(", ")}` : `did you mean ${meant}?`;
    this.source.refuse(this.#keyOrigin(pair, path), null, `is no setting of the agent; ${hint}`);
  }

  /** The map that is a pair's value, also by an alias; null if it is none. */
  #mapOf({ value }: Entry): YAMLMap | null {
    const node = isAlias(value) ? value.resolve(this.#document) : value;
    return isMap(node) ? node : null;
  }

  /** The value of a pair; undefined if it has none, or none that can be used, which is a fault. */
  #valueOf({ value }: Entry, origin: Origin): unknown {
    const isEmpty = value === null || (isScalar(value) && value.value === null);
    if (isEmpty) {
      this.source.refuse(origin, null, "has no value; leave the line out for the default");
      return undefined;
    }
    try {
      // An alias without an anchor throws, as do too many of them; and what contains itself can't be written as text.
      const read: unknown = value.toJS(this.#document);
      JSON.stringify(read);
      return read;
    } catch {
      this.source.refuse(origin, null, "has an alias that leads nowhere, to itself, or to too much");
      return undefined;
    }
  }

  #keyOrigin({ key }: Entry, path: string): Origin {
    const { line, col } = this.#lines.linePos(key.range?.[0] ?? 0);
    return { kind: "file", path: this.#path, key: path, line, column: col };
  }

  /** A pair's origin: the place of its value, or of its key if it has none. */
  #originOf({ key, value }: Entry, path: string): Origin {
    const { line, col } = this.#lines.linePos(value?.range?.[0] ?? key.range?.[0] ?? 0);
    return { kind: "file", path: this.#path, key: path, line, column: col };
  }

  #refuseAt(position: number, problem: string): void {
    const { line, col } = this.#lines.linePos(position);
    this.source.refuse({ kind: "file", path: this.#path, key: "", line, column: col }, null, problem);
  }
}

function nameOf({ key }: Entry): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** The next parts of the paths that begin with the prefix. */
function namesUnder(paths: readonly string[], prefix: string): string[] {
  const under = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split(".")[0]);
  return [...new Set(under)].filter((name) => name !== undefined);
}

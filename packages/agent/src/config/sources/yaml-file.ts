import { nearestName } from "hearsay/options";
import { type Document, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { CONFIG_KEYS } from "../schema/keys.ts";
import { LONGBOW } from "../spellings/longbow.ts";
import { OPENGSLB } from "../spellings/opengslb.ts";
import { addValue } from "../spellings/own.ts";
import type { Spelling } from "../spellings/spelling.ts";
import { type Source, SourceReader } from "./given.ts";
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

/** One file while it is read. */
class YamlFile {
  readonly source = new SourceReader();
  readonly roots: SpelledRoot[] = [];
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
  }

  read(): void {
    const { errors, warnings, contents } = this.#document;
    for (const { message, pos } of [...errors, ...warnings]) this.#refuseAt(pos[0], message);
    if (errors.length > 0 || contents === null) return;
    if (!isMap(contents)) return this.#refuseAt(contents.range?.[0] ?? 0, "the document is no map of keys");
    for (const pair of contents.items) {
      const name = nameOf(pair as Pair<Node, Node | null>);
      const spelling = [OPENGSLB, LONGBOW].find(({ root }) => root === name);
      if (spelling === undefined) this.#own(pair as Pair<Node, Node | null>, "");
      else {
        this.roots.push({ spelling, origin: this.#keyOrigin(pair as Pair<Node, Node | null>, spelling.root) });
        this.#spelled(pair as Pair<Node, Node | null>, "", spelling);
      }
    }
  }

  /** Reads a pair in Hearsay's own names. */
  #own(pair: Pair<Node, Node | null>, prefix: string): void {
    const path = `${prefix}${nameOf(pair)}`;
    const key = CONFIG_KEYS.get(path);
    const origin = this.#originOf(pair, path);
    if (key === undefined) {
      const siblings = namesUnder([...CONFIG_KEYS.keys(), OPENGSLB.root, LONGBOW.root], prefix);
      return this.#unknown(pair, path, prefix, siblings);
    }
    if (key.parts !== null && isMap(pair.value)) {
      for (const part of pair.value.items) this.#own(part as Pair<Node, Node | null>, `${path}.`);
      return;
    }
    const value = this.#valueOf(pair, origin);
    if (value === undefined) return;
    if (!key.isWhole) return this.source.refuse(origin, value, `has parts: ${Object.keys(key.parts ?? {}).join(", ")}`);
    addValue(this.source, key, value, origin);
  }

  /** Reads a pair in the names of another program. */
  #spelled(pair: Pair<Node, Node | null>, prefix: string, spelling: Spelling): void {
    const path = `${prefix}${nameOf(pair)}`;
    const names = [...spelling.names.keys()];
    const known = spelling.names.get(path);
    const origin = this.#originOf(pair, path);
    if (known === undefined) {
      const parts = namesUnder(names, `${path}.`);
      if (parts.length === 0) return this.#unknown(pair, path, prefix, namesUnder(names, prefix));
      if (isMap(pair.value)) {
        for (const part of pair.value.items) this.#spelled(part as Pair<Node, Node | null>, `${path}.`, spelling);
        return;
      }
      return this.source.refuse(origin, this.#valueOf(pair, origin), `has parts: ${parts.join(", ")}`);
    }
    const value = this.#valueOf(pair, origin);
    if (value !== undefined) known.read(value, origin, this.source);
  }

  #unknown(pair: Pair<Node, Node | null>, path: string, prefix: string, siblings: readonly string[]): void {
    const name = nameOf(pair);
    const nearest = nearestName(name, siblings);
    const meant = nearest === null ? sameElsewhere(name) : `${prefix}${nearest}`;
    const hint = meant === null ? `known are ${siblings.join(", ")}` : `did you mean ${meant}?`;
    this.source.refuse(this.#keyOrigin(pair, path), null, `is no setting of the agent; ${hint}`);
  }

  /** The value of a pair; undefined if it has none, which is a fault. */
  #valueOf({ value }: Pair<Node, Node | null>, origin: Origin): unknown {
    const isEmpty = value === null || (isScalar(value) && value.value === null);
    if (isEmpty) {
      this.source.refuse(origin, null, "has no value; leave the line out for the default");
      return undefined;
    }
    try {
      // An alias that is expanded too often throws, as does one without an anchor.
      return value.toJS(this.#document);
    } catch (error) {
      this.source.refuse(origin, null, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #keyOrigin({ key }: Pair<Node, Node | null>, path: string): Origin {
    const { line, col } = this.#lines.linePos(key.range?.[0] ?? 0);
    return { kind: "file", path: this.#path, key: path, line, column: col };
  }

  /** A pair's origin: the place of its value, or of its key if it has none. */
  #originOf({ key, value }: Pair<Node, Node | null>, path: string): Origin {
    const { line, col } = this.#lines.linePos(value?.range?.[0] ?? key.range?.[0] ?? 0);
    return { kind: "file", path: this.#path, key: path, line, column: col };
  }

  #refuseAt(position: number, problem: string): void {
    const { line, col } = this.#lines.linePos(position);
    this.source.refuse({ kind: "file", path: this.#path, key: "", line, column: col }, null, problem);
  }
}

function nameOf({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** The next parts of the paths that begin with the prefix. */
function namesUnder(paths: readonly string[], prefix: string): string[] {
  const under = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split(".")[0]);
  return [...new Set(under)].filter((name) => name !== undefined);
}

/** The key whose last part is this name, in whatever style it is written; null if there is none, or several. */
function sameElsewhere(name: string): string | null {
  const plain = (one: string): string => one.replaceAll(/[-_]/g, "").toLowerCase();
  const keys = [...CONFIG_KEYS.keys()].filter((key) => plain(key.split(".").at(-1) ?? "") === plain(name));
  return keys.length === 1 ? (keys[0] ?? null) : null;
}

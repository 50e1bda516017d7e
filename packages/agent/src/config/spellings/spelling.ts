import type { JsonSchema } from "hearsay/options";
import type { SourceReader } from "../sources/given.ts";
import type { Origin } from "../sources/origin.ts";

/** One name of a spelling. */
export interface SpelledName {
  /** The key that it stands for. */
  readonly stands: string;
  /** What a document may hold under it. */
  readonly schema: JsonSchema;
  /** What a text from the environment stands for. */
  ofText(text: string): unknown;
  /** Adds what the value means to what its source says. */
  read(value: unknown, origin: Origin, source: SourceReader): void;
}

/** Another program's names for the agent's keys. */
export interface Spelling {
  /** The first key of its documents. */
  readonly root: string;
  /** By path, such as `gossip.protocolPeriod`. */
  readonly names: ReadonlyMap<string, SpelledName>;
}

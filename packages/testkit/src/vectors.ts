import { readFileSync } from "node:fs";

/** What a vector's bytes contain (docs/protocol/memberlist.md, section 27). */
export type VectorKind =
  | "packet"
  | "stream"
  | "serf-message"
  | "serf-filter"
  | "serf-tags"
  | "serf-ack-payload"
  | "rpc-request"
  | "rpc-response"
  | "snapshot"
  | "algorithm";

/** Bytes and their meaning, from the reference's encoders and from captured traffic. */
export interface Vector {
  /** Unique; its first part is the family. */
  readonly name: string;
  readonly description: string;
  readonly kind: VectorKind;
  /** The bytes; empty for algorithms. */
  readonly hex: string;
  /** The meaning of the bytes. Byte strings are `{ bytes: hex }`, nil is null. */
  readonly decoded: unknown;
  /** AES key in hex. */
  readonly key?: string;
  readonly label?: string;
  readonly source: string;
  /** Which rules for signed integers the source follows (section 3.3). */
  readonly codec: "v2" | "v0.5.5";
  readonly labelsSupportedBySource: boolean;
  readonly verified: boolean;
}

/** All vectors, in the file's order. */
export function loadVectors(): Vector[] {
  return JSON.parse(readFileSync(new URL("../fixtures/vectors.json", import.meta.url), "utf8"));
}

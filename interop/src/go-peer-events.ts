/** A JSON object from the peer, not yet validated. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * A member as memberlist's public interface shows it. It has no state: the library leaves that field at "alive"
 * regardless of the member's state.
 */
export interface PeerNode {
  readonly name: string;
  readonly addr: string;
  readonly port: number;
  readonly meta: Uint8Array;
  /** PMin, PMax, PCur, DMin, DMax, DCur. */
  readonly vsn: readonly number[];
}

/** A row of the peer's own table, as it sends it in a push/pull. */
export interface PeerRecord extends PeerNode {
  readonly state: "alive" | "suspect" | "dead" | "left";
  readonly incarnation: number;
}

/** An event that a peer reports; `atMs` is this process's `performance.now()` at its arrival. */
export type PeerEvent = { readonly atMs: number } & (
  | { readonly event: "ready" }
  | { readonly event: "log"; readonly line: string }
  | { readonly event: "join" | "leave" | "update"; readonly node: PeerNode }
  | { readonly event: "conflict"; readonly existing: PeerNode; readonly other: PeerNode }
  | { readonly event: "merge"; readonly nodes: readonly PeerNode[] }
  /** `first` is false if this peer had sent or received the same bytes before. */
  | { readonly event: "message"; readonly payload: Uint8Array; readonly first: boolean }
  /** The user state of a push/pull that the peer merged. */
  | { readonly event: "state"; readonly bytes: number; readonly sha256: string; readonly join: boolean }
);

/**
 * Reads one event of the peer.
 *
 * @throws TypeError for what the peer never writes; then the two halves of the driver differ.
 */
export function readEvent(line: JsonObject, atMs: number): PeerEvent {
  const event = line["event"];
  switch (event) {
    case "ready":
      return { atMs, event };
    case "log":
      return { atMs, event, line: readText(line, "line") };
    case "join":
    case "leave":
    case "update":
      return { atMs, event, node: readNode(line["node"]) };
    case "conflict":
      return { atMs, event, existing: readNode(line["existing"]), other: readNode(line["other"]) };
    case "merge":
      return { atMs, event, nodes: readList(line, "nodes").map(readNode) };
    case "message":
      return { atMs, event, payload: readBytes(line["payload"]), first: line["first"] === true };
    case "state":
      return {
        atMs,
        event,
        bytes: readNumber(line, "bytes"),
        sha256: readText(line, "sha256"),
        join: line["join"] === true,
      };
    default:
      throw new TypeError(`the Go peer reports an unknown event: ${JSON.stringify(line)}`);
  }
}

export function readNode(value: unknown): PeerNode {
  const node = readObject(value);
  return {
    name: readText(node, "name"),
    addr: readText(node, "addr"),
    port: readNumber(node, "port"),
    meta: readBytes(node["meta"]),
    vsn: readList(node, "vsn").map(Number),
  };
}

export function readRecord(value: unknown): PeerRecord {
  const node = readObject(value);
  const state = node["state"];
  if (state !== "alive" && state !== "suspect" && state !== "dead" && state !== "left") {
    throw new TypeError(`the Go peer tells an unknown state: ${String(state)}`);
  }
  return { ...readNode(node), state, incarnation: readNumber(node, "incarnation") };
}

export function readObject(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError("the Go peer left out an object");
  return value;
}

export function readList(object: JsonObject, key: string): readonly unknown[] {
  const value = object[key];
  if (!Array.isArray(value)) throw new TypeError(`the Go peer left out the list "${key}"`);
  return value;
}

export function readText(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value !== "string") throw new TypeError(`the Go peer left out the text "${key}"`);
  return value;
}

export function readNumber(object: JsonObject, key: string): number {
  const value = object[key];
  if (typeof value !== "number") throw new TypeError(`the Go peer left out the number "${key}"`);
  return value;
}

export function readBytes(value: unknown): Uint8Array {
  if (typeof value !== "string") throw new TypeError("the Go peer left out bytes");
  // A copy, since a Buffer is never deeply equal to a plain Uint8Array.
  return new Uint8Array(Buffer.from(value, "base64"));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

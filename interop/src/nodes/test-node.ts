import type { MemberStatus } from "hearsay";

/** One row of a node's own table. */
export interface Row {
  readonly status: MemberStatus;
  readonly incarnation: number;
  readonly meta: Uint8Array;
  /** `host:port` */
  readonly address: string;
}

/** A change of membership that a node has reported. The Go library does not tell who left from who died. */
export interface Change {
  readonly kind: string;
  readonly name: string;
}

/** One line of a node's log, as its side's list of expected lines sees it. */
export type LogLine = string;

/** A node of either kind in a mixed cluster, as far as the cases treat both alike. */
export interface TestNode {
  readonly kind: "go" | "hearsay";
  readonly name: string;
  /** `host:port` */
  readonly address: string;
  /** Everybody that this node knows, dead members too, by name. */
  table(): Promise<ReadonlyMap<string, Row>>;
  /** Members that it has reported as gone, in order, itself left out. */
  readonly departures: readonly string[];
  /** User messages that have reached it, in order. */
  readonly heard: readonly Uint8Array[];
  /** Everything that it has logged. */
  readonly logLines: readonly LogLine[];
  /** Joins through one address. Rejects if nobody answers. */
  join(address: string): Promise<void>;
  /** Spreads a user message by gossip. */
  broadcast(payload: Uint8Array): Promise<void>;
  /** Sends a user message to one member, in a datagram or over a stream. */
  send(to: string, payload: Uint8Array, reliable: boolean): Promise<void>;
  setMeta(meta: Uint8Array): Promise<void>;
  /** Says goodbye to the cluster. */
  leave(): Promise<void>;
  /** Ends the node without a word. Safe to call again. */
  close(): Promise<void>;
}

/** A node in a process of its own, which can be ended and frozen from outside. */
export interface ProcessNode extends TestNode {
  /** Ends the process as a machine that fails. */
  kill(): Promise<void>;
  /** Stops the process; its sockets stay open. */
  freeze(): void;
  /** Lets a frozen process go on. */
  thaw(): void;
  /** How often the node has said in its log that it answered an accusation of this kind; Hearsay's tells no kind. */
  refutations(accusation: "suspect" | "dead"): number;
}

import type { MemberStatus } from "hearsay";

/** One row of a node's own table. */
export interface Row {
  readonly status: MemberStatus;
  readonly incarnation: number;
  readonly meta: Uint8Array;
  /** `host:port` */
  readonly address: string;
}

/** A change of membership that a node has reported. The Go library doesn't distinguish left from failed members. */
export interface Change {
  readonly kind: string;
  readonly name: string;
}

/** One line of a node's log, in the form of its side's list of expected lines. */
export type LogLine = string;

/** A node of either kind in a mixed cluster, with the operations that cases use on both alike. */
export interface TestNode {
  readonly kind: "go" | "hearsay";
  readonly name: string;
  /** `host:port` */
  readonly address: string;
  /** All members that this node knows, including dead ones, by name. */
  table(): Promise<ReadonlyMap<string, Row>>;
  /** Members that it has reported as gone, in order, except itself. */
  readonly departures: readonly string[];
  /** User messages that it has received, in order. */
  readonly heard: readonly Uint8Array[];
  /** Everything that it has logged. */
  readonly logLines: readonly LogLine[];
  /** Joins through one address. Rejects if it doesn't answer. */
  join(address: string): Promise<void>;
  /** Spreads a user message by gossip. */
  broadcast(payload: Uint8Array): Promise<void>;
  /** Sends a user message to one member, in a datagram or over a stream. */
  send(to: string, payload: Uint8Array, reliable: boolean): Promise<void>;
  setMeta(meta: Uint8Array): Promise<void>;
  /** Leaves the cluster. */
  leave(): Promise<void>;
  /** Ends the node without leaving. Safe to call again. */
  close(): Promise<void>;
}

/** A node in a process of its own, which can be ended and frozen from outside. */
export interface ProcessNode extends TestNode {
  /** Kills the process, like a machine that fails. */
  kill(): Promise<void>;
  /** Stops the process; its sockets stay open. */
  freeze(): void;
  /** Resumes a frozen process. */
  thaw(): void;
  /** How often the node has logged that it refuted an accusation of this kind; Hearsay's log doesn't name the kind. */
  refutations(accusation: "suspect" | "dead"): number;
}

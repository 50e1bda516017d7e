/** How a Go peer's node starts; an absent option keeps the value of its profile in memberlist. */
export interface PeerOptions {
  readonly name: string;
  /** A numeric address. @defaultValue "127.0.0.1" */
  readonly bindAddr?: string;
  /** @defaultValue 0, any free port; the answer tells which */
  readonly bindPort?: number;
  readonly advertiseAddr?: string;
  /** @defaultValue "lan" */
  readonly profile?: "lan" | "wan" | "local";
  readonly overrides?: PeerOverrides;
  readonly label?: string;
  readonly skipInboundLabelCheck?: boolean;
  /** AES keys of 16, 24 or 32 bytes, the primary first. An empty ring leaves encryption off until a key is added. */
  readonly keys?: readonly Uint8Array[];
  readonly gossipVerifyIncoming?: boolean;
  readonly gossipVerifyOutgoing?: boolean;
  readonly compression?: boolean;
  /**
   * 1 to 5. With 1 the node seals with encryption version 0, and assumes that every member has its own port, so all
   * members need one port and an address each (127.0.0.1, 127.0.0.2 and so on).
   *
   * @defaultValue 2
   */
  readonly protocolVersion?: number;
  readonly delegateVersion?: { readonly min: number; readonly max: number; readonly cur: number };
  /** At most 512 bytes. */
  readonly meta?: Uint8Array;
  /** Length of the user state in each push/pull, which repeats the bytes 0 to 250. @defaultValue 0 */
  readonly stateBytes?: number;
  /** Whether the peer relays each user message that it receives for the first time. @defaultValue true */
  readonly relay?: boolean;
}

/** Single settings of memberlist, with its names and their units. */
export interface PeerOverrides {
  readonly probeIntervalMs?: number;
  readonly probeTimeoutMs?: number;
  readonly gossipIntervalMs?: number;
  readonly gossipToTheDeadMs?: number;
  readonly gossipNodes?: number;
  /** 0 switches periodic push/pull off. */
  readonly pushPullIntervalMs?: number;
  readonly tcpTimeoutMs?: number;
  readonly deadNodeReclaimMs?: number;
  readonly suspicionMult?: number;
  readonly suspicionMaxTimeoutMult?: number;
  readonly indirectChecks?: number;
  readonly retransmitMult?: number;
  readonly awarenessMaxMult?: number;
  readonly udpBufferSize?: number;
  readonly disableTcpPings?: boolean;
}

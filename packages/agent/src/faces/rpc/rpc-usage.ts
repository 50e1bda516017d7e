/** Counters of an RPC server. */
export interface RpcCounters {
  connectionsAccepted: number;
  /** Refused at the limit, with no client to displace. */
  connectionsRefused: number;
  /** Never opened, and displaced by a new client. */
  connectionsDisplaced: number;
  /** Ended from this side: displaced, not open in time, or blocking others. */
  connectionsCut: number;
  /** Requests that were refused, failed or could not be read. */
  requestsRefused: number;
}

/** The current usage, and what was lost for lack of room. */
export interface RpcUsage extends Readonly<RpcCounters> {
  readonly connections: number;
  /** Bytes that the server keeps for all clients together. */
  readonly bytesHeld: number;
  readonly bytesHeldMax: number;
  /**
   * Records of streams, monitors and queries that were not sent, since their client, or all clients together, did not
   * read.
   */
  readonly recordsDropped: number;
  /** Events and log lines that were dropped for all clients. */
  readonly occurrencesDropped: number;
}

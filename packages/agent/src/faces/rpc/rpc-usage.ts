/** What has been counted. */
export interface RpcCounters {
  connectionsAccepted: number;
  /** At the limit, and nobody gave way. */
  connectionsRefused: number;
  /** Never opened, and gave way to a newcomer. */
  connectionsDisplaced: number;
  /** Ended from this side: displaced, not open in time, or in the way of others. */
  connectionsCut: number;
  /** Requests that were refused, failed or could not be read. */
  requestsRefused: number;
}

/** What there is now, and what was lost for want of room. */
export interface RpcUsage extends Readonly<RpcCounters> {
  readonly connections: number;
  /** Bytes that all clients together make the server keep. */
  readonly bytesHeld: number;
  readonly bytesHeldMax: number;
  /** Records of streams, monitors and queries that were not sent, since their client or all together did not read. */
  readonly recordsDropped: number;
  /** Events that were on their way to streams, and lines to monitors, and were dropped for all. */
  readonly occurrencesDropped: number;
}

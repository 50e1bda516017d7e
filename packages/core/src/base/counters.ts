/** Counts of a node since its start. Plain numbers make counting cheap; metrics are derived from them. */
export interface Counters {
  datagramsIn: number;
  datagramsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Whole datagrams refused: wrong label or key, damaged, unknown. */
  datagramsRefused: number;
  /** Single messages refused: invalid, or too many. Other messages of the same datagram may have been applied. */
  messagesRefused: number;
  /** Messages dropped because no packet can carry them. */
  messagesUnsendable: number;
  probesSent: number;
  /** Probes that no path answered. */
  probesFailed: number;
  /** Probes that only a helper, the stream or a late ack answered. */
  probesRescued: number;
  pingsAnswered: number;
  indirectPingsServed: number;
  /** Indirect pings refused because too many were in progress. */
  relaysRefused: number;
  suspicionsRaised: number;
  /** Accusations of this node that it refuted. */
  selfRefutations: number;
  /** Stored accusations sent to a restarted node that may not know of them. */
  accusationsReturned: number;
  rumorsQueued: number;
  /** Rumors replaced by a newer one of the same subject. */
  rumorsSuperseded: number;
  /** Rumors dropped because the store was full, or because no other member was there. */
  rumorsDropped: number;
  /** Rumors dropped because enough copies came back. */
  rumorsKnown: number;
  eagerPackets: number;
  /** News that left the eager lane unsent, because the lane was full or no target could take it. */
  eagerFallbacks: number;
  pushPulls: number;
  pushPullsServed: number;
  /** Push/pulls refused because too many of them, or too many of their bytes, were in progress. */
  pushPullsRefused: number;
  /** Push/pull entries refused: invalid, incompatible, or not admitted. A state refused as a whole counts as one. */
  entriesRefused: number;
  /** Members refused because the view was full. */
  membersRefused: number;
  nameConflicts: number;
  /** Calls that came so late that the detector's deadlines moved. */
  lateCalls: number;
  userMessages: number;
  /** Sections of layers that did not fit into a state. */
  sectionsLeftOut: number;
}

export function newCounters(): Counters {
  return {
    datagramsIn: 0,
    datagramsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    datagramsRefused: 0,
    messagesRefused: 0,
    messagesUnsendable: 0,
    probesSent: 0,
    probesFailed: 0,
    probesRescued: 0,
    pingsAnswered: 0,
    indirectPingsServed: 0,
    relaysRefused: 0,
    suspicionsRaised: 0,
    selfRefutations: 0,
    accusationsReturned: 0,
    rumorsQueued: 0,
    rumorsSuperseded: 0,
    rumorsDropped: 0,
    rumorsKnown: 0,
    eagerPackets: 0,
    eagerFallbacks: 0,
    pushPulls: 0,
    pushPullsServed: 0,
    pushPullsRefused: 0,
    entriesRefused: 0,
    membersRefused: 0,
    nameConflicts: 0,
    lateCalls: 0,
    userMessages: 0,
    sectionsLeftOut: 0,
  };
}

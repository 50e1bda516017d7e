/** What a node has counted since its start. Plain numbers, so that counting costs nothing; metrics are made from it. */
export interface Counters {
  datagramsIn: number;
  datagramsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Whole datagrams refused: wrong label or key, damaged, unknown. */
  datagramsRefused: number;
  /** Single messages refused, by datagram or stream, where others beside them may have applied: wrong, or too many. */
  messagesRefused: number;
  /** Messages dropped because no packet can carry them. */
  messagesUnsendable: number;
  probesSent: number;
  /** Probes that no path answered. */
  probesFailed: number;
  /** Probes that only helpers or the stream could answer. */
  probesRescued: number;
  pingsAnswered: number;
  indirectPingsServed: number;
  /** Indirect pings refused because too many were under way. */
  relaysRefused: number;
  suspicionsRaised: number;
  /** Accusations of this node that it answered. */
  selfRefutations: number;
  /** Stored accusations sent to a restarted node that could not know of them. */
  accusationsReturned: number;
  rumorsQueued: number;
  /** Rumors that gave way to a newer one of the same subject. */
  rumorsSuperseded: number;
  /** Rumors dropped because the store was full, or because nobody was there to be told. */
  rumorsDropped: number;
  /** Rumors dropped because enough copies came back. */
  rumorsKnown: number;
  eagerPackets: number;
  /** News that left the eager lane unsent: as much waited there as may, or no target could take it. */
  eagerFallbacks: number;
  pushPulls: number;
  pushPullsServed: number;
  /** Push/pulls refused because too many, or too many bytes of them, were under way. */
  pushPullsRefused: number;
  /** Push/pull entries that no member may have. */
  entriesRefused: number;
  /** Members refused because the view was full. */
  membersRefused: number;
  nameConflicts: number;
  /** Calls that came so late that the detector's deadlines moved. */
  lateCalls: number;
  userMessages: number;
  /** Sections that layers had for a state, and for which there was no room in it. */
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

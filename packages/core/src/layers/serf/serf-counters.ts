/** Serf's counters on one node since its start. */
export interface SerfCounters {
  /** Messages that could not be read, or that are not allowed where they came from. */
  messagesRefused: number;
  /** Messages that are known to crash other implementations: dropped and not relayed. */
  messagesHarmful: number;
  intents: number;
  /** Intents that were not news. */
  intentsStale: number;
  /** Leave intents about this node that it refuted. */
  leavesRefuted: number;
  /** Intents about unknown members, dropped for later ones. */
  recentIntentsDropped: number;
  /** Members forgotten early because too many had failed or left. */
  membersForgotten: number;
  events: number;
  eventsDuplicate: number;
  /** Events older than the oldest remembered time, or from before a join without replay. */
  eventsTooOld: number;
  /** Lamport times whose events were forgotten because the remembered events took too many bytes. */
  eventsForgotten: number;
  queries: number;
  queriesDuplicate: number;
  queriesTooOld: number;
  /** Queries whose filters didn't match this node. */
  queriesFiltered: number;
  /** Queries treated as not matching because their filters' expressions would have cost too much. */
  filtersRefused: number;
  /** Unanswered queries dropped because too many were open. */
  queriesDropped: number;
  /** Acknowledgements and answers that were not sent: too many at a time, or no permitted address to send them to. */
  answersUnsent: number;
  /** Relay messages that were too long to be sent. */
  relaysTooLarge: number;
  /** Answers to an unknown or finished query. */
  answersStray: number;
  /** Repeated acknowledgements and answers, as relaying causes them. */
  answersDuplicate: number;
  /** Answers beyond the limit of one query. */
  answersDropped: number;
  /** Answers relayed for others. */
  relaysServed: number;
  /** Relays refused: not an answer, no permitted address, or too many at a time. */
  relaysRefused: number;
  /** Coordinates in acks that could not be read. */
  coordinatesUnreadable: number;
  /** States of others that could not be read. */
  statesRefused: number;
}

export function newSerfCounters(): SerfCounters {
  return {
    messagesRefused: 0,
    messagesHarmful: 0,
    intents: 0,
    intentsStale: 0,
    leavesRefuted: 0,
    recentIntentsDropped: 0,
    membersForgotten: 0,
    events: 0,
    eventsDuplicate: 0,
    eventsTooOld: 0,
    eventsForgotten: 0,
    queries: 0,
    queriesDuplicate: 0,
    queriesTooOld: 0,
    queriesFiltered: 0,
    filtersRefused: 0,
    queriesDropped: 0,
    answersUnsent: 0,
    relaysTooLarge: 0,
    answersStray: 0,
    answersDuplicate: 0,
    answersDropped: 0,
    relaysServed: 0,
    relaysRefused: 0,
    coordinatesUnreadable: 0,
    statesRefused: 0,
  };
}

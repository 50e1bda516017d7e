/** What Serf has counted on one node since its start. */
export interface SerfCounters {
  /** Messages of others that could not be read, or came by a way on which they don't belong. */
  messagesRefused: number;
  /** Messages that are known to crash other implementations: dropped, and not passed on. */
  messagesHarmful: number;
  intents: number;
  /** Intents that were no news. */
  intentsStale: number;
  /** Leave intents about this node, which it answered. */
  leavesRefuted: number;
  /** Intents about unknown members that made way for later ones. */
  recentIntentsDropped: number;
  /** Members forgotten before their time because too many were gone. */
  membersForgotten: number;
  events: number;
  eventsDuplicate: number;
  /** Events from before the oldest time that is remembered, or from before a join that wants none of them. */
  eventsTooOld: number;
  /** Remembered events that made way because they took too many bytes. */
  eventsForgotten: number;
  queries: number;
  queriesDuplicate: number;
  queriesTooOld: number;
  /** Queries that others asked and that their filters kept from this node. */
  queriesFiltered: number;
  /** Queries that didn't match because their filters' expressions would have cost too much. */
  filtersRefused: number;
  /** Queries that could not be answered any more because too many were open. */
  queriesDropped: number;
  /** Acknowledgements and answers that were not sent: too many at a time, or no address to send them to. */
  answersUnsent: number;
  /** Relayed copies that were too long to be sent. */
  relaysTooLarge: number;
  /** Answers to no query of ours, or to one that is over. */
  answersStray: number;
  /** Further copies of acknowledgements and answers, as relaying makes them. */
  answersDuplicate: number;
  /** Answers beyond what one query collects. */
  answersDropped: number;
  /** Answers sent on for others. */
  relaysServed: number;
  /** Messages that others wanted to be sent on, and were not: no answers, or to nobody's address. */
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

/** Kinds of Serf's deadlines. */
export const REAP_ROUND = 0;
/** The stamp is the query's handle. */
export const INCOMING_QUERY = 1;
/** The stamp is the query's number. */
export const OUTGOING_QUERY = 2;
/** The stamp is the step of the leave. */
export const LEAVE_STEP = 3;

/** Queries that Serf answers itself (docs/protocol/serf.md, section 12). */

/** The prefix of their names. Other queries with this prefix are ignored, and users can't start them. */
export const INTERNAL_QUERY_PREFIX = "_serf_";

export const PING_QUERY = "_serf_ping";
/** Its payload is a bare name, without a type byte. */
export const CONFLICT_QUERY = "_serf_conflict";
export const INSTALL_KEY_QUERY = "_serf_install-key";
export const USE_KEY_QUERY = "_serf_use-key";
export const REMOVE_KEY_QUERY = "_serf_remove-key";
export const LIST_KEYS_QUERY = "_serf_list-keys";

/** Whether the payload of a query with this name is a key request. */
export function isKeyQuery(name: string): boolean {
  return name === INSTALL_KEY_QUERY || name === USE_KEY_QUERY || name === REMOVE_KEY_QUERY || name === LIST_KEYS_QUERY;
}

import { FAULTS, type WireFault } from "../../../wire/faults.ts";
import { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import type { Coordinate } from "../coordinates/coordinate.ts";
import { readConflictResponse } from "./conflict-response.ts";
import { readCoordinatePayload } from "./coordinate.ts";
import { type QueryFilter, readFilter } from "./filters.ts";
import { readJoin, readLeave } from "./intents.ts";
import { readKeyRequest, readKeyResponse } from "./key-messages.ts";
import {
  CONFLICT_RESPONSE,
  JOIN,
  KEY_REQUEST,
  KEY_RESPONSE,
  LEAVE,
  QUERY,
  QUERY_RESPONSE,
  RELAY,
  type SerfMessage,
  STATE,
  USER_EVENT,
} from "./messages.ts";
import { readQuery } from "./query.ts";
import { readQueryResponse } from "./query-response.ts";
import { readRelay } from "./relay.ts";
import { readState } from "./state.ts";
import { readTags, type Tags } from "./tags.ts";
import { readUserEvent } from "./user-event.ts";

/**
 * Decodes Serf's messages, and what Serf carries in metadata, queries and acks (docs/protocol/serf.md, sections 2, 4,
 * 11.3 and 14.1). Bytes that are malformed, or known to crash other implementations, become a fault. Time and memory
 * grow with the bytes present, never with the lengths that they claim.
 */
export class SerfDecoder {
  readonly #reader: MsgpackReader = new MsgpackReader();

  /** Where the last message ended; extensions may follow a state in the same push/pull. */
  get at(): number {
    return this.#reader.at;
  }

  /**
   * Decodes the message from its type byte at `start` to `end`. Bytes after it are ignored, except that a relay reaches
   * to `end`. Every type is decoded; the caller checks which types may arrive on which path. A query with an empty
   * filter and a key query without a payload are "harmful" (section 24).
   */
  decode(bytes: Uint8Array, start: number, end: number): SerfMessage | WireFault {
    if (start >= end) return FAULTS.empty;
    const reader = this.#reader;
    reader.open(bytes, start + 1, end);
    const type = bytes[start];
    const message = type === RELAY ? readRelay(reader, bytes, end) : readMessage(reader, type);
    reader.close();
    return reader.fault ?? message;
  }

  /** Decodes the tags in a member's metadata (section 4). The older form holds only the value of the tag `role`. */
  tags(meta: Uint8Array): Tags | WireFault {
    return this.#afterFirstByte(meta, readTags);
  }

  /** Decodes one of a query's filters (section 11.3). An empty one is "harmful". */
  filter(filter: Uint8Array): QueryFilter | WireFault {
    return this.#afterFirstByte(filter, readFilter);
  }

  /** Decodes the coordinate in an ack's payload (section 14.1). */
  coordinatePayload(payload: Uint8Array): Coordinate | WireFault {
    return this.#afterFirstByte(payload, readCoordinatePayload);
  }

  #afterFirstByte<T>(bytes: Uint8Array, read: (reader: MsgpackReader, bytes: Uint8Array) => T): T | WireFault {
    const reader = this.#reader;
    reader.open(bytes, 1, bytes.length);
    const value = read(reader, bytes);
    reader.close();
    return reader.fault ?? value;
  }
}

function readMessage(reader: MsgpackReader, type: number | undefined): SerfMessage | WireFault {
  switch (type) {
    case LEAVE:
      return readLeave(reader);
    case JOIN:
      return readJoin(reader);
    case STATE:
      return readState(reader);
    case USER_EVENT:
      return readUserEvent(reader);
    case QUERY:
      return readQuery(reader);
    case QUERY_RESPONSE:
      return readQueryResponse(reader);
    case CONFLICT_RESPONSE:
      return readConflictResponse(reader);
    case KEY_REQUEST:
      return readKeyRequest(reader);
    case KEY_RESPONSE:
      return readKeyResponse(reader);
    default:
      return FAULTS.badType;
  }
}

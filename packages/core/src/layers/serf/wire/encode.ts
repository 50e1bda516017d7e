import { type SignedStyle, Writer } from "../../../wire/writer.ts";
import { writeConflictResponse } from "./conflict-response.ts";
import { writeJoin, writeLeave } from "./intents.ts";
import { writeKeyRequest, writeKeyResponse } from "./key-messages.ts";
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
import { writeQuery } from "./query.ts";
import { writeQueryResponse } from "./query-response.ts";
import { writeRelay } from "./relay.ts";
import { writeState } from "./state.ts";
import { writeUserEvent } from "./user-event.ts";

/** Encodes Serf's messages exactly as the reference does (docs/protocol/serf.md, section 2). */
export class SerfEncoder {
  readonly #writer: Writer;

  /** The older style of signed integers exists for tests; every peer reads both. */
  constructor(signed: SignedStyle = "v2") {
    this.#writer = new Writer(signed);
  }

  /**
   * Encodes a message, type byte first. The result is borrowed: the next call overwrites it. Numbers out of their
   * fields' range and queries that would crash their receivers are the caller's bugs.
   */
  encode(message: SerfMessage): Uint8Array {
    this.#writer.reset();
    writeMessage(this.#writer, message);
    return this.#writer.borrow();
  }
}

/** Encodes one message, type byte first, in memory of its own. */
export function encodeSerfMessage(message: SerfMessage): Uint8Array {
  const writer = new Writer("v2", MESSAGE_BYTES_TYPICAL);
  writeMessage(writer, message);
  // Nothing else uses the writer, so no copy is needed.
  return writer.borrow();
}

/** Enough for most messages. */
const MESSAGE_BYTES_TYPICAL = 160;

function writeMessage(writer: Writer, message: SerfMessage): void {
  switch (message.type) {
    case LEAVE:
      return writeLeave(writer, message);
    case JOIN:
      return writeJoin(writer, message);
    case STATE:
      return writeState(writer, message);
    case USER_EVENT:
      return writeUserEvent(writer, message);
    case QUERY:
      return writeQuery(writer, message);
    case QUERY_RESPONSE:
      return writeQueryResponse(writer, message);
    case CONFLICT_RESPONSE:
      return writeConflictResponse(writer, message);
    case KEY_REQUEST:
      return writeKeyRequest(writer, message);
    case KEY_RESPONSE:
      return writeKeyResponse(writer, message);
    case RELAY:
      return writeRelay(writer, message);
  }
}

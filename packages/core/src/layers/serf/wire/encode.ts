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

/** Makes bytes of Serf's messages exactly as the reference does (docs/protocol/serf.md, section 2). */
export class SerfEncoder {
  readonly #writer: Writer;

  /** The older style of signed integers exists for tests; every peer reads both. */
  constructor(signed: SignedStyle = "v2") {
    this.#writer = new Writer(signed);
  }

  /**
   * The bytes of a message, type byte first. They are borrowed: the next call overwrites them. Numbers out of their
   * fields' range and queries that would crash their receivers are the caller's bugs.
   */
  encode(message: SerfMessage): Uint8Array {
    this.#writer.reset();
    writeMessage(this.#writer, message);
    return this.#writer.borrow();
  }
}

/** The bytes of one message, type byte first, in memory of its own. */
export function encodeSerfMessage(message: SerfMessage): Uint8Array {
  const writer = new Writer("v2", MESSAGE_BYTES_TYPICAL);
  writeMessage(writer, message);
  // Nobody else has the writer, so a view of its memory is as good as a copy.
  return writer.borrow();
}

/** Most messages need no more than this. */
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

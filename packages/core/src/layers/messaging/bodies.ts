import { invariant } from "../../base/invariant.ts";
import { decodeName, nameLength, writeName } from "../../wire/names.ts";
import { readU32, writeU32 } from "./integers.ts";
import { TOPIC_BYTES_MAX } from "./limits.ts";

/** Bodies of the three kinds, version 1 (docs/protocol/hearsay.md, section 3). Decoded payloads are views. */

/** The handler answered. */
export const REPLY_OK = 0;
/** The member has no handler of that name. */
export const REPLY_NO_HANDLER = 1;
/** The handler failed; the payload is a text with the reason. */
export const REPLY_FAILED = 2;
export type ReplyStatus = typeof REPLY_OK | typeof REPLY_NO_HANDLER | typeof REPLY_FAILED;

export interface ChannelBody {
  readonly channel: string;
  readonly payload: Uint8Array;
}

export interface RequestBody {
  readonly requestId: number;
  readonly handler: string;
  readonly payload: Uint8Array;
}

export interface ReplyBody {
  readonly requestId: number;
  readonly status: ReplyStatus;
  readonly payload: Uint8Array;
}

const REQUEST_ID_BYTES = 4;
const REPLY_HEAD_BYTES = REQUEST_ID_BYTES + 1;

/** Bytes of a channel's body without its payload. */
export function channelOverheadBytes(channel: string): number {
  return 1 + nameLength(channel);
}

export function encodeChannelBody(channel: string, payload: Uint8Array): Uint8Array {
  return encodeTopic(0, channel, payload);
}

/** Null if the body is damaged. */
export function decodeChannelBody(body: Uint8Array): ChannelBody | null {
  const end = topicEnd(body, 0);
  return end < 0 ? null : { channel: decodeName(body, 1, end), payload: body.subarray(end) };
}

export function encodeRequestBody(requestId: number, handler: string, payload: Uint8Array): Uint8Array {
  const bytes = encodeTopic(REQUEST_ID_BYTES, handler, payload);
  writeU32(bytes, 0, requestId);
  return bytes;
}

/** Null if the body is damaged. */
export function decodeRequestBody(body: Uint8Array): RequestBody | null {
  const end = topicEnd(body, REQUEST_ID_BYTES);
  if (end < 0) return null;
  const handler = decodeName(body, REQUEST_ID_BYTES + 1, end);
  return { requestId: readU32(body, 0), handler, payload: body.subarray(end) };
}

export function encodeReplyBody(requestId: number, status: ReplyStatus, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(REPLY_HEAD_BYTES + payload.length);
  writeU32(bytes, 0, requestId);
  bytes[REQUEST_ID_BYTES] = status;
  bytes.set(payload, REPLY_HEAD_BYTES);
  return bytes;
}

/** Null if the body is damaged. An unknown status reads as a failure. */
export function decodeReplyBody(body: Uint8Array): ReplyBody | null {
  if (body.length < REPLY_HEAD_BYTES) return null;
  const byte = body[REQUEST_ID_BYTES];
  const status = byte === REPLY_OK || byte === REPLY_NO_HANDLER ? byte : REPLY_FAILED;
  return { requestId: readU32(body, 0), status, payload: body.subarray(REPLY_HEAD_BYTES) };
}

/** A name after `headBytes` bytes that the caller fills in, then the payload. */
function encodeTopic(headBytes: number, name: string, payload: Uint8Array): Uint8Array {
  const length = nameLength(name);
  invariant(length > 0 && length <= TOPIC_BYTES_MAX, "the host checks the names of channels and handlers");
  const bytes = new Uint8Array(headBytes + 1 + length + payload.length);
  bytes[headBytes] = length;
  bytes.set(payload, writeName(name, bytes, headBytes + 1));
  return bytes;
}

/** Where the name ends whose length is at `at`; -1 if it is empty or incomplete. */
function topicEnd(body: Uint8Array, at: number): number {
  const length = body[at] ?? 0;
  const end = at + 1 + length;
  return length === 0 || end > body.length ? -1 : end;
}

import { sameBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { APPLICATION, BULK, type RumorClass, URGENT } from "../../dissemination/rumor.ts";
import { nameLength } from "../../wire/names.ts";
import {
  channelOverheadBytes,
  decodeChannelBody,
  decodeReplyBody,
  decodeRequestBody,
  encodeChannelBody,
  encodeReplyBody,
  encodeRequestBody,
  type ReplyStatus,
} from "./bodies.ts";
import {
  BODY_VERSION,
  CHANNEL_KIND,
  decodeEnvelope,
  type Envelope,
  type EnvelopeFault,
  encodeEnvelope,
  envelopeOverheadBytes,
  kindOf,
  NO_KIND,
  REPLY_KIND,
  REQUEST_KIND,
} from "./envelope.ts";
import { readU32 } from "./integers.ts";
import { BOOT_ID_BYTES, ORIGIN_BYTES_MAX } from "./limits.ts";
import { bootKey, SeenOrigins } from "./seen-origins.ts";

/** The identity of the sender. */
export interface MessengerOptions {
  /** This node's name in the pool, 1 to 255 bytes. */
  readonly name: string;
  /** 8 bytes drawn at random at each start, so that others distinguish this life of the node from earlier ones. */
  readonly bootId: Uint8Array;
}

/** The classes that application messages may have: urgent, normal, bulk. */
export type MessageClass = typeof URGENT | typeof APPLICATION | typeof BULK;

/** A message to all members, published here or heard for the first time. `Messaging` gossips it in its class. */
export interface ChannelMessage {
  readonly kind: "channel";
  /** Identifies the message; no two messages have the same. */
  readonly subject: string;
  readonly channel: string;
  /** A view into the received bytes; for a message published here, the host's own bytes. */
  readonly payload: Uint8Array;
  readonly origin: string;
  readonly sequence: number;
  /** By the origin's clock, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  readonly rumorClass: MessageClass;
}

/** Another member's request. */
export interface RequestMessage {
  readonly kind: "request";
  readonly requestId: number;
  readonly handler: string;
  /** A view into the received bytes. */
  readonly payload: Uint8Array;
  /** The member to reply to. */
  readonly origin: string;
  readonly sentAtMs: number;
}

/** Another member's reply. The requester must compare `origin` with the member that it asked. */
export interface ReplyMessage {
  readonly kind: "reply";
  readonly requestId: number;
  readonly status: ReplyStatus;
  /** A view into the received bytes. */
  readonly payload: Uint8Array;
  readonly origin: string;
}

/** A message ready to be gossiped. */
export interface Published {
  readonly bytes: Uint8Array;
  /** The message as this node hears it. Repeated copies have the same subject. */
  readonly message: ChannelMessage;
}

/** What a received user message is (docs/protocol/hearsay.md, section 4). */
export type MessengerResult =
  /** Not an envelope, or one of an unknown kind: the application gets the bytes unchanged. */
  | { readonly kind: "foreign" }
  | ChannelMessage
  | RequestMessage
  | ReplyMessage
  /** Heard before, too old to tell, or one of our own messages. */
  | { readonly kind: "duplicate"; readonly subject: string }
  /** Heard for the first time, but of a version that only newer nodes read: it is relayed and not delivered. */
  | { readonly kind: "relay-only"; readonly subject: string; readonly rumorClass: MessageClass }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

/** Why an envelope was dropped. */
export type RefusalReason = EnvelopeFault | "bad-body" | "unknown-version" | "too-many-origins";

/** Counters of a messenger. */
export interface MessengerCounters {
  /** Messages published here. */
  published: number;
  /** Messages of others heard for the first time, including those of unknown versions. */
  messagesHeard: number;
  /** Messages heard before, and our own messages returned. */
  duplicates: number;
  /** Messages too far behind their origin's latest to be distinguished from duplicates. */
  messagesTooOld: number;
  /** Messages relayed but not delivered because their version is unknown. */
  unknownVersions: number;
  requests: number;
  replies: number;
  /** Messages that are no envelopes or have an unknown kind. */
  foreignMessages: number;
  /** Messages of others that are too long for this node's packets to relay. */
  relaysTooLarge: number;
  /** Requests and replies that came in a datagram; Hearsay nodes never send them so. */
  unicastDatagramsRefused: number;
  /** Damaged envelopes, requests and replies of unknown versions, and messages of origins beyond the limit. */
  envelopesRefused: number;
  /** Origins dropped to make room for others. */
  originsForgotten: number;
}

/**
 * Puts the application's messages into envelopes and reads those of others, each once (docs/protocol/hearsay.md). It
 * sends nothing: `Messaging` gossips what it returns, or the host sends it over a stream.
 */
export class Messenger {
  readonly name: string;
  readonly counters: MessengerCounters = {
    published: 0,
    messagesHeard: 0,
    duplicates: 0,
    messagesTooOld: 0,
    unknownVersions: 0,
    requests: 0,
    replies: 0,
    foreignMessages: 0,
    relaysTooLarge: 0,
    unicastDatagramsRefused: 0,
    envelopesRefused: 0,
    originsForgotten: 0,
  };
  readonly #bootId: Uint8Array;
  readonly #seen = new SeenOrigins();
  #broadcastSequence = 0;
  #unicastSequence = 0;
  #requestId: number;

  constructor(options: MessengerOptions) {
    const length = nameLength(options.name);
    invariant(length > 0 && length <= ORIGIN_BYTES_MAX, "the host checks the length of the node's name");
    invariant(options.bootId.length === BOOT_ID_BYTES, "a boot id has 8 bytes");
    this.name = options.name;
    this.#bootId = options.bootId.slice();
    this.#requestId = readU32(this.#bootId, 4);
  }

  /** Origins that are remembered. */
  get origins(): number {
    return this.#seen.size;
  }

  /** Bytes of a message to this channel besides its payload. */
  channelOverheadBytes(channel: string): number {
    return envelopeOverheadBytes(this.name) + channelOverheadBytes(channel);
  }

  /**
   * Creates a message to all members, to be gossiped in its class. The host has checked the size with
   * `channelOverheadBytes`, and that the channel's name has 1 to 255 bytes.
   */
  publish(channel: string, payload: Uint8Array, rumorClass: MessageClass, sentAtMs: number): Published {
    const body = encodeChannelBody(channel, payload);
    this.counters.published++;
    const sequence = ++this.#broadcastSequence;
    const bytes = this.#envelop(CHANNEL_KIND, sequence, rumorClass, sentAtMs, body);
    const subject = subjectOf(this.name, this.#bootId, sequence);
    // A view of what is told, since the caller may write into its own bytes before this node hears the message.
    const told = bytes.subarray(bytes.length - payload.length);
    const message = { subject, channel, payload: told, origin: this.name, sequence, sentAtMs, rumorClass };
    return { bytes, message: { kind: "channel", ...message } };
  }

  /** The next request ID. It repeats after 2^32 requests. */
  nextRequestId(): number {
    this.#requestId = (this.#requestId + 1) % 0x1_0000_0000;
    return this.#requestId;
  }

  /** Encodes a request to one member, to be sent over a stream. The handler's name has 1 to 255 bytes. */
  request(requestId: number, handler: string, payload: Uint8Array, sentAtMs: number): Uint8Array {
    const body = encodeRequestBody(requestId, handler, payload);
    return this.#envelop(REQUEST_KIND, ++this.#unicastSequence, APPLICATION, sentAtMs, body);
  }

  /** Encodes the reply to a request, to be sent over a stream to the requester. */
  reply(requestId: number, status: ReplyStatus, payload: Uint8Array, sentAtMs: number): Uint8Array {
    const body = encodeReplyBody(requestId, status, payload);
    return this.#envelop(REPLY_KIND, ++this.#unicastSequence, APPLICATION, sentAtMs, body);
  }

  /**
   * Reads a received user message, borrowed. `nowMs` comes from any steady clock of the host; it only decides which
   * origins may be forgotten. Bytes from the network never cause an exception.
   */
  receive(bytes: Uint8Array, nowMs: number): MessengerResult {
    const kind = kindOf(bytes);
    if (kind === NO_KIND) return this.#refuse("truncated");
    if (kind !== CHANNEL_KIND && kind !== REQUEST_KIND && kind !== REPLY_KIND) {
      this.counters.foreignMessages++;
      return FOREIGN;
    }
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === "string") return this.#refuse(envelope);
    if (kind === CHANNEL_KIND) return this.#channel(envelope, nowMs);
    if (envelope.version !== BODY_VERSION) return this.#refuse("unknown-version");
    return kind === REQUEST_KIND ? this.#request(envelope) : this.#reply(envelope);
  }

  #channel(envelope: Envelope, nowMs: number): MessengerResult {
    const { origin, bootId, sequence, sentAtMs } = envelope;
    const isKnown = envelope.version === BODY_VERSION;
    const body = isKnown ? decodeChannelBody(envelope.body) : null;
    // Checked before the message is marked as heard: a damaged copy must not block an intact one.
    if (isKnown && body === null) return this.#refuse("bad-body");
    const isOwn = origin === this.name && sameBytes(bootId, this.#bootId);
    const hearing = isOwn ? "again" : this.#seen.note(origin, bootId, sequence, nowMs);
    this.counters.originsForgotten = this.#seen.forgotten;
    if (hearing === "full") return this.#refuse("too-many-origins");
    const subject = subjectOf(origin, bootId, sequence);
    if (hearing !== "first") {
      if (hearing === "too-old") this.counters.messagesTooOld++;
      else this.counters.duplicates++;
      return { kind: "duplicate", subject };
    }
    this.counters.messagesHeard++;
    const rumorClass = messageClass(envelope.classByte);
    if (body !== null) {
      const { channel, payload } = body;
      return { kind: "channel", subject, channel, payload, origin, sequence, sentAtMs, rumorClass };
    }
    this.counters.unknownVersions++;
    return { kind: "relay-only", subject, rumorClass };
  }

  #request({ body, origin, sentAtMs }: Envelope): MessengerResult {
    const request = decodeRequestBody(body);
    if (request === null) return this.#refuse("bad-body");
    this.counters.requests++;
    return { kind: "request", ...request, origin, sentAtMs };
  }

  #reply({ body, origin }: Envelope): MessengerResult {
    const reply = decodeReplyBody(body);
    if (reply === null) return this.#refuse("bad-body");
    this.counters.replies++;
    return { kind: "reply", ...reply, origin };
  }

  #envelop(kind: number, sequence: number, classByte: RumorClass, sentAtMs: number, body: Uint8Array): Uint8Array {
    const { name: origin } = this;
    const bootId = this.#bootId;
    return encodeEnvelope({ kind, version: BODY_VERSION, origin, bootId, sequence, classByte, sentAtMs, body });
  }

  #refuse(reason: RefusalReason): MessengerResult {
    this.counters.envelopesRefused++;
    return { kind: "refused", reason };
  }
}

const FOREIGN: MessengerResult = Object.freeze({ kind: "foreign" });

/** Identifies one message among those of all origins and all their lives. */
function subjectOf(origin: string, bootId: Uint8Array, sequence: number): string {
  return `${bootKey(bootId)}${sequence}/${origin}`;
}

/** Application messages can't have membership's classes; classes of a later version count as normal here. */
function messageClass(byte: number): MessageClass {
  return byte === URGENT || byte === BULK ? byte : APPLICATION;
}

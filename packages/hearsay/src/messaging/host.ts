import type { MessageClass } from "@hearsay/core/messaging";
import type { HearsayError } from "../base/errors.ts";
import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { Lifecycle } from "../base/lifecycle.ts";

/** What messaging needs of the node that it runs on. */
export interface MessagingHost {
  /** Whether the pool uses Hearsay's envelopes; fixed for the node's life. */
  readonly extensionsOn: boolean;
  /** Bytes of the longest message that a packet carries, envelope included. */
  readonly payloadBytesMax: number;
  /** Messages that one reader of a channel may leave unread, by default. */
  readonly messagesMax: number;
  /** The cluster's lifecycle; messaging ends with it. */
  readonly lifecycle: Lifecycle;
  readonly logger: MessagingLogger;
  /** Whether a member has failed or left; null if it is present or unknown. */
  goneAs(member: string): "failed" | "left" | null;
  /** The application's running handlers, and whether new ones may begin. */
  readonly handlersAtWork: HandlersAtWork;
  /** The wall clock, in whole milliseconds since the epoch. */
  nowMs(): number;
  /** Broadcasts to all members that understand extensions. @throws HearsayError `ERR_CLOSED`, `ERR_LEAVING` */
  publish(channel: string, payload: Uint8Array, rumorClass: MessageClass): void;
  /**
   * Sends a message to a member over a stream, best effort. Returns a function that withdraws it, or why it can't be
   * sent: `ERR_UNKNOWN_MEMBER`, `ERR_EXTENSIONS_OFF` if the member doesn't understand extensions, or `ERR_BUSY` if too
   * much is being sent already.
   */
  sendReliable(to: string, bytes: Uint8Array): (() => void) | HearsayError;
  /** Calls `fn` once after `ms`, unless the returned function is called before. */
  setTimer(ms: number, fn: () => void): () => void;
}

/** Logs errors of the application's own functions. Peers can cause such lines at will. */
export interface MessagingLogger {
  warn(text: string, facts: Readonly<Record<string, unknown>>): void;
}

/** Counters of messaging, besides those of its `Messenger`. */
export interface MessagingCounters {
  /** Messages dropped from the full queue of a slow reader. */
  messagesDropped: number;
  /** Messages, requests and replies whose payload the codec refused. */
  payloadsUnreadable: number;
  /** Handlers of messages and requests that threw or rejected, and request handlers that took too long. */
  handlersFailed: number;
  /** Requests refused because too many were being handled, or this node was leaving. */
  requestsRefused: number;
  /** Replies that match no pending request, came too late, or came from another member than the one asked. */
  repliesStray: number;
  /** Replies that could not be sent: the requester did not become known in time, or too much waited already. */
  repliesLost: number;
}

export function newMessagingCounters(): MessagingCounters {
  return {
    messagesDropped: 0,
    payloadsUnreadable: 0,
    handlersFailed: 0,
    requestsRefused: 0,
    repliesStray: 0,
    repliesLost: 0,
  };
}

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
  /** Messages that one reader of a channel may leave unread, unless it says otherwise. */
  readonly messagesMax: number;
  /** The life of the cluster, with which messaging ends. */
  readonly lifecycle: Lifecycle;
  readonly logger: MessagingLogger;
  /** Why nothing more is to be expected of a member; null if it is here, or unknown. */
  goneAs(member: string): "failed" | "left" | null;
  /** The application's handlers that are at work; it says whether new ones may begin. */
  readonly handlersAtWork: HandlersAtWork;
  /** Wall clock, whole milliseconds since the epoch. */
  nowMs(): number;
  /** Tells a message to all members that understand extensions. @throws HearsayError `ERR_CLOSED`, `ERR_LEAVING` */
  publish(channel: string, payload: Uint8Array, rumorClass: MessageClass): void;
  /**
   * Sends a message to a member over a stream, best effort. Returns what withdraws it, for when nobody waits for its
   * arrival any more; or why it can't be sent: `ERR_UNKNOWN_MEMBER`, or `ERR_BUSY` if too much is being sent already.
   */
  sendReliable(to: string, bytes: Uint8Array): (() => void) | HearsayError;
  /** Calls `fn` once after `ms`, unless the returned function is called before. */
  setTimer(ms: number, fn: () => void): () => void;
}

/** Where messaging reports what went wrong in the application's own functions. Peers can cause such lines at will. */
export interface MessagingLogger {
  warn(text: string, facts: Readonly<Record<string, unknown>>): void;
}

/** What messaging has counted, besides what its `Messenger` counts. */
export interface MessagingCounters {
  /** Messages that fell out of a full queue of a slow reader. */
  messagesDropped: number;
  /** Messages, requests and replies whose payload the codec refused. */
  payloadsUnreadable: number;
  /** Handlers of messages and requests that threw or rejected, and request handlers that took too long. */
  handlersFailed: number;
  /** Requests of others refused because too many were being handled, or this node was leaving. */
  requestsRefused: number;
  /** Replies to no request of ours, too late, or from another member than the one asked. */
  repliesStray: number;
  /** Replies that could not be sent: the asker did not become known in time, or too much waited already. */
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

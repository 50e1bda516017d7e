import type { Messenger, ReplyMessage } from "@hearsay/core/messaging";
import { REPLY_NO_HANDLER, REPLY_OK, UNICAST_PAYLOAD_BYTES_MAX } from "@hearsay/core/messaging";
import type { Duration } from "../base/durations.ts";
import { HearsayError } from "../base/errors.ts";
import { abortedError, checkSignal, onceAborted } from "../base/signals.ts";
import { checkText } from "../forms/arguments.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, timer } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import { checkMessaging, checkTopic } from "./checks.ts";
import { type Codec, checkedPayload, type ExchangeCodec, exchangeForm, jsonExchange } from "./codec.ts";
import { failureText } from "./failure-text.ts";
import type { MessagingCounters, MessagingHost } from "./host.ts";

/** How to send a request. */
export interface RequestOptions<T = unknown, R = unknown> {
  readonly signal?: AbortSignal;
  /** How long to wait for the reply: milliseconds or text such as "5s", 1 ms to 2^31 - 1 ms. @defaultValue 5000 */
  readonly timeout?: Duration;
  /** @defaultValue JSON both ways */
  readonly codec?: ExchangeCodec<T, R>;
}

/** Most requests of this node that wait for their reply at the same time. */
export const REQUESTS_PENDING_MAX = 1024;

const OPTIONS = {
  signal: optional(abortSignal),
  timeout: option(timer(1), 5000),
  codec: optional(exchangeForm),
} satisfies Rows<RequestOptions>;

/**
 * How long a request still waits after its member has left: by default the handler may run, and the reply be under way,
 * for that long (docs/design/decisions/0005-endings.md).
 */
export const LEFT_WAIT_MS = 12_000;

/** What requests work with. */
export interface RequestParts {
  readonly host: MessagingHost;
  readonly messenger: Messenger;
  readonly counters: MessagingCounters;
}

interface Pending {
  readonly member: string;
  /** Withdraws the request if it has not been sent yet. */
  withdraw: () => void;
  readonly settle: (outcome: ReplyMessage | HearsayError) => void;
  /** Cancels the timer that ends the request after its member has left. */
  cancelLeftTimer: () => void;
}

/** Asks other members and waits for their replies. */
export class Requests {
  readonly #parts: RequestParts;
  readonly #pending = new Map<number, Pending>();

  constructor(parts: RequestParts) {
    this.#parts = parts;
    const { lifecycle } = parts.host;
    lifecycle.whenOver(() => {
      const error = lifecycle.closedError();
      for (const { settle } of [...this.#pending.values()]) settle(error);
    });
  }

  /** Requests that wait for their reply. */
  get size(): number {
    return this.#pending.size;
  }

  async ask<T, R>(member: string, handler: string, value: T, options: RequestOptions<T, R>): Promise<R> {
    const { host, messenger } = this.#parts;
    checkMessaging(host, "requests");
    checkText(member, "member", "request");
    checkTopic(handler, "request");
    const { timeout: timeoutMs, signal } = readCallOptions("request", OPTIONS, options);
    const codec = options.codec ?? jsonExchange<T, R>();
    checkSignal(signal, "the request");
    const what = `the request for ${JSON.stringify(handler)}`;
    const payload = checkedPayload(codec.request.encode(value), what, UNICAST_PAYLOAD_BYTES_MAX);
    if (this.#pending.size >= REQUESTS_PENDING_MAX) {
      const limit = REQUESTS_PENDING_MAX;
      throw new HearsayError("ERR_BUSY", `${limit} requests are under way already`, { what: "requests" });
    }
    const status = host.goneAs(member);
    if (status !== null) throw memberGoneError(member, status);
    const requestId = this.#freeId();
    const bytes = messenger.request(requestId, handler, payload, host.nowMs());
    const reply = this.#reply(requestId, member, handler, timeoutMs, signal);
    // The request is registered before it is sent, since a host may deliver at once.
    const sent = host.sendReliable(member, bytes);
    const pending = this.#pending.get(requestId);
    if (sent instanceof HearsayError) pending?.settle(sent);
    else if (pending !== undefined) pending.withdraw = sent;
    return this.#read(await reply, member, handler, codec.reply);
  }

  /** A reply arrived; its payload is borrowed. */
  receive(reply: ReplyMessage): void {
    const pending = this.#pending.get(reply.requestId);
    if (pending === undefined || pending.member !== reply.origin) {
      this.#parts.counters.repliesStray++;
      return;
    }
    // The caller resumes in a later turn, when the bytes may be overwritten.
    pending.settle({ ...reply, payload: new Uint8Array(reply.payload) });
  }

  /** A member has failed or left: its pending requests end, at once or, after a leave, when `LEFT_WAIT_MS` is over. */
  gone(member: string, status: "failed" | "left"): void {
    const end = ({ settle }: Pending): void => settle(memberGoneError(member, status));
    for (const pending of [...this.#pending.values()]) {
      if (pending.member !== member) continue;
      pending.cancelLeftTimer();
      if (status === "failed") end(pending);
      else pending.cancelLeftTimer = this.#parts.host.setTimer(LEFT_WAIT_MS, () => end(pending));
    }
  }

  #freeId(): number {
    const { messenger } = this.#parts;
    let requestId = messenger.nextRequestId();
    while (this.#pending.has(requestId)) requestId = messenger.nextRequestId();
    return requestId;
  }

  #reply(
    requestId: number,
    member: string,
    handler: string,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<ReplyMessage> {
    const what = `the reply of ${JSON.stringify(member)} to ${JSON.stringify(handler)}`;
    return new Promise((resolve, reject) => {
      const settle = (outcome: ReplyMessage | HearsayError): void => {
        cancelTimer();
        stopListening();
        const pending = this.#pending.get(requestId);
        pending?.cancelLeftTimer();
        this.#pending.delete(requestId);
        if (outcome instanceof HearsayError) {
          // A request that waits to be sent must not run on the member once its caller has been told that it failed.
          pending?.withdraw();
          reject(outcome);
        } else resolve(outcome);
      };
      const onAbort = (): void => {
        if (signal !== null) settle(abortedError(signal, "the request"));
      };
      const onTimeout = (): void =>
        settle(new HearsayError("ERR_TIMEOUT", `${what} did not come within ${timeoutMs} ms`, { what, timeoutMs }));
      const cancelTimer = this.#parts.host.setTimer(timeoutMs, onTimeout);
      const stopListening = onceAborted(signal, onAbort);
      this.#pending.set(requestId, { member, withdraw: () => {}, settle, cancelLeftTimer: () => {} });
    });
  }

  #read<R>(reply: ReplyMessage, member: string, name: string, codec: Codec<R>): R {
    if (reply.status === REPLY_NO_HANDLER) {
      const text = `member ${JSON.stringify(member)} has no handler ${JSON.stringify(name)}`;
      throw new HearsayError("ERR_NO_HANDLER", text, { name, member });
    }
    if (reply.status !== REPLY_OK) throw failedError(name, member, failureText(reply.payload));
    try {
      return codec.decode(reply.payload);
    } catch (error) {
      this.#parts.counters.payloadsUnreadable++;
      throw failedError(name, member, "its reply is unreadable", error);
    }
  }
}

function memberGoneError(name: string, status: "failed" | "left"): HearsayError<"ERR_MEMBER_GONE"> {
  const verdict = status === "failed" ? "has failed" : "has left";
  return new HearsayError("ERR_MEMBER_GONE", `the member ${JSON.stringify(name)} ${verdict}`, { name, status });
}

function failedError(name: string, member: string, detail: string, cause?: unknown): HearsayError {
  const text = `handler ${JSON.stringify(name)} of member ${JSON.stringify(member)} failed: ${detail}`;
  return new HearsayError("ERR_HANDLER_FAILED", text, { name, member, detail }, cause === undefined ? {} : { cause });
}

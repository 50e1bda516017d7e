import {
  REPLY_FAILED,
  REPLY_NO_HANDLER,
  REPLY_OK,
  type ReplyStatus,
  type RequestMessage,
  UNICAST_PAYLOAD_BYTES_MAX,
} from "@hearsay/core/messaging";
import { configError } from "../base/errors.ts";
import { checkMessaging, checkTopic } from "./checks.ts";
import { checkedPayload, type ExchangeCodec } from "./codec.ts";
import { failurePayload } from "./failure-text.ts";
import { HeldReplies } from "./held-replies.ts";
import type { RequestParts } from "./requests.ts";

/** A request, without its payload, as its handler sees it. */
export interface IncomingRequest {
  /** Name of the requesting member, as claimed by it. */
  readonly from: string;
  /** When the request was sent, in milliseconds since the epoch by that member's clock. */
  readonly sentAtMs: number;
  /** Aborts when the answer is no longer wanted: the handler took too long, or this node closes. */
  readonly signal: AbortSignal;
}

/** Answers requests: its result is the reply. If it throws, the requester gets the error's message. */
export type RequestHandler<T = unknown, R = unknown> = (payload: T, request: IncomingRequest) => R | Promise<R>;

/** Most requests that are handled at the same time; further ones fail at once. */
export const REQUESTS_HANDLED_MAX = 256;

/** Most bytes of the payloads of those requests together. */
export const REQUESTS_HANDLED_BYTES_MAX: number = 64 * 1024 * 1024;

/** How long a handler may take, in milliseconds. After that the requester is told that it failed. */
export const HANDLER_MS_MAX = 60_000;

const NOTHING = new Uint8Array(0);

type Answer = (request: RequestMessage, signal: AbortSignal) => Promise<Uint8Array>;

/** Answers the requests of other members. */
export class RequestHandlers {
  readonly #parts: RequestParts;
  readonly #answers = new Map<string, Answer>();
  /** Requests that are being handled, each with the function that cancels its time limit. */
  readonly #running = new Map<AbortController, () => void>();
  readonly #replies: HeldReplies;
  #bytes = 0;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.#replies = new HeldReplies(parts.host, parts.counters);
    const { lifecycle } = parts.host;
    lifecycle.whenOver(() => {
      this.#answers.clear();
      this.#replies.clear();
      for (const [controller, cancelTimer] of this.#running) {
        cancelTimer();
        controller.abort(lifecycle.closedError());
      }
      this.#running.clear();
    });
  }

  /** Requests that are being handled. */
  get size(): number {
    return this.#running.size;
  }

  /** Replies whose requester this node doesn't know yet. */
  get repliesHeld(): number {
    return this.#replies.size;
  }

  /** A member has become known, and may have sent requests before. */
  joined(name: string): void {
    this.#replies.joined(name);
  }

  /** Returns a function that removes the handler. */
  add<T, R>(name: string, handler: RequestHandler<T, R>, codec: ExchangeCodec<T, R>): () => void {
    checkMessaging(this.#parts.host, "requests");
    checkTopic(name, "onRequest");
    if (this.#answers.has(name)) {
      throw configError([{ key: "name", value: name, allowed: "a name that has no handler yet" }], "onRequest");
    }
    const answer: Answer = async (request, signal) => {
      const payload = this.#decode(codec, request);
      const { origin: from, sentAtMs } = request;
      return codec.reply.encode(await handler(payload, { from, sentAtMs, signal }));
    };
    this.#answers.set(name, answer);
    return () => {
      if (this.#answers.get(name) === answer) this.#answers.delete(name);
    };
  }

  /** A request arrived; its payload is borrowed until this returns. */
  receive(request: RequestMessage): void {
    const answer = this.#answers.get(request.handler);
    if (answer === undefined) {
      this.#reply(request, REPLY_NO_HANDLER, NOTHING);
    } else if (!this.#parts.host.handlersAtWork.isAccepting) {
      this.#refuse(request, "this node is leaving");
    } else if (!this.#hasRoomFor(request)) {
      this.#refuse(request, "too many requests at once");
    } else {
      this.#run(request, answer);
    }
  }

  #hasRoomFor({ payload }: RequestMessage): boolean {
    return this.#running.size < REQUESTS_HANDLED_MAX && this.#bytes + payload.length <= REQUESTS_HANDLED_BYTES_MAX;
  }

  #refuse(request: RequestMessage, reason: string): void {
    this.#parts.counters.requestsRefused++;
    this.#reply(request, REPLY_FAILED, failurePayload(reason));
  }

  #run(request: RequestMessage, answer: Answer): void {
    const { host } = this.#parts;
    const payloadBytes = request.payload.length;
    const controller = new AbortController();
    const end = (status: ReplyStatus, payload: Uint8Array): void => {
      // The first of these counts: the handler's end, the time limit, or the node's end.
      if (!this.#running.delete(controller)) return;
      cancelTimer();
      this.#bytes -= payloadBytes;
      this.#reply(request, status, payload);
      done();
    };
    const fail = (error: unknown): void => {
      if (this.#running.has(controller)) this.#report(request, error);
      end(REPLY_FAILED, failurePayload(error));
    };
    const abort = (error: Error): void => {
      fail(error);
      controller.abort(error);
    };
    const onTimeout = (): void => abort(new Error(`no answer within ${HANDLER_MS_MAX} ms`));
    const done = host.handlersAtWork.begin(() => abort(new Error("no answer before the node ended")));
    const cancelTimer = host.setTimer(HANDLER_MS_MAX, onTimeout);
    this.#running.set(controller, cancelTimer);
    this.#bytes += payloadBytes;
    answer(request, controller.signal)
      .then((payload) => end(REPLY_OK, checkedReply(payload, request.handler)))
      .catch(fail);
  }

  #decode<T, R>(codec: ExchangeCodec<T, R>, request: RequestMessage): T {
    try {
      return codec.request.decode(request.payload);
    } catch (cause) {
      this.#parts.counters.payloadsUnreadable++;
      throw new Error("the payload is unreadable", { cause });
    }
  }

  #report(request: RequestMessage, error: unknown): void {
    const { host, counters } = this.#parts;
    counters.handlersFailed++;
    const fields = { handler: request.handler, from: request.origin, error };
    host.logger.warn("a handler of requests failed", fields);
  }

  #reply({ requestId, origin }: RequestMessage, status: ReplyStatus, payload: Uint8Array): void {
    const { host, messenger } = this.#parts;
    this.#replies.send(origin, messenger.reply(requestId, status, payload, host.nowMs()));
  }
}

function checkedReply(payload: unknown, handler: string): Uint8Array {
  return checkedPayload(payload, `the reply of ${JSON.stringify(handler)}`, UNICAST_PAYLOAD_BYTES_MAX);
}

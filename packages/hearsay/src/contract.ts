import type { Channel } from "./messaging/channel.ts";
import type { ChannelOptions, HandlerOptions } from "./messaging/messaging-service.ts";
import type { RequestHandler } from "./messaging/request-handlers.ts";
import type { RequestOptions } from "./messaging/requests.ts";

/**
 * The messages of a cluster: for each channel the type of its values, for each request the type of its function. All
 * nodes that share a contract are checked against the same types, at both ends.
 *
 * ```ts
 * interface Shop {
 *   channels: { "users.changed": { id: number } };
 *   requests: { add: (numbers: { a: number; b: number }) => number };
 * }
 * const cluster = await createCluster<Shop>();
 * ```
 *
 * Without a contract every name may be used, and received values are `unknown` until the application or a codec checks
 * them. Only a codec checks what a peer really sends.
 */
export interface Contract {
  readonly channels?: object;
  readonly requests?: object;
}

/** The channels of a contract: the types of their values by name. */
export type ChannelsOf<C extends Contract> = C extends { readonly channels: infer Channels extends object }
  ? Channels
  : Readonly<Record<string, unknown>>;

/** The requests of a contract: functions by name. */
export type RequestsOf<C extends Contract> = C extends { readonly requests: infer Requests extends object }
  ? Requests
  : Readonly<Record<string, (payload: unknown) => unknown>>;

/** The payload of one request of a contract. */
export type RequestOf<C extends Contract, Name extends keyof RequestsOf<C>> = RequestsOf<C>[Name] extends (
  payload: infer Request,
) => unknown
  ? Request
  : never;

/** The reply of one request of a contract; if its function is asynchronous, what its promise resolves to. */
export type ReplyOf<C extends Contract, Name extends keyof RequestsOf<C>> = RequestsOf<C>[Name] extends (
  payload: never,
) => infer Reply
  ? Awaited<Reply>
  : never;

/** Messages to all and requests to one: Hearsay's extensions. */
export interface MessagingCalls<C extends Contract = Contract> {
  /**
   * A named stream of messages from any member to all members.
   *
   * @throws HearsayError `ERR_CONFIG`, `ERR_EXTENSIONS_OFF`, `ERR_CLOSED`
   */
  channel<Name extends keyof ChannelsOf<C> & string>(
    name: Name,
    options?: ChannelOptions<ChannelsOf<C>[Name]>,
  ): Channel<ChannelsOf<C>[Name]>;

  /**
   * Asks one member by name and resolves to its handler's answer. That member needs the extensions, too. After a
   * timeout or an abort the handler may or may not have run; a request that was not sent yet is withdrawn. Errors of
   * the codec are passed on unchanged.
   *
   * @throws HearsayError `ERR_UNKNOWN_MEMBER`, `ERR_MEMBER_GONE` (at once when it has failed, 12 s after it has left),
   * `ERR_NO_HANDLER`, `ERR_HANDLER_FAILED` (with the handler's message), `ERR_TIMEOUT`, `ERR_ABORTED`,
   * `ERR_MESSAGE_TOO_LARGE` (8 MiB), `ERR_BUSY` (1,024 requests under way, or too much being sent to that member),
   * `ERR_CONFIG` (also for a codec that doesn't return bytes), `ERR_EXTENSIONS_OFF`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  request<Name extends keyof RequestsOf<C> & string>(
    member: string,
    name: Name,
    payload: RequestOf<C, Name>,
    options?: RequestOptions<RequestOf<C, Name>, ReplyOf<C, Name>>,
  ): Promise<ReplyOf<C, Name>>;

  /**
   * Answers requests of a name with what `handler` returns. Returns a function that removes the handler.
   *
   * @throws HearsayError `ERR_CONFIG`, also if the name has a handler; `ERR_EXTENSIONS_OFF`, `ERR_CLOSED`
   */
  onRequest<Name extends keyof RequestsOf<C> & string>(
    name: Name,
    handler: RequestHandler<RequestOf<C, Name>, ReplyOf<C, Name>>,
    options?: HandlerOptions<RequestOf<C, Name>, ReplyOf<C, Name>>,
  ): () => void;
}

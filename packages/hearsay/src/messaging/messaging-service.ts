import type { CoreEvent, MemberChange } from "@hearsay/core";
import type { ChannelMessage, Messaging, Messenger } from "@hearsay/core/messaging";
import { checkHandler } from "../forms/arguments.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { optional, type Rows } from "../forms/rows.ts";
import { Channel } from "./channel.ts";
import { checkMessaging, checkTopic } from "./checks.ts";
import { type Codec, codecForm, type ExchangeCodec, exchangeForm, jsonCodec, jsonExchange } from "./codec.ts";
import { type MessagingCounters, type MessagingHost, newMessagingCounters } from "./host.ts";
import { type RequestHandler, RequestHandlers } from "./request-handlers.ts";
import { type RequestOptions, Requests } from "./requests.ts";

/** How to open a channel. */
export interface ChannelOptions<T = unknown> {
  /** How values are encoded; must be the same on all members. @defaultValue JSON */
  readonly codec?: Codec<T>;
}

/** How to answer requests. */
export interface HandlerOptions<T = unknown, R = unknown> {
  /** @defaultValue JSON both ways */
  readonly codec?: ExchangeCodec<T, R>;
}

const CHANNEL_OPTIONS = { codec: optional(codecForm) } satisfies Rows<ChannelOptions>;

const HANDLER_OPTIONS = { codec: optional(exchangeForm) } satisfies Rows<HandlerOptions>;

type Listener = (message: ChannelMessage) => void;

/**
 * The application's messages on one node: channels to all members, requests to one member. When the cluster ends,
 * iterations finish after the waiting messages, or throw the cause of a failure; requests reject with ERR_CLOSED; the
 * signals of running handlers abort.
 */
export class MessagingService {
  readonly counters: MessagingCounters = newMessagingCounters();
  readonly #host: MessagingHost;
  readonly #layer: Messaging;
  readonly #messenger: Messenger;
  readonly #requests: Requests;
  readonly #handlers: RequestHandlers;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(host: MessagingHost, layer: Messaging) {
    const { messenger } = layer;
    this.#host = host;
    this.#layer = layer;
    this.#messenger = messenger;
    const parts = { host, messenger, counters: this.counters };
    this.#requests = new Requests(parts);
    this.#handlers = new RequestHandlers(parts);
    host.lifecycle.whenOver(() => this.#listeners.clear());
  }

  /** Current fill levels; their limits are in docs/reference/limits.md. */
  get occupancy(): Readonly<Record<"requestsPending" | "requestsHandled" | "repliesHeld" | "origins", number>> {
    return {
      requestsPending: this.#requests.size,
      requestsHandled: this.#handlers.size,
      repliesHeld: this.#handlers.repliesHeld,
      origins: this.#messenger.origins,
    };
  }

  handle(event: CoreEvent): void {
    if (this.#host.lifecycle.isOver) return;
    if (event.type === "member") return this.#memberChanged(event);
    const message = event.type === "layer" ? this.#layer.eventOf(event) : undefined;
    switch (message?.kind) {
      case "channel":
        return this.#tellListeners(message);
      case "request":
        return this.#handlers.receive(message);
      case "reply":
        return this.#requests.receive(message);
    }
  }

  /** A channel of this name. Each call creates a new object, which uses no resources until it is read. */
  channel<T>(name: string, options: ChannelOptions<T> = {}): Channel<T> {
    checkTopic(name, "channel");
    checkMessaging(this.#host, "channels");
    readCallOptions("channel", CHANNEL_OPTIONS, options);
    const parts = {
      host: this.#host,
      messenger: this.#messenger,
      counters: this.counters,
      listen: (topic: string, listener: Listener) => this.#listen(topic, listener),
    };
    return new Channel(parts, name, options.codec ?? jsonCodec<T>());
  }

  /** Implements `Cluster.request`, which lists the errors. The caller checks that this node isn't leaving. */
  request<T = unknown, R = unknown>(
    member: string,
    name: string,
    payload: T,
    options: RequestOptions<T, R> = {},
  ): Promise<R> {
    return this.#requests.ask(member, name, payload, options);
  }

  /**
   * Answers requests of this name from now on, each in at most 60 seconds. Returns a function that removes the handler.
   */
  onRequest<T = unknown, R = unknown>(
    name: string,
    handler: RequestHandler<T, R>,
    options: HandlerOptions<T, R> = {},
  ): () => void {
    checkHandler(handler, "onRequest");
    readCallOptions("onRequest", HANDLER_OPTIONS, options);
    return this.#handlers.add(name, handler, options.codec ?? jsonExchange<T, R>());
  }

  /** Sends replies held for a member that has joined; ends requests to a member that has failed or left. */
  #memberChanged({ kind, member: { name } }: MemberChange): void {
    if (kind === "joined") this.#handlers.joined(name);
    else if (kind === "failed") this.#requests.gone(name, "failed");
    // A request continues when a member that left is forgotten: its reply may still come.
    else if (kind === "left") this.#requests.gone(name, "left");
  }

  #tellListeners(message: ChannelMessage): void {
    for (const listener of [...(this.#listeners.get(message.channel) ?? [])]) listener(message);
  }

  #listen(name: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }
}

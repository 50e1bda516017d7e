import type { ChannelMessage, Messenger } from "@hearsay/core/messaging";
import { Feed } from "../base/feed.ts";
import type { HandlerGuard } from "../base/listeners.ts";
import { checkSignal } from "../base/signals.ts";
import { checkHandler } from "../forms/arguments.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, atLeast, choice } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import { checkMessaging } from "./checks.ts";
import { type Codec, checkedPayload } from "./codec.ts";
import type { MessagingCounters, MessagingHost } from "./host.ts";
import { URGENCIES, URGENCY_CLASSES, type Urgency } from "./urgency.ts";

/** One message as a receiver gets it. */
export interface Message<T> {
  readonly value: T;
  /** Name of the member that published it, not of a member that passed it on. */
  readonly from: string;
  /** When it was published, in milliseconds since the epoch by that member's clock. */
  readonly sentAtMs: number;
  readonly channel: string;
}

/** How to publish one message. */
export interface PublishOptions {
  /** @defaultValue "normal" */
  readonly urgency?: Urgency;
  /** If it is already aborted, nothing is published. A published message can't be withdrawn. */
  readonly signal?: AbortSignal;
}

/** How to read a channel. */
export interface MessagesOptions {
  /**
   * Messages that may wait for the reader; beyond that the oldest is dropped for a newer one.
   * @defaultValue `limits.messagesMax`
   */
  readonly queueMax?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

/** What the channels of one node share. */
export interface ChannelParts {
  readonly host: MessagingHost;
  readonly messenger: Messenger;
  readonly counters: MessagingCounters;
  /** Calls `receive` with each message of that channel. Returns a function that ends it. */
  readonly listen: (name: string, receive: (message: ChannelMessage) => void) => () => void;
}

const PUBLISH_OPTIONS = {
  urgency: option(choice(URGENCIES), "normal"),
  signal: optional(abortSignal),
} satisfies Rows<PublishOptions>;

const MESSAGES_OPTIONS = {
  queueMax: optional(atLeast(1)),
  signal: optional(abortSignal),
} satisfies Rows<MessagesOptions>;

/**
 * A named stream of messages from any member to all members, the sender included. Created by `cluster.channel(name)`.
 *
 * Best effort: each receiver gets a message at most once; order is not guaranteed, not even for one sender. A node
 * receives its own messages within `publish`, like its own user events and queries; `from` tells them apart. Members
 * without the channel still relay its messages. Nothing is kept for later readers: an iteration or handler gets the
 * messages that arrive from its start on.
 *
 * Each `for await` loop is a reader with its own queue, for 1,024 messages by default. A reader that falls further
 * behind loses the oldest ones, which `messagesDropped` counts. All readers get the same message objects.
 */
export class Channel<T> implements AsyncIterable<Message<T>> {
  readonly name: string;
  readonly #parts: ChannelParts;
  readonly #codec: Codec<T>;
  readonly #feed: Feed<Message<T>>;
  readonly #guard: HandlerGuard<Message<T>>;

  /** Internal. */
  constructor(parts: ChannelParts, name: string, codec: Codec<T>) {
    this.name = name;
    this.#parts = parts;
    this.#codec = codec;
    const { host, counters } = parts;
    this.#feed = new Feed({
      atBound: "drop-oldest",
      queueMax: host.messagesMax,
      dropped: () => counters.messagesDropped++,
      source: () => {
        const stops = [
          parts.listen(name, (message) => this.#receive(message)),
          host.lifecycle.whenOver((error) => this.#feed.close(error)),
        ];
        return () => {
          for (const stop of stops) stop();
        };
      },
    });
    this.#guard = {
      atWork: host.handlersAtWork,
      failed: (error, { from }) => {
        counters.handlersFailed++;
        host.logger.warn("a handler of a channel failed", { channel: name, from, error });
      },
    };
  }

  /**
   * Publishes a value to all members, and first to this node's own listeners. Resolves when this node has begun to send
   * it; arrival is not confirmed.
   *
   * Rejects with ERR_MESSAGE_TOO_LARGE if it doesn't fit one packet, ERR_CONFIG if the codec doesn't return bytes,
   * ERR_EXTENSIONS_OFF, ERR_CLOSED, ERR_LEAVING, ERR_ABORTED, or the codec's own error.
   */
  async publish(value: T, options: PublishOptions = {}): Promise<void> {
    const { host, messenger } = this.#parts;
    checkMessaging(host, "channels");
    const { urgency, signal } = readCallOptions("publish", PUBLISH_OPTIONS, options);
    checkSignal(signal, "publishing");
    const limitBytes = Math.max(0, host.payloadBytesMax - messenger.channelOverheadBytes(this.name));
    const what = `the message to channel ${JSON.stringify(this.name)}`;
    const payload = checkedPayload(this.#codec.encode(value), what, limitBytes);
    host.publish(this.name, payload, URGENCY_CLASSES[urgency]);
  }

  /**
   * Calls `handler` for each message, in the turn in which it arrives. Returns a function that removes the handler.
   * Errors and rejections of the handler are logged and counted, and have no other effect.
   */
  on(handler: (message: Message<T>) => unknown): () => void {
    checkHandler(handler, "on");
    checkMessaging(this.#parts.host, "channels");
    return this.#feed.on(handler, this.#guard);
  }

  /**
   * Iterates over the messages from now on. The iteration ends when the cluster closes, and throws if it fails.
   *
   * @throws HearsayError `ERR_CONFIG`, `ERR_CLOSED`
   */
  messages(options: MessagesOptions = {}): AsyncIterableIterator<Message<T>, undefined, undefined> {
    checkMessaging(this.#parts.host, "channels");
    return this.#feed.read(readCallOptions("messages", MESSAGES_OPTIONS, options));
  }

  [Symbol.asyncIterator](): AsyncIterator<Message<T>, undefined, undefined> {
    return this.messages();
  }

  #receive({ payload, origin, sentAtMs }: ChannelMessage): void {
    const { host, counters } = this.#parts;
    let value: T;
    try {
      value = this.#codec.decode(payload);
    } catch (error) {
      counters.payloadsUnreadable++;
      const fields = { channel: this.name, from: origin, error };
      host.logger.warn("a message of a channel is unreadable", fields);
      return;
    }
    this.#feed.push(Object.freeze({ value, from: origin, sentAtMs, channel: this.name }));
  }
}

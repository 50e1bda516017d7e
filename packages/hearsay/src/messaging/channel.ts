import { APPLICATION, BULK, URGENT } from "@hearsay/core";
import type { ChannelMessage, MessageClass, Messenger } from "@hearsay/core/messaging";
import { Feed } from "../base/feed.ts";
import type { HandlerGuard } from "../base/listeners.ts";
import { checkSignal } from "../base/signals.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, atLeast, choice } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import { checkMessaging } from "./checks.ts";
import { type Codec, checkedPayload } from "./codec.ts";
import type { MessagingCounters, MessagingHost } from "./host.ts";

/**
 * How urgent a message is. "now" and "normal" go out at once, "now" ahead of the rest of each packet; "bulk" waits for the
 * gossip ticks and takes the room that is left.
 */
export type Urgency = "now" | "normal" | "bulk";

/** One message as a receiver gets it. */
export interface Message<T> {
  readonly value: T;
  /** Name of the member that published it, not of whoever passed it on. */
  readonly from: string;
  /** When it was published, by that member's clock, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  readonly channel: string;
}

/** How to publish one message. */
export interface PublishOptions {
  /** @defaultValue "normal" */
  readonly urgency?: Urgency;
  /** If it is aborted already, nothing is published. What was published cannot be called back. */
  readonly signal?: AbortSignal;
}

/** How to read a channel. */
export interface MessagesOptions {
  /** Messages that may wait for the reader; the oldest goes for a newer one. @defaultValue `limits.messagesMax` */
  readonly queueMax?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

/** What channels of one node share. */
export interface ChannelParts {
  readonly host: MessagingHost;
  readonly messenger: Messenger;
  readonly counters: MessagingCounters;
  /** Lets a channel hear what comes in its name. Returns a function that ends it. */
  readonly listen: (name: string, receive: (message: ChannelMessage) => void) => () => void;
}

const CLASSES: Readonly<Record<Urgency, MessageClass>> = { now: URGENT, normal: APPLICATION, bulk: BULK };

const PUBLISH_OPTIONS = {
  urgency: option(choice(["now", "normal", "bulk"]), "normal"),
  signal: optional(abortSignal),
} satisfies Rows<PublishOptions>;

const MESSAGES_OPTIONS = {
  queueMax: optional(atLeast(1)),
  signal: optional(abortSignal),
} satisfies Rows<MessagesOptions>;

/**
 * Messages of one name, from any member to all, itself included. Made by `cluster.channel(name)`.
 *
 * Best effort: each receiver gets a message at most once, in no order, not even those of one sender. A node hears its own
 * messages within `publish`, as it does its own user events and queries; `from` tells them apart. Members without the channel still pass its messages on. Nothing is kept for later readers: an
 * iteration or handler gets what arrives from its start on.
 *
 * Each `for await` loop is a reader with a queue of its own, for 1,024 messages by default. A reader that falls further behind
 * loses the oldest ones, which `messagesDropped` counts. All readers get the same message objects.
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
   * Publishes a value to all members, and first to the listeners of this node. Resolves when this node has begun to tell it; nobody confirms its arrival.
   *
   * Rejects with ERR_MESSAGE_TOO_LARGE if it doesn't fit one packet, ERR_CONFIG if the codec makes anything but bytes of
   * it, ERR_EXTENSIONS_OFF, ERR_CLOSED, ERR_LEAVING, ERR_ABORTED, or with what the codec throws.
   */
  async publish(value: T, options: PublishOptions = {}): Promise<void> {
    const { host, messenger } = this.#parts;
    checkMessaging(host, "channels");
    const { urgency, signal } = readCallOptions("publish", PUBLISH_OPTIONS, options);
    checkSignal(signal, "publishing");
    const limitBytes = Math.max(0, host.payloadBytesMax - messenger.channelOverheadBytes(this.name));
    const what = `the message to channel ${JSON.stringify(this.name)}`;
    const payload = checkedPayload(this.#codec.encode(value), what, limitBytes);
    host.publish(this.name, payload, CLASSES[urgency]);
  }

  /**
   * Calls `handler` for each message, within the turn that it arrives in. Returns a function that ends it. What the
   * handler throws or rejects with is logged and counted, and has no other effect.
   */
  on(handler: (message: Message<T>) => unknown): () => void {
    checkMessaging(this.#parts.host, "channels");
    return this.#feed.on(handler, this.#guard);
  }

  /** The messages from now on. The iteration ends when the cluster closes, and throws if it fails. */
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

import { invariant } from "../../base/invariant.ts";
import type { Call } from "../../call/call.ts";
import type { Outbox } from "../../call/outbox.ts";
import { BULK } from "../../dissemination/rumor.ts";
import { Layer } from "../layer.ts";
import type { LayerHost } from "../layer-host.ts";
import { MAGIC } from "../magic.ts";
import {
  type ChannelMessage,
  type MessageClass,
  Messenger,
  type MessengerOptions,
  type MessengerResult,
  type ReplyMessage,
  type RequestMessage,
} from "./messenger.ts";

/** Events for the application: `Messaging.eventOf` extracts them from an event of the core. Payloads are borrowed. */
export type MessagingEvent = ChannelMessage | RequestMessage | ReplyMessage;

/**
 * The application's own messages on one node: a layer for `Swim`. A published message reaches all members that
 * understand Hearsay's extensions, each once; a node relays it within the call that brought it. Requests and replies go
 * over streams, which the library opens; `messenger` encodes them.
 */
export class Messaging extends Layer<MessagingEvent> {
  override readonly name = "messaging";
  override readonly prefixes: readonly Uint8Array[] = [MAGIC];
  readonly messenger: Messenger;
  #host: LayerHost<MessagingEvent> | null = null;

  constructor(options: MessengerOptions) {
    super();
    this.messenger = new Messenger(options);
  }

  override attach(host: LayerHost<MessagingEvent>): void {
    this.#host = host;
  }

  /**
   * Sends a message to all members; this node hears it within the call. The caller has checked the size with
   * `Messenger.channelOverheadBytes`, and that the channel's name has 1 to 255 bytes. `sentAtMs` is wall-clock time, in
   * milliseconds since the epoch.
   */
  publish(
    now: number,
    channel: string,
    payload: Uint8Array,
    rumorClass: MessageClass,
    sentAtMs: number,
    out: Outbox,
  ): void {
    this.#attached.command(now, out, (call) => {
      const { bytes, message } = this.messenger.publish(channel, payload, rumorClass, sentAtMs);
      this.#broadcast(call, bytes, message.subject, rumorClass);
      this.#attached.event(call, message);
    });
  }

  override datagram(call: Call, payload: Uint8Array): boolean {
    const result = this.messenger.receive(payload, call.now);
    if (result.kind !== "request" && result.kind !== "reply") return this.#heard(call, result, payload);
    this.messenger.counters.unicastDatagramsRefused++;
    return true;
  }

  override stream(call: Call, payload: Uint8Array): null | undefined {
    const result = this.messenger.receive(payload, call.now);
    return this.#heard(call, result, payload) ? null : undefined;
  }

  /** Returns false if the message is the application's. */
  #heard(call: Call, result: MessengerResult, bytes: Uint8Array): boolean {
    switch (result.kind) {
      case "foreign":
        return false;
      case "channel":
        this.#relay(call, bytes, result.subject, result.rumorClass);
        this.#attached.event(call, result);
        return true;
      case "relay-only":
        this.#relay(call, bytes, result.subject, result.rumorClass);
        return true;
      case "duplicate":
        this.#attached.heardAgain(call, result.subject);
        return true;
      case "request":
      case "reply":
        this.#attached.event(call, result);
        return true;
      case "refused":
        return true;
    }
  }

  #relay(call: Call, bytes: Uint8Array, subject: string, rumorClass: MessageClass): void {
    if (bytes.length > this.#attached.payloadBytesMax) this.messenger.counters.relaysTooLarge++;
    else this.#broadcast(call, bytes.slice(), subject, rumorClass);
  }

  /** Bulk messages leave the eager lane to the others. */
  #broadcast(call: Call, payload: Uint8Array, subject: string, rumorClass: MessageClass): void {
    const isEager = rumorClass !== BULK;
    this.#attached.broadcast(call, { payload, rumorClass, subject, isEager });
  }

  get #attached(): LayerHost<MessagingEvent> {
    invariant(this.#host !== null, "messaging is given to a node before it is used");
    return this.#host;
  }
}

import { type Address, addressFromText, type CoreEvent, type Outbox } from "@hearsay/core";
import type { LayerHost } from "@hearsay/core/internal";
import { Messaging, type MessagingEvent, type Messenger } from "@hearsay/core/messaging";
import { HearsayError } from "../../dist/base/errors.js";
import { HandlersAtWork } from "../../dist/base/handlers-at-work.js";
import { Lifecycle } from "../../dist/base/lifecycle.js";
import type { MessagingHost } from "../../dist/messaging/host.js";
import { MessagingService } from "../../dist/messaging/messaging-service.js";

/** Wall time at the start of every pool. */
export const START_MS = 1_767_225_600_000;

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** One broadcast that a node told or passed on. */
export interface Broadcast {
  readonly rumorClass: number;
  readonly bytes: Uint8Array;
}

export interface FakeNode {
  readonly name: string;
  readonly address: Address;
  readonly layer: Messaging;
  readonly messaging: MessagingService;
  readonly messenger: Messenger;
  readonly lifecycle: Lifecycle;
  readonly broadcasts: Broadcast[];
  readonly warnings: string[];
}

/** Nodes that reach each other at once, in virtual time. What they send waits until the test lets it arrive. */
export class FakePool {
  readonly nodes = new Map<string, FakeNode>();
  readonly timers = new Set<Timer>();
  payloadBytesMax = 1390;
  /** Names that no node knows. */
  readonly unknown = new Set<string>();
  #nowMs = START_MS;
  #sent: (() => void)[] = [];

  node(name: string, extensionsOn = true): FakeNode {
    const address = addressFromText(`10.0.0.${this.nodes.size + 1}`, 7946);
    if (address === null) throw new Error("no address");
    const broadcasts: Broadcast[] = [];
    const warnings: string[] = [];
    const lifecycle = new Lifecycle();
    const pool = this;
    const host: MessagingHost = {
      extensionsOn,
      messagesMax: 1024,
      get payloadBytesMax() {
        return pool.payloadBytesMax;
      },
      logger: { warn: (text) => void warnings.push(text) },
      goneAs: () => null,
      handlersAtWork: new HandlersAtWork(),
      lifecycle,
      nowMs: () => this.#nowMs,
      publish: (channel, payload, rumorClass) =>
        layer.publish(this.#nowMs, channel, payload, rumorClass, this.#nowMs, NOWHERE),
      sendReliable: (to, borrowed) => {
        const target = this.nodes.get(to);
        if (target === undefined || this.unknown.has(to))
          return new HearsayError("ERR_UNKNOWN_MEMBER", `no member ${to}`, { name: to });
        const bytes = borrowed.slice();
        const arrive = (): void => void deliver(target, bytes, true);
        this.#sent.push(arrive);
        return () => {
          this.#sent = this.#sent.filter((waiting) => waiting !== arrive);
        };
      },
      setTimer: (ms, fn) => {
        const timer = { at: this.#nowMs + ms, fn };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
    };
    const layer = new Messaging({ name, bootId: new Uint8Array(8).fill(this.nodes.size + 1) });
    const { messenger } = layer;
    const messaging = new MessagingService(host, layer);
    layer.attach({
      get payloadBytesMax() {
        return pool.payloadBytesMax;
      },
      command: (now, out, run) => run({ now, out } as Call),
      event: (_call, event) => messaging.handle({ type: "layer", layer: layer.name, event }),
      heardAgain: () => {},
      broadcast: (_call, { payload, rumorClass }) => {
        broadcasts.push({ rumorClass, bytes: payload });
        for (const other of this.nodes.values()) {
          // Real gossip brings a node its own messages, too.
          this.#sent.push(() => void deliver(other, payload, false));
        }
      },
    } as Partial<LayerHost<MessagingEvent>> as LayerHost<MessagingEvent>);
    const node = { name, address, layer, messaging, messenger, lifecycle, broadcasts, warnings };
    this.nodes.set(name, node);
    return node;
  }

  /** Lets everything arrive that was sent, and everything that is sent in answer. */
  async settle(): Promise<void> {
    for (;;) {
      // One turn of the loop lets all promises that can go on do so.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#sent.length === 0) return;
      for (const arrive of this.#sent.splice(0)) arrive();
    }
  }

  /** What was sent is lost. */
  lose(): void {
    this.#sent = [];
  }

  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const timer of [...this.timers]) {
      if (timer.at > this.#nowMs) continue;
      this.timers.delete(timer);
      timer.fn();
    }
    await this.settle();
  }
}

type Call = Parameters<Messaging["datagram"]>[0];

const NOWHERE: Outbox = { datagram() {}, exchange() {}, cancelExchange() {}, answer() {}, event() {} };

/** A member has become known to the node. */
export function becomeKnown({ messaging }: FakeNode, name: string): void {
  messaging.handle({ type: "member", kind: "joined", member: { name } } as CoreEvent);
}

/** Whether the node took the bytes for a message of its own kind. They are overwritten afterwards, as those of a datagram may be. */
export function deliver({ layer }: FakeNode, bytes: Uint8Array, reliable: boolean): boolean {
  const borrowed = bytes.slice();
  const call = { now: START_MS, out: NOWHERE } as Call;
  const isTaken = reliable ? layer.stream(call, borrowed) === null : layer.datagram(call, borrowed);
  borrowed.fill(0xee);
  return isTaken;
}

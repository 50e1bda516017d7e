import type { Outbox, RumorClass } from "@hearsay/core";
import { type Call, Layer, type LayerHost } from "@hearsay/core/internal";

/** How messages of one kind travel. */
export interface RelayRules {
  /** The first byte of such a message. */
  readonly kind: number;
  readonly isEager: boolean;
  readonly isExtension: boolean;
  readonly rumorClass: (payload: Uint8Array) => RumorClass;
}

/** Passes on what it hears for the first time, byte for byte. A message is all of its bytes. */
export class RelayLayer extends Layer {
  override readonly name = "relay";
  override readonly prefixes: readonly Uint8Array[];
  readonly #rules: readonly RelayRules[];
  readonly #onHeard: (payload: Uint8Array) => void;
  readonly #heard = new Set<string>();
  #host: LayerHost | null = null;

  constructor(rules: readonly RelayRules[], onHeard: (payload: Uint8Array) => void) {
    super();
    this.#rules = rules;
    this.prefixes = rules.map(({ kind }) => Uint8Array.of(kind));
    this.#onHeard = onHeard;
  }

  override attach(host: LayerHost): void {
    this.#host = host;
  }

  override datagram(call: Call, payload: Uint8Array): boolean {
    this.#hear(call, payload.slice());
    return true;
  }

  tell(now: number, payload: Uint8Array, out: Outbox): void {
    this.#host?.command(now, out, (call) => this.#hear(call, payload));
  }

  #hear(call: Call, payload: Uint8Array): void {
    const rules = this.#rules.find(({ kind }) => kind === payload[0]);
    const key = payload.join(" ");
    if (rules === undefined || this.#heard.has(key)) return;
    this.#heard.add(key);
    this.#onHeard(payload);
    const { isEager, isExtension, rumorClass } = rules;
    this.#host?.broadcast(call, { payload, rumorClass: rumorClass(payload), subject: key, isEager, isExtension });
  }
}

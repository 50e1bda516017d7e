import type { Outbox, RumorClass } from "@hearsay/core";
import { type Call, Layer, type LayerHost } from "@hearsay/core/internal";

/** How messages travel. */
export interface RelayRules {
  /** The first byte of such a message. */
  readonly kind: number;
  readonly isEager: boolean;
  readonly isExtension: boolean;
  readonly rumorClass: (payload: Uint8Array) => RumorClass;
}

/** Passes on what it hears for the first time, byte for byte. A message is all of its bytes. */
export class RelayLayer extends Layer {
  override readonly name: string;
  override readonly prefixes: readonly Uint8Array[];
  override readonly isExtension: boolean;
  readonly #rules: RelayRules;
  readonly #onHeard: (payload: Uint8Array) => void;
  readonly #heard = new Set<string>();
  #host: LayerHost | null = null;

  constructor(rules: RelayRules, onHeard: (payload: Uint8Array) => void) {
    super();
    this.#rules = rules;
    this.name = `relay ${rules.kind}`;
    this.prefixes = [Uint8Array.of(rules.kind)];
    this.isExtension = rules.isExtension;
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
    const key = payload.join(" ");
    if (this.#heard.has(key)) return;
    this.#heard.add(key);
    this.#onHeard(payload);
    const { isEager, rumorClass } = this.#rules;
    this.#host?.broadcast(call, { payload, rumorClass: rumorClass(payload), subject: key, isEager });
  }
}

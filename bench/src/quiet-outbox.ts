import type { Address, CoreEvent, Outbox } from "@hearsay/core";

/** An outbox that counts a node's output and answers nothing by itself. */
export class QuietOutbox implements Outbox {
  datagrams = 0;
  answers = 0;
  events = 0;
  /** The node's requested exchanges that are unanswered. */
  readonly exchanges: { readonly token: number; readonly to: Address }[] = [];

  datagram(_to: Address, bytes: Uint8Array): void {
    this.datagrams += bytes.length > 0 ? 1 : 0;
  }

  exchange(token: number, to: Address): void {
    this.exchanges.push({ token, to });
  }

  cancelExchange(token: number): void {
    const place = this.exchanges.findIndex((exchange) => exchange.token === token);
    if (place >= 0) this.exchanges.splice(place, 1);
  }

  answer(): void {
    this.answers++;
  }

  event(event: CoreEvent): void {
    this.events += event.type.length > 0 ? 1 : 0;
  }
}

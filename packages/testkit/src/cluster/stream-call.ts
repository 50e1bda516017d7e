import type { Address, ExchangeResult } from "@hearsay/core";
import type { SimNetwork } from "./sim-network.ts";
import type { SimNode } from "./sim-node.ts";

/**
 * One request over a stream, as whole plain messages: a handshake of two ways, the request, the answer. A host that
 * is gone or cut off makes it time out; a host whose process is gone refuses it; a process that stands still accepts
 * it and reads it when it goes on.
 */
export class StreamCall {
  readonly #network: SimNetwork;
  readonly #from: SimNode;
  readonly #to: Address;
  readonly #request: Uint8Array;
  readonly #deadline: number;
  readonly #done: (result: ExchangeResult) => void;
  readonly #life: number;
  readonly #source: Address;
  #isAnswered = false;
  #isDone = false;

  constructor(
    network: SimNetwork,
    from: SimNode,
    to: Address,
    request: Uint8Array,
    deadline: number,
    done: (result: ExchangeResult) => void,
  ) {
    this.#network = network;
    this.#from = from;
    this.#to = to;
    this.#request = request;
    this.#deadline = deadline;
    this.#done = done;
    this.#life = from.life;
    this.#source = from.streamSource;
  }

  connect(): void {
    const { clock } = this.#network;
    const giveUpAt = Math.min(this.#deadline, clock.now() + this.#from.config.streamTimeoutMs);
    if (this.#isCut()) return this.#timeOut(giveUpAt);
    const arrival = clock.now() + this.#way(false) + this.#way(true) + this.#way(false);
    if (arrival > giveUpAt) return this.#timeOut(giveUpAt);
    clock.at(arrival, () => this.#arrive(giveUpAt));
  }

  /** The caller cuts the stream: a request that has not arrived doesn't, and the answer finds nobody. */
  cancel(): void {
    this.#isDone = true;
  }

  #arrive(giveUpAt: number): void {
    if (this.#isDone) return;
    if (this.#isCut()) return this.#timeOut(giveUpAt);
    const target = this.#network.at(this.#to);
    if (target === undefined || target.state === "host-down") return this.#timeOut(giveUpAt);
    if (target.state === "down")
      return this.#finishAt(this.#now() + this.#way(true), failure("refused", "nobody listens"));
    target.accept(this.#source, this.#request, (answer) => this.#answered(answer));
    // It stands still, or has much to say. Should the answer never come, the deadline ends the call.
    if (!this.#isAnswered) this.#timeOut(this.#deadline);
  }

  #answered(answer: Uint8Array | null): void {
    this.#isAnswered = true;
    if (this.#isCut()) return this.#timeOut(this.#deadline);
    const at = this.#now() + this.#way(true);
    if (at > this.#deadline) return this.#timeOut(this.#deadline);
    this.#finishAt(
      at,
      answer === null ? failure("silence", "closed without an answer") : { ok: true, message: answer },
    );
  }

  #timeOut(at: number): void {
    this.#finishAt(at, failure("timeout", "no answer in time"));
  }

  #finishAt(at: number, result: ExchangeResult): void {
    this.#network.clock.at(at, () => {
      if (this.#isDone) return;
      this.#isDone = true;
      if (this.#from.life === this.#life) this.#done(result);
    });
  }

  #isCut(): boolean {
    return this.#network.isCut(this.#from.address, this.#to);
  }

  #way(isBack: boolean): number {
    const { model } = this.#network;
    const there = this.#from.address.key;
    return isBack ? model.streamDelay(this.#to.key, there) : model.streamDelay(there, this.#to.key);
  }

  #now(): number {
    return this.#network.clock.now();
  }
}

function failure(kind: "refused" | "timeout" | "silence", detail: string): ExchangeResult {
  return { ok: false, failure: kind, detail };
}

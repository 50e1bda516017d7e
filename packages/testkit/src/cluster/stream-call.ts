import type { Address, ExchangeResult } from "@hearsay/core";
import type { SimNetwork } from "./sim-network.ts";
import type { SimNode } from "./sim-node.ts";

/**
 * One request over a stream, as whole plain messages: a handshake there and back, the request, the answer. It times out
 * if the host is down or cut off. A host without the process refuses it. A paused process accepts it, and reads it when
 * it resumes.
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

  /** The caller closes the stream: a request in flight doesn't arrive, and an answer is dropped. */
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
    // The target is paused, or takes time to answer. If the answer never comes, the deadline ends the call.
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

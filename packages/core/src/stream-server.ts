import type { Address } from "./address.ts";
import type { Counters } from "./counters.ts";
import type { Input } from "./input.ts";
import type { PushPull } from "./sync/push-pull.ts";
import { MessageDecoder } from "./wire/decode.ts";
import { encodeMessage } from "./wire/encode.ts";
import { isFault } from "./wire/faults.ts";
import { ACK, PING, PUSH_PULL, USER } from "./wire/messages.ts";
import { decodeStreamUser } from "./wire/push-pull.ts";

/** Serves requests that come over streams (docs/protocol/memberlist.md, 7.2 step 6). */
export class StreamServer {
  readonly #pushPull: PushPull;
  readonly #counters: Counters;
  readonly #selfName: string;
  readonly #decoder = new MessageDecoder();

  constructor(pushPull: PushPull, counters: Counters, selfName: string) {
    this.#pushPull = pushPull;
    this.#counters = counters;
    this.#selfName = selfName;
  }

  /** The answer to a request, or none where the stream is to be closed without one. */
  serve(input: Input, from: Address, request: Uint8Array): Uint8Array | undefined {
    if (request[0] === PUSH_PULL) return this.#pushPull.accept(input, from, request);
    if (request[0] === USER) this.#deliver(input, from, request);
    return request[0] === PING ? this.#answerPing(request) : undefined;
  }

  #deliver(input: Input, from: Address, request: Uint8Array): void {
    const payload = decodeStreamUser(request);
    if (isFault(payload)) {
      this.#counters.messagesRefused++;
    } else if (payload.length > 0) {
      this.#counters.userMessages++;
      input.out.event({ type: "user-message", payload, from, reliable: true });
    }
  }

  #answerPing(request: Uint8Array): Uint8Array | undefined {
    const message = this.#decoder.decode(request, 0, request.length);
    if (message.type !== PING || (message.node !== "" && message.node !== this.#selfName)) return undefined;
    this.#counters.pingsAnswered++;
    return encodeMessage({ type: ACK, seqNo: message.seqNo, payload: null });
  }
}

import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import type { Call } from "../call/call.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { PushPull } from "../sync/push-pull.ts";
import type { MessageDecoder } from "../wire/decode.ts";
import { encodeMessage, encodeStreamUser } from "../wire/encode.ts";
import { isFault } from "../wire/faults.ts";
import { ACK, PING, PUSH_PULL, USER } from "../wire/messages.ts";
import { decodeStreamUser } from "../wire/push-pull.ts";

/** Dependencies of `StreamServer`. */
export interface StreamServerParts {
  readonly pushPull: PushPull;
  readonly counters: Counters;
  readonly decoder: MessageDecoder;
  readonly selfName: string;
  readonly layers: LayerStack;
}

/** Serves requests that come over streams (docs/protocol/memberlist.md, 7.2 step 6). */
export class StreamServer {
  readonly #parts: StreamServerParts;

  constructor(parts: StreamServerParts) {
    this.#parts = parts;
  }

  /** Answers a request: at once, or later for a large push/pull. */
  serve(call: Call, token: number, from: Address, request: Uint8Array): void {
    if (request[0] === PUSH_PULL) {
      this.#parts.pushPull.accept(call, token, from, request);
      return;
    }
    call.out.answer(token, this.#answer(call, from, request));
  }

  #answer(call: Call, from: Address, request: Uint8Array): Uint8Array | null {
    if (request[0] === PING) return this.#ack(request);
    return request[0] === USER ? this.#deliver(call, from, request) : null;
  }

  /** Passes the message to its layer and returns the layer's answer, or passes it to the application. */
  #deliver(call: Call, from: Address, request: Uint8Array): Uint8Array | null {
    const payload = decodeStreamUser(request);
    if (isFault(payload)) {
      this.#parts.counters.messagesRefused++;
      return null;
    }
    if (payload.length === 0) return null;
    this.#parts.counters.userMessages++;
    const answer = this.#parts.layers.stream(call, payload);
    if (answer === undefined) call.out.event({ type: "user-message", payload, from, reliable: true });
    return answer === undefined || answer === null ? null : encodeStreamUser(answer);
  }

  #ack(request: Uint8Array): Uint8Array | null {
    const message = this.#parts.decoder.decode(request, 0, request.length);
    if (message.type !== PING || (message.node !== "" && message.node !== this.#parts.selfName)) return null;
    this.#parts.counters.pingsAnswered++;
    return encodeMessage({ type: ACK, seqNo: message.seqNo, payload: null });
  }
}

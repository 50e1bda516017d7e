import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import type { Input } from "../call/input.ts";
import type { Layer } from "../layers/layer.ts";
import type { PushPull } from "../sync/push-pull.ts";
import type { MessageDecoder } from "../wire/decode.ts";
import { encodeMessage } from "../wire/encode.ts";
import { isFault } from "../wire/faults.ts";
import { ACK, PING, PUSH_PULL, USER } from "../wire/messages.ts";
import { decodeStreamUser } from "../wire/push-pull.ts";

/** What serving streams works with. */
export interface StreamServerParts {
  readonly pushPull: PushPull;
  readonly counters: Counters;
  readonly decoder: MessageDecoder;
  readonly selfName: string;
  readonly layer: Layer;
}

/** Serves requests that come over streams (docs/protocol/memberlist.md, 7.2 step 6). */
export class StreamServer {
  readonly #parts: StreamServerParts;

  constructor(parts: StreamServerParts) {
    this.#parts = parts;
  }

  /** Answers a request, at once or, for a large push/pull, later. */
  serve(input: Input, token: number, from: Address, request: Uint8Array): void {
    if (request[0] === PUSH_PULL) {
      this.#parts.pushPull.accept(input, token, from, request);
      return;
    }
    if (request[0] === USER) this.#deliver(input, from, request);
    input.out.answer(token, request[0] === PING ? this.#ack(request) : null);
  }

  #deliver(input: Input, from: Address, request: Uint8Array): void {
    const payload = decodeStreamUser(request);
    if (isFault(payload)) {
      this.#parts.counters.messagesRefused++;
    } else if (payload.length > 0) {
      this.#parts.counters.userMessages++;
      if (this.#parts.layer.message(input, payload, true)) return;
      input.out.event({ type: "user-message", payload, from, reliable: true });
    }
  }

  #ack(request: Uint8Array): Uint8Array | null {
    const message = this.#parts.decoder.decode(request, 0, request.length);
    if (message.type !== PING || (message.node !== "" && message.node !== this.#parts.selfName)) return null;
    this.#parts.counters.pingsAnswered++;
    return encodeMessage({ type: ACK, seqNo: message.seqNo, payload: null });
  }
}

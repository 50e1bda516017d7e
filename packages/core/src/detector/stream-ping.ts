import type { Address } from "../base/address.ts";
import type { Call } from "../call/call.ts";
import type { Exchanges } from "../call/exchanges.ts";
import { MessageDecoder } from "../wire/decode.ts";
import { ACK } from "../wire/messages.ts";
import type { Prober } from "./prober.ts";

/** Pings a member over a stream and reports the outcome to the prober (docs/protocol/memberlist.md, 7.4). */
export function pingOverStream(
  exchanges: Exchanges,
  prober: Prober,
  call: Call,
  seqNo: number,
  to: Address,
  request: Uint8Array,
  deadline: number,
): void {
  exchanges.open(call, to, request, deadline, (_answered, result) => {
    if (!result.ok) {
      prober.streamAnswered(seqNo, result.failure === "timeout" ? "silent" : "refused");
      return;
    }
    const message = new MessageDecoder().decode(result.message, 0, result.message.length);
    const isAck = message.type === ACK && message.seqNo === seqNo;
    prober.streamAnswered(seqNo, isAck ? "answered" : "refused");
  });
}

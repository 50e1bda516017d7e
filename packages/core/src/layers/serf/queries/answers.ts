import { type Address, addressFromBytes } from "../../../base/address.ts";
import type { Call } from "../../../call/call.ts";
import { TokenBucket } from "../../../dissemination/token-bucket.ts";
import { versionMax } from "../../../membership/member-record.ts";
import type { SerfParts } from "../serf-parts.ts";
import { encodeSerfMessage } from "../wire/encode.ts";
import { QUERY_RESPONSE, type Query, type QueryResponse, RELAY, type Relay } from "../wire/messages.ts";

/**
 * Acknowledgements, answers and relays that a node sends per second and in one burst: anyone can ask, with any address
 * for the answers.
 */
export const ANSWERS_PER_SECOND = 2000;
export const ANSWERS_BURST = 2000;

/** Limit on the members that relay one answer, whatever the query asks for. */
export const RELAYS_MAX = 16;

/** The first memberlist protocol version whose nodes know relays (docs/protocol/serf.md, sections 11.5 and 18). */
const RELAY_PROTOCOL = 5;

/** The fields of a query that are needed to answer it. */
export type Question = Pick<Query, "lTime" | "id" | "addr" | "port" | "sourceNode" | "relayFactor">;

/** Sends acknowledgements and answers to the node that asked, and relays those of others (sections 11.4 and 11.5). */
export class Answers {
  readonly #parts: SerfParts;
  readonly #members: () => number;
  readonly #bucket = new TokenBucket(ANSWERS_PER_SECOND, ANSWERS_BURST, 0);

  /** `members` counts members of any status. */
  constructor(parts: SerfParts, members: () => number) {
    this.#parts = parts;
    this.#members = members;
  }

  /** Sends a response to the node that asked; `bytes` is the encoded response. */
  send(call: Call, question: Question, bytes: Uint8Array): void {
    const { host, counters } = this.#parts;
    const to = addressFromBytes(question.addr, question.port);
    const relays = this.#relaysFor(question);
    if (to === null || to.port === 0 || !host.admits(to) || !this.#bucket.take(call.now, 1 + relays)) {
      counters.answersUnsent++;
      return;
    }
    host.send(call, to, bytes);
    if (relays > 0) this.#relay(call, to, question.sourceNode, bytes, relays);
  }

  /** Forwards the message of a relay. */
  serve(call: Call, relay: Relay): void {
    const { host, counters } = this.#parts;
    const to = addressFromBytes(relay.destIp, relay.destPort);
    // Only answers are relayed: this node doesn't lend its address to arbitrary messages.
    const isAnswer = relay.message[0] === QUERY_RESPONSE;
    if (!isAnswer || to === null || to.port === 0 || !host.admits(to) || !this.#bucket.take(call.now, 1)) {
      counters.relaysRefused++;
      return;
    }
    counters.relaysServed++;
    host.send(call, to, relay.message);
  }

  #relaysFor({ relayFactor }: Question): number {
    return relayFactor > 0 && this.#members() >= relayFactor + 1 ? Math.min(relayFactor, RELAYS_MAX) : 0;
  }

  #relay(call: Call, to: Address, sourceNode: string, message: Uint8Array, count: number): void {
    const { host, counters, config } = this.#parts;
    const bytes = encodeSerfMessage({
      type: RELAY,
      destIp: to.ip,
      destPort: to.port,
      destZone: "",
      destName: sourceNode,
      message,
    });
    if (bytes.length > Math.min(config.queryResponseBytesMax, host.payloadBytesMax)) {
      counters.relaysTooLarge++;
      return;
    }
    // A few more, since some may be too old to know relays.
    const candidates = host.chooseAlive(count + 4).filter((record) => versionMax(record) >= RELAY_PROTOCOL);
    for (const { address } of candidates.slice(0, count)) host.send(call, address, bytes);
  }
}

/** A response of this node. */
export function responseTo(question: Question, from: string, flags: number, payload: Uint8Array | null): QueryResponse {
  return { type: QUERY_RESPONSE, lTime: question.lTime, id: question.id, from, flags, payload };
}

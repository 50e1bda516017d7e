import type { Address } from "../../../base/address.ts";
import { addressFromBytes } from "../../../base/address.ts";
import type { Call } from "../../../call/call.ts";
import { isFault } from "../../../wire/faults.ts";
import { encodeName } from "../../../wire/names.ts";
import type { SerfParts } from "../serf-parts.ts";
import { CONFLICT_QUERY } from "../wire/internal-queries.ts";
import { CONFLICT_RESPONSE } from "../wire/messages.ts";
import type { OutgoingQueries } from "./outgoing-queries.ts";

/**
 * Decides between two nodes that claim this node's name: asks the other members which address they list for it. The
 * node that most of them list stays (docs/protocol/serf.md, section 12.1).
 */
export class ConflictVote {
  readonly #parts: SerfParts;
  readonly #queries: OutgoingQueries;
  #isRunning = false;

  constructor(parts: SerfParts, queries: OutgoingQueries) {
    this.#parts = parts;
    this.#queries = queries;
  }

  /** Starts a vote unless one is running. */
  begin(call: Call, other: Address): void {
    if (this.#isRunning) return;
    const { host, decoder } = this.#parts;
    let answers = 0;
    let matching = 0;
    const params = {
      name: CONFLICT_QUERY,
      payload: encodeName(host.name),
      filters: null,
      ack: false,
      relayFactor: 0,
      timeoutMs: 0,
    };
    const started = this.#queries.start(call, params, {
      acked: () => {},
      answered: (_call, _query, _from, payload) => {
        const response = decoder.decode(payload, 0, payload.length);
        if (isFault(response) || response.type !== CONFLICT_RESPONSE) return;
        answers++;
        const { member } = response;
        const address = member === null ? null : addressFromBytes(member.addr, member.port);
        if (address?.key === host.address.key) matching++;
      },
      finished: (finished) => {
        this.#isRunning = false;
        this.#decide(finished, other, answers, matching);
      },
    });
    this.#isRunning = "query" in started;
  }

  #decide(call: Call, other: Address, answers: number, matching: number): void {
    // If nobody answers, the reference ends the node, although no member has contradicted it.
    if (answers === 0 && this.#parts.host.repairs) return;
    if (matching >= Math.floor(answers / 2) + 1) return;
    this.#parts.host.event(call, { type: "notice", notice: { kind: "outvoted", address: other, answers, matching } });
  }
}

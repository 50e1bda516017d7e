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
 * Two nodes claim this node's name: asks the others whom they know by it. Whom most of them know stays
 * (docs/protocol/serf.md, section 12.1).
 */
export class ConflictVote {
  readonly #parts: SerfParts;
  readonly #queries: OutgoingQueries;
  #isRunning = false;

  constructor(parts: SerfParts, queries: OutgoingQueries) {
    this.#parts = parts;
    this.#queries = queries;
  }

  /** Starts a vote unless one is under way. */
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
    // The reference goes when nobody answers at all; but then nobody has said anything against this node.
    if (answers === 0 && this.#parts.host.repairs) return;
    if (matching >= Math.floor(answers / 2) + 1) return;
    this.#parts.host.event(call, { type: "notice", notice: { kind: "outvoted", address: other, answers, matching } });
  }
}

import { mixed } from "./hash.ts";
import { naturalLog } from "./natural-log.ts";
import type { Placement, RingMember } from "./placement.ts";
import { Roster } from "./roster.ts";

/**
 * Rendezvous hashing: D. Thaler and C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM
 * Transactions on Networking 6(1), 1998. Each member draws a score for the key, and the highest owns it. Weights by the
 * logarithmic method of C. Schindelhauer and G. Schomaker, "Weighted Distributed Hash Tables", SPAA 2005.
 *
 * Shares follow the weights exactly but for chance, and keys of a member that goes spread over all others. Moves are
 * least, as with {@link HashRing}, for the copies too. Finding an owner looks at every member, and a view costs nothing
 * to build: right for up to a few hundred members.
 */
export class Rendezvous implements Placement {
  readonly #roster: Roster;

  constructor(name: string, members: Iterable<RingMember>) {
    this.#roster = new Roster(name, members);
  }

  get members(): readonly string[] {
    return this.#roster.names;
  }

  owner(key: string): string | undefined {
    const hash = this.#roster.hashOf(key);
    let best = -1;
    let bestScore = 0;
    for (let member = 0; member < this.members.length; member++) {
      const score = this.#score(hash, member);
      // Of equal scores the first member's counts.
      if (score > bestScore) {
        best = member;
        bestScore = score;
      }
    }
    return this.members[best];
  }

  owners(key: string, count: number): string[] {
    const hash = this.#roster.hashOf(key);
    const ranked = Array.from(this.members, (name, member) => ({ name, score: this.#score(hash, member) }));
    // Sorting is stable: equal scores stay in the order of members.
    ranked.sort((a, b) => b.score - a.score);
    return ranked.slice(0, Math.max(0, count)).map(({ name }) => name);
  }

  #score(hash: number, member: number): number {
    const { low, high, weights } = this.#roster;
    // Half a step keeps it off both 0 and 1.
    const draw = (mixed(hash, low[member] as number, high[member] as number) + 0.5) / 0x1_0000_0000;
    return (weights[member] as number) / -naturalLog(draw);
  }
}

import { mixed } from "./hash.ts";
import { naturalLog } from "./natural-log.ts";
import type { Placement, RingMember } from "./placement.ts";
import { Roster } from "./roster.ts";

/**
 * Rendezvous hashing: D. Thaler and C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM
 * Transactions on Networking 6(1), 1998. Each member draws a score for the key, and the highest score owns it. Weights
 * use the logarithmic method of C. Schindelhauer and G. Schomaker, "Weighted Distributed Hash Tables", SPAA 2005.
 *
 * Shares follow the weights up to random deviation, and the keys of a member that leaves spread over all others. Moves
 * are minimal, as with {@link HashRing}, also for copies. Finding an owner looks at every member, and a view is cheap
 * to build. It suits up to a few hundred members.
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
      // Of equal scores, the first member's wins.
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
    // Half a step keeps the draw above 0 and below 1.
    const draw = (mixed(hash, low[member] as number, high[member] as number) + 0.5) / 0x1_0000_0000;
    return (weights[member] as number) / -naturalLog(draw);
  }
}

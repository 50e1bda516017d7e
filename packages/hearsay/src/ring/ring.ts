import { BoundedRing, type Placement, Rendezvous, type RingMember } from "@hearsay/core/ring";
import type { Duration } from "../base/durations.ts";
import { configError, type OptionFault } from "../base/errors.ts";
import type { ReadOptions } from "../base/feed.ts";
import { checkText } from "../forms/arguments.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { abortSignal, choice, timer } from "../forms/plain-forms.ts";
import { option, optional, type Rows } from "../forms/rows.ts";
import type { Change, ChangeBatch, Snapshot } from "../members/change-feed.ts";
import type { Member } from "../members/member.ts";
import { RingChange } from "./ring-change.ts";
import { RingMembers, type RingWeight, type RingWhere, weightForm, whereForm } from "./ring-members.ts";

/** Ways to assign keys. */
const PLACEMENTS = ["bounded", "rendezvous"] as const;

/** How to create a ring. All nodes must use the same options. */
export interface RingOptions {
  /** Which members may own keys. @defaultValue every member that is present */
  readonly where?: RingWhere;
  /** A member's relative share of keys; 0 for none. @defaultValue 1 */
  readonly weight?: RingWeight;
  /**
   * `bounded`: consistent hashing of 4,096 partitions; no member has more than 1.25 times its share. `rendezvous`: each
   * key goes to the member that its hash ranks first; a change moves the fewest keys possible, and a lookup takes one
   * step per member.
   * @defaultValue "bounded"
   */
  readonly placement?: (typeof PLACEMENTS)[number];
}

/** How to follow a ring. */
export interface RingChangesOptions {
  /** How long to gather changes: milliseconds or text such as "5s". @defaultValue 1000 */
  readonly batch?: Duration;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** What a ring needs from its cluster. */
export interface RingHost {
  readonly name: string;
  /** Changes with each membership change. */
  version(): number;
  members(): readonly Member[];
  member(name: string): Member | undefined;
  batches(batchMs: number, options: ReadOptions<Change>): AsyncGenerator<Snapshot | ChangeBatch, void, undefined>;
}

const OPTIONS = {
  where: optional(whereForm),
  weight: optional(weightForm),
  placement: option(choice(PLACEMENTS), "bounded"),
} satisfies Rows<RingOptions>;

const CHANGES_OPTIONS = {
  // Changes within this time make one hand-over.
  batch: option(timer(), 1000),
  signal: optional(abortSignal),
} satisfies Rows<RingChangesOptions>;

/**
 * Assigns keys to members, from this node's view alone: nodes with equal views give equal answers, without
 * communication. Views differ for a moment after each change, and for longer during a network partition, so two nodes
 * may both consider themselves a key's owner: work that must not be done twice needs a fence of its own
 * (docs/guides/rings.md).
 */
export class Ring {
  /** The ring's name. Rings with different names assign the same keys differently. */
  readonly name: string;
  readonly #host: RingHost;
  readonly #members: RingMembers;
  readonly #make: (members: readonly RingMember[]) => Placement;
  #current: View;

  /** Internal: use `Cluster.ring`. @throws HearsayError `ERR_CONFIG` */
  constructor(host: RingHost, name: string, options: RingOptions) {
    const faults: OptionFault[] = [];
    if (typeof name !== "string" || name === "") {
      faults.push({ key: "name", value: name, allowed: "text that isn't empty" });
    }
    const { where, weight, placement } = readCallOptions("ring", OPTIONS, options, faults);
    this.name = name;
    this.#host = host;
    this.#members = new RingMembers(where, weight);
    this.#make = (members) =>
      placement === "bounded" ? new BoundedRing(name, members) : new Rendezvous(name, members);
    this.#current = { version: Number.NaN, signature: "", placement: this.#make([]) };
  }

  /** The members that may own keys, ordered by name. */
  get members(): Member[] {
    return this.#found(this.#placement().members);
  }

  /** The key's owner; undefined while the ring has no members. */
  owner(key: string): Member | undefined {
    checkText(key, "key", "owner");
    const name = this.#placement().owner(key);
    return name === undefined ? undefined : this.#host.member(name);
  }

  /**
   * The key's owner and its successors, for copies: at most `count`, fewer if the ring has fewer members.
   *
   * @throws HearsayError `ERR_CONFIG`
   */
  owners(key: string, count: number): Member[] {
    if (!Number.isInteger(count) || count < 0) {
      throw configError([{ key: "count", value: count, allowed: "a whole number from 0 on" }], "owners");
    }
    checkText(key, "key", "owners");
    return this.#found(this.#placement().owners(key, count));
  }

  /** Whether this node owns the key. */
  isMine(key: string): boolean {
    checkText(key, "key", "isMine");
    return this.#placement().owner(key) === this.#host.name;
  }

  /**
   * Yields changes of ownership from the first read on. Membership changes are gathered for `batch` after a first one;
   * their net result is one item, if any key may have moved. A reader that falls behind gets one item for all that it
   * missed. The iteration ends with the cluster.
   */
  async *changes(options: RingChangesOptions = {}): AsyncGenerator<RingChange, void, undefined> {
    const { batch: batchMs, signal } = readCallOptions("changes", CHANGES_OPTIONS, options);
    let before = this.#view();
    for await (const item of this.#host.batches(batchMs, { signal })) {
      if (item.type === "snapshot" && item.reason === "start") continue;
      const after = this.#view();
      if (after.signature === before.signature) continue;
      yield new RingChange(this.#host.name, before.placement, after.placement);
      before = after;
    }
  }

  #placement(): Placement {
    return this.#view().placement;
  }

  /** Creates a new placement only if the members or their weights have changed. */
  #view(): View {
    const version = this.#host.version();
    if (version === this.#current.version) return this.#current;
    const members = this.#members.of(this.#host.members());
    const signature = JSON.stringify(members.map(({ name, weight }) => [name, weight]).sort());
    const isSame = signature === this.#current.signature;
    const placement = isSame ? this.#current.placement : this.#make(members);
    this.#current = { version, signature, placement };
    return this.#current;
  }

  #found(names: readonly string[]): Member[] {
    return names.flatMap((name) => this.#host.member(name) ?? []);
  }
}

/** The ring as of one version of the view. */
interface View {
  readonly version: number;
  /** Equal for equal members and weights. */
  readonly signature: string;
  readonly placement: Placement;
}

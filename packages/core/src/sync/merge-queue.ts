import type { Address } from "../address.ts";
import { EMPTY } from "../bytes.ts";
import type { Counters } from "../counters.ts";
import { type Deadlines, MERGE_SLICE } from "../deadlines.ts";
import type { Input } from "../input.ts";
import { accusation } from "../membership/accusation.ts";
import type { AddressCache } from "../membership/address-cache.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import type { Rules } from "../rules.ts";
import { isFault } from "../wire/faults.ts";
import {
  ALIVE,
  DEAD,
  type PushPullNode,
  STATE_ALIVE,
  STATE_DEAD,
  STATE_LEFT,
  STATE_SUSPECT,
} from "../wire/messages.ts";
import { PushPullReader } from "../wire/push-pull.ts";
import { isEntryCompatible, isWholeStateCompatible } from "./compatibility.ts";

/** Entries read or merged in one turn: 1 to 2 ms of work, so that pings are answered in between. */
export const ENTRIES_PER_SLICE = 256;

/** Unknown members of one push/pull that are passed on at once; the rest of a large state travels on ticks. */
export const EAGER_ENTRIES_MAX = 8;

/** States that wait to be merged or are being merged; further ones are refused (section 7.3). */
export const MERGES_MAX = 128;

/** What became of a state that a peer sent. `taught` counts the members that it changed here. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly taught: number }
  | { readonly kind: "protocol-mismatch" | "vetoed" | "malformed" | "busy"; readonly detail: string };

/** One state to merge. */
export interface MergeJob {
  /** The peer's own address where we dialled it; else the source of its stream, whose port means nothing. */
  readonly peer: Address;
  readonly wasDialled: boolean;
  readonly isJoin: boolean;
  readonly done: (input: Input, outcome: MergeOutcome) => void;
}

interface RunningJob extends MergeJob {
  readonly reader: PushPullReader;
  readonly nodes: PushPullNode[];
  /** Index of the peer's own entry; -1 if it can't be told. */
  own: number;
  next: number;
  isMerging: boolean;
  /** This node knew nobody when the merge began: it has no news for those from whom it has all it knows. */
  isNewcomer: boolean;
  taught: number;
  bad: number;
  eagerLeft: number;
}

/** What merging works with. */
export interface MergeParts {
  readonly table: MemberTable;
  readonly membership: Membership;
  readonly addresses: AddressCache;
  readonly rules: Rules;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly self: Slot;
  /** The port that stands for 0, and for any where ports are not trusted. */
  readonly portOf: (port: number) => number;
  /** Number of membership changes so far, to tell what a state taught. */
  readonly changes: () => number;
  /** The application's veto over a join; null to let it pass, else the reason. */
  readonly veto: (nodes: readonly PushPullNode[]) => string | null;
  readonly mergeUserState: (state: Uint8Array, isJoin: boolean) => void;
  /** Whether a member may live at an address; a state has no source to ask about. */
  readonly admits: (address: Address, source: null) => boolean;
  readonly badEntries: (input: Input, peer: Address, count: number) => void;
}

/**
 * Merges the states that push/pulls bring, in slices (docs/protocol/memberlist.md, 7.3 and 12.6): a pool of 10,000
 * must not keep this node from answering pings.
 */
export class MergeQueue {
  readonly #parts: MergeParts;
  readonly #jobs: RunningJob[] = [];

  constructor(parts: MergeParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#jobs.length;
  }

  /** Takes a state in and does its first slice at once if nothing else waits. */
  add(input: Input, message: Uint8Array, job: MergeJob): void {
    if (this.#jobs.length >= MERGES_MAX) {
      job.done(input, { kind: "busy", detail: `${MERGES_MAX} states are being merged` });
      return;
    }
    const reader = new PushPullReader(message);
    if (isFault(reader.header)) {
      job.done(input, { kind: "malformed", detail: reader.header.reason });
      return;
    }
    const state = {
      own: -1,
      next: 0,
      isMerging: false,
      isNewcomer: false,
      taught: 0,
      bad: 0,
      eagerLeft: EAGER_ENTRIES_MAX,
    };
    this.#jobs.push({ ...job, reader, nodes: [], ...state });
    if (this.#jobs.length === 1) this.slice(input);
  }

  /** Does one turn's worth of work and asks for the next. */
  slice(input: Input): void {
    const job = this.#jobs[0];
    if (job === undefined) return;
    const outcome = this.#work(input, job);
    if (outcome !== null) {
      this.#jobs.shift();
      job.done(input, outcome);
    }
    if (this.#jobs.length > 0) this.#parts.deadlines.push(input.now, MERGE_SLICE);
  }

  #work(input: Input, job: RunningJob): MergeOutcome | null {
    let budget = ENTRIES_PER_SLICE;
    while (!job.isMerging) {
      if (budget-- === 0) return null;
      const node = job.reader.next();
      if (node === null) {
        const refusal = this.#check(job);
        if (refusal !== null) return refusal;
        job.isMerging = true;
        job.isNewcomer = this.#parts.rules.repairs && job.wasDialled && this.#knowsNobody();
      } else if (isFault(node)) {
        return { kind: "malformed", detail: node.reason };
      } else {
        job.nodes.push(node);
      }
    }
    const before = this.#parts.changes();
    while (job.next < job.nodes.length && budget-- > 0) this.#merge(input, job, job.next++);
    input.isAnswer = false;
    input.isTold = true;
    job.taught += this.#parts.changes() - before;
    return job.next < job.nodes.length ? null : this.#finish(input, job);
  }

  /** All entries are read and none is merged: may this state come in at all? */
  #check(job: RunningJob): MergeOutcome | null {
    const { table, rules, self, counters } = this.#parts;
    job.own = this.#ownEntry(job);
    const own = job.nodes[job.own];
    const isCompatible = rules.repairs
      ? own === undefined || isEntryCompatible(own.vsn, table.record(self).versions)
      : isWholeStateCompatible(job.nodes, table);
    if (!isCompatible) {
      counters.entriesRefused++;
      const theirs = own === undefined ? "a member" : `${own.name} [${own.vsn.join(" ")}]`;
      const ours = table.record(self).versions.join(" ");
      return { kind: "protocol-mismatch", detail: `versions of ${theirs} do not go with ours [${ours}]` };
    }
    if (!job.isJoin) return null;
    const reason = this.#parts.veto(job.nodes);
    return reason === null ? null : { kind: "vetoed", detail: reason };
  }

  #knowsNobody(): boolean {
    return this.#parts.table.groupEnd(SUSPECT_STATUS) <= 1;
  }

  /** The entry that speaks of the peer itself: by the address that we dialled, or the only one on the peer's host. */
  #ownEntry(job: RunningJob): number {
    let found = -1;
    for (const [index, node] of job.nodes.entries()) {
      // All entries are looked at in one turn, so most must go by without an address being made of them.
      if (!endsAlike(node.addr, job.peer.ip)) continue;
      const port = this.#parts.portOf(node.port);
      if (job.wasDialled && port !== job.peer.port) continue;
      const address = this.#parts.addresses.get(node.addr, port);
      if (address === null) continue;
      if (job.wasDialled) {
        if (address.key === job.peer.key) return index;
      } else if (address.host === job.peer.host) {
        if (found >= 0) return -1;
        found = index;
      }
    }
    return found;
  }

  #merge(input: Input, job: RunningJob, index: number): void {
    const { table, membership, self } = this.#parts;
    const node = job.nodes[index] as PushPullNode;
    const isNew = node.state === STATE_ALIVE && table.find(node.name) < 0;
    input.path = "sync";
    input.from = job.peer;
    input.eager = index === job.own || (isNew && job.eagerLeft-- > 0);
    input.isAnswer = job.wasDialled;
    input.isTold = !job.isNewcomer;
    const from = table.record(self).name;
    const { name, incarnation } = node;
    if (node.state === STATE_ALIVE) this.#mergeAlive(input, job, node);
    else if (node.state === STATE_LEFT) membership.dead(input, { type: DEAD, node: name, incarnation, from: name });
    // A peer's word that a member is dead is only a suspicion here: the member may have come back since.
    else if (node.state === STATE_DEAD || node.state === STATE_SUSPECT) {
      membership.suspect(input, accusation(name, incarnation, from));
    } else job.bad++;
  }

  #mergeAlive(input: Input, job: RunningJob, node: PushPullNode): void {
    const { membership, addresses, rules, table, self } = this.#parts;
    const port = this.#parts.portOf(node.port);
    const address = addresses.get(node.addr, port);
    if (address === null || (rules.repairs && !isEntryCompatible(node.vsn, table.record(self).versions))) {
      job.bad++;
      return;
    }
    if (!this.#parts.admits(address, null)) {
      // Not a fault of the peer's, which may allow more than we do.
      this.#parts.counters.entriesRefused++;
      return;
    }
    const { name, incarnation, addr, meta, vsn } = node;
    membership.alive(input, { type: ALIVE, node: name, incarnation, addr, port, meta, vsn }, address);
  }

  #finish(input: Input, job: RunningJob): MergeOutcome {
    const userState = job.reader.userState();
    if (!isFault(userState) && userState.length > 0) this.#parts.mergeUserState(userState ?? EMPTY, job.isJoin);
    if (job.bad > 0) {
      this.#parts.counters.entriesRefused += job.bad;
      this.#parts.badEntries(input, job.peer, job.bad);
    }
    return { kind: "merged", taught: job.taught };
  }
}

/** Whether the last four bytes are the same, as they are in both forms of one IPv4 address. */
function endsAlike(a: Uint8Array, b: Uint8Array): boolean {
  for (let back = 1; back <= 4; back++) if (a[a.length - back] !== b[b.length - back]) return false;
  return true;
}

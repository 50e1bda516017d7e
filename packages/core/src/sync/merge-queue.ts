import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, MERGE_SLICE } from "../base/deadlines.ts";
import type { Rules } from "../base/rules.ts";
import { type Call, EXCHANGE, type Provenance, withProvenance } from "../call/call.ts";
import type { StateMerge } from "../layers/layer.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import { accusation } from "../membership/accusation.ts";
import type { AddressCache } from "../membership/address-cache.ts";
import { isCompatible } from "../membership/compatibility.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import type { MessageDecoder } from "../wire/decode.ts";
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
import { isWholeStateCompatible } from "./compatibility.ts";

/** Entries read or merged in one slice: 1 to 2 ms of work, so that pings are answered in between. */
export const ENTRIES_MERGED_PER_SLICE = 256;

/** Unknown members of one push/pull that may take the eager lane; the rest of a large state waits for gossip ticks. */
export const EAGER_ENTRIES_MAX = 8;

/** States that wait to be merged or are being merged; further ones are refused (section 7.3). */
export const MERGES_MAX = 128;

/** Total bytes of those states. One state has at most 40 MiB, so an empty queue accepts any. */
export const MERGE_BYTES_MAX: number = 64 * 1024 * 1024;

/** The result of merging a peer's state. `taught` counts the membership changes that it caused. */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly taught: number }
  | { readonly kind: "protocol-mismatch" | "vetoed" | "malformed" | "busy"; readonly detail: string };

/** One state to merge. */
export interface MergeJob {
  /** The address that we dialled, or else the source of the peer's stream, whose port means nothing. */
  readonly peer: Address;
  readonly wasDialled: boolean;
  readonly isJoin: boolean;
  readonly done: (call: Call, outcome: MergeOutcome) => void;
}

const UNKNOWN = -1;
const AMBIGUOUS = -2;

/**
 * Limit on a state's entries, as a multiple of the members that a view can hold: gone and refused members add to them.
 */
const ENTRIES_PER_MEMBER_MAX = 4;

/**
 * A state is read twice: first to decide whether to accept it, then to merge it. Keeping ten thousand entries between
 * the two passes would cause long garbage collection pauses.
 */
interface RunningJob extends MergeJob {
  readonly message: Uint8Array;
  reader: PushPullReader;
  /** All entries, if a check needs them before the merge; else null. */
  readonly nodes: PushPullNode[] | null;
  /** Index of the entry that is read next. */
  next: number;
  /** Index of the peer's own entry, once known; else UNKNOWN or AMBIGUOUS. */
  peerEntry: number;
  peerNode: PushPullNode | null;
  peerAddress: Address | null;
  hasAlive: boolean;
  /** Whether an alive entry has versions compatible with ours. */
  hasCompatible: boolean;
  isMerging: boolean;
  /**
   * Provenance of most entries, and of the eager ones. Entries are gossiped, unless this node knew nobody when it
   * dialled the peer: then the peer's pool already knows them.
   */
  quiet: Provenance;
  eager: Provenance;
  /** Merges the rest of the layers' part; null until that part has begun. */
  layerMerge: StateMerge | null;
  taught: number;
  bad: number;
  eagerLeft: number;
}

/** Dependencies of `MergeQueue`. */
export interface MergeParts {
  readonly table: MemberTable;
  readonly membership: Membership;
  readonly addresses: AddressCache;
  readonly rules: Rules;
  readonly membersMax: number;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly decoder: MessageDecoder;
  readonly self: Slot;
  /** The port to use: ours for port 0, and for any port under protocol 1, whose pools share one port. */
  readonly portOf: (port: number) => number;
  /** Number of membership changes so far, to compute `taught`. */
  readonly changes: () => number;
  /** The application's veto on joins, if it has one. Returns the reason for a veto, or null to allow the join. */
  readonly veto: ((nodes: readonly PushPullNode[]) => string | null) | null;
  readonly layers: LayerStack;
  /** Whether to accept a member at an address; a state has no source address. */
  readonly admits: (address: Address, source: null) => boolean;
  readonly badEntries: (call: Call, peer: Address, count: number) => void;
}

/**
 * Merges the states of push/pulls in slices (docs/protocol/memberlist.md, 7.3 and 12.6), so that a pool of 10,000 does
 * not keep this node from answering pings.
 */
export class MergeQueue {
  readonly #parts: MergeParts;
  readonly #jobs: RunningJob[] = [];
  #bytesHeld = 0;

  constructor(parts: MergeParts) {
    this.#parts = parts;
  }

  /** States being merged or waiting. */
  get size(): number {
    return this.#jobs.length;
  }

  /** Whether a state fits beside those already held. */
  hasRoomFor(message: Uint8Array): boolean {
    return this.#bytesHeld + message.length <= MERGE_BYTES_MAX;
  }

  /** Counts a state that waits elsewhere as held until `release`. */
  hold(message: Uint8Array): void {
    this.#bytesHeld += message.length;
  }

  /** Ends what `hold` began. */
  release(message: Uint8Array): void {
    this.#bytesHeld -= message.length;
  }

  /** Accepts a state, and merges it at once if it is small and nothing else waits. */
  add(call: Call, message: Uint8Array, job: MergeJob): void {
    if (this.#jobs.length >= MERGES_MAX || !this.hasRoomFor(message)) {
      const detail = `${this.#jobs.length} states are being merged, ${this.#bytesHeld} bytes are held`;
      job.done(call, { kind: "busy", detail });
      return;
    }
    const reader = new PushPullReader(message, this.#parts.decoder);
    if (isFault(reader.header)) {
      job.done(call, { kind: "malformed", detail: reader.header.reason });
      return;
    }
    const isSeenWhole = !this.#parts.rules.repairs || (job.isJoin && this.#parts.veto !== null);
    this.hold(message);
    this.#jobs.push({
      ...job,
      message,
      reader,
      nodes: isSeenWhole ? [] : null,
      next: 0,
      peerEntry: UNKNOWN,
      peerNode: null,
      peerAddress: null,
      hasAlive: false,
      hasCompatible: false,
      isMerging: false,
      quiet: EXCHANGE,
      eager: EXCHANGE,
      layerMerge: null,
      taught: 0,
      bad: 0,
      eagerLeft: EAGER_ENTRIES_MAX,
    });
    if (this.#jobs.length > 1) return;
    // A large state waits for a slice of its own, since this call may already have encoded our own state.
    if (reader.header.nodes > ENTRIES_MERGED_PER_SLICE) this.#parts.deadlines.push(call.now, MERGE_SLICE);
    else this.slice(call);
  }

  /**
   * Drops the state that was added with `done`, which is then not called. Entries already merged stay: each is separate
   * news. Does nothing if the whole state has been merged.
   */
  cancel(done: MergeJob["done"]): void {
    const place = this.#jobs.findIndex((job) => job.done === done);
    if (place < 0) return;
    // The slice that a running job has armed serves the next job.
    for (const { message } of this.#jobs.splice(place, 1)) this.release(message);
  }

  /** Does one slice of work and arms the next. */
  slice(call: Call): void {
    const job = this.#jobs[0];
    if (job === undefined) return;
    const outcome = this.#work(call, job);
    if (outcome !== null) {
      this.#jobs.shift();
      this.release(job.message);
      job.done(call, outcome);
    }
    if (this.#jobs.length > 0) this.#parts.deadlines.push(call.now, MERGE_SLICE);
  }

  #work(call: Call, job: RunningJob): MergeOutcome | null {
    if (job.layerMerge !== null) return this.#mergeLayer(call, job, job.layerMerge);
    let outcome: MergeOutcome | null = null;
    // One `Call` of each kind for the whole slice: a state can have thousands of entries.
    let quiet = withProvenance(call, job.quiet);
    let eager = withProvenance(call, job.eager);
    for (let budget = ENTRIES_MERGED_PER_SLICE; budget > 0 && outcome === null; budget--) {
      const node = job.reader.next();
      if (isFault(node)) outcome = { kind: "malformed", detail: node.reason };
      else if (node === null && job.isMerging) return this.#beginLayer(call, job);
      else if (node === null) {
        outcome = this.#admit(job);
        quiet = withProvenance(call, job.quiet);
        eager = withProvenance(call, job.eager);
      } else if (job.isMerging) this.#merge(quiet, eager, job, node);
      else if (job.next < ENTRIES_PER_MEMBER_MAX * this.#parts.membersMax) this.#look(job, node, job.next++);
      else outcome = { kind: "malformed", detail: `more than ${job.next} members` };
    }
    return outcome;
  }

  /** Decides after the first pass whether to accept the state, and begins the second pass if so. */
  #admit(job: RunningJob): MergeOutcome | null {
    const { rules } = this.#parts;
    const refusal = this.#refusal(job);
    if (refusal !== null) return refusal;
    job.reader = new PushPullReader(job.message, this.#parts.decoder);
    job.next = 0;
    job.isMerging = true;
    const isNewcomer = rules.repairs && job.wasDialled && this.#knowsNobody();
    const from = job.peerAddress ?? job.peer;
    job.quiet = { ...EXCHANGE, from, isAnswer: job.wasDialled, isTold: !isNewcomer };
    job.eager = { ...job.quiet, isEager: true };
    return null;
  }

  #refusal(job: RunningJob): MergeOutcome | null {
    const { table, rules, self, counters, veto } = this.#parts;
    const { nodes, peerNode } = job;
    if (!(rules.repairs ? this.#goesWithUs(job) : isWholeStateCompatible(nodes ?? [], table))) {
      counters.entriesRefused++;
      const theirs = peerNode === null ? "a member" : `${peerNode.name} [${peerNode.vsn.join(" ")}]`;
      const ours = table.record(self).versions.join(" ");
      return { kind: "protocol-mismatch", detail: `versions of ${theirs} do not go with ours [${ours}]` };
    }
    const reason = job.isJoin && veto !== null ? veto(nodes ?? []) : null;
    return reason === null ? null : { kind: "vetoed", detail: reason };
  }

  /**
   * Checks the peer's own entry. Behind a port mapping it can't be identified; then some alive entry, if there are any,
   * must be compatible.
   */
  #goesWithUs(job: RunningJob): boolean {
    const { table, self } = this.#parts;
    if (job.peerNode !== null) return isCompatible(job.peerNode.vsn, table.record(self).versions);
    return job.hasCompatible || !job.hasAlive;
  }

  #knowsNobody(): boolean {
    return this.#parts.table.groupEnd(SUSPECT_STATUS) <= 1;
  }

  /**
   * Notes whether an entry is the peer's own: it has the address that we dialled, or is the only one on the peer's
   * host.
   */
  #look(job: RunningJob, node: PushPullNode, index: number): void {
    job.nodes?.push(node);
    // A failed or left member may have had the address before the peer.
    if (node.state !== STATE_ALIVE) return;
    const { table, self, addresses, portOf } = this.#parts;
    job.hasAlive = true;
    if (!job.hasCompatible) job.hasCompatible = isCompatible(node.vsn, table.record(self).versions);
    // Most entries stop at this cheap check, without an address object.
    if (!endsAlike(node.addr, job.peer.ip)) return;
    const address = addresses.get(node.addr, portOf(node.port));
    if (address === null || address.host !== job.peer.host) return;
    if (job.wasDialled && address.port !== job.peer.port) return;
    const isFirst = job.peerEntry === UNKNOWN;
    job.peerEntry = isFirst ? index : AMBIGUOUS;
    job.peerNode = isFirst ? node : null;
    job.peerAddress = isFirst ? address : null;
  }

  #merge(quiet: Call, eager: Call, job: RunningJob, node: PushPullNode): void {
    const { table, membership, self, changes } = this.#parts;
    const before = changes();
    const slot = table.find(node.name);
    const isNew = node.state === STATE_ALIVE && slot < 0;
    const isEager = job.next++ === job.peerEntry || (isNew && job.eagerLeft-- > 0);
    const call = isEager ? eager : quiet;
    const from = table.record(self).name;
    const { name, incarnation } = node;
    if (node.state === STATE_ALIVE) this.#mergeAlive(call, job, node, slot);
    else if (node.state === STATE_LEFT) membership.dead(call, { type: DEAD, node: name, incarnation, from: name });
    // A dead entry only starts a suspicion: the member may have come back since.
    else if (node.state === STATE_DEAD || node.state === STATE_SUSPECT) {
      membership.suspect(call, accusation(name, incarnation, from));
    } else job.bad++;
    job.taught += changes() - before;
  }

  #mergeAlive(call: Call, job: RunningJob, node: PushPullNode, slot: Slot): void {
    const { membership, addresses, rules, table, self } = this.#parts;
    const port = this.#parts.portOf(node.port);
    const address = addresses.get(node.addr, port, slot < 0 ? null : table.record(slot).address);
    const own = table.record(self);
    // An entry from an earlier run of this node may have other versions, and must still be refuted.
    const isRefused = rules.repairs && !isCompatible(node.vsn, own.versions) && node.name !== own.name;
    if (address === null || isRefused) {
      job.bad++;
      return;
    }
    if (!this.#parts.admits(address, null)) {
      // The peer is not at fault: it may accept addresses that we refuse.
      this.#parts.counters.entriesRefused++;
      return;
    }
    const { name, incarnation, addr, meta, vsn } = node;
    membership.alive(call, { type: ALIVE, node: name, incarnation, addr, port, meta, vsn }, address);
  }

  /** All members are merged; begins the layers' part. */
  #beginLayer(call: Call, job: RunningJob): MergeOutcome | null {
    const userState = job.reader.userState();
    if (isFault(userState) || userState.length === 0) return this.#finish(call, job);
    return this.#mergeLayer(call, job, (now) => {
      job.layerMerge = this.#parts.layers.mergeState(now, userState, job.isJoin);
      return job.layerMerge === null;
    });
  }

  #mergeLayer(call: Call, job: RunningJob, merge: StateMerge): MergeOutcome | null {
    const { from } = job.quiet;
    // Layers relay nothing from a state, so peers can't flood the eager lane; layers' own news, such as a refutation,
    // is urgent.
    return merge(withProvenance(call, { ...EXCHANGE, from, isEager: true })) ? this.#finish(call, job) : null;
  }

  #finish(call: Call, job: RunningJob): MergeOutcome {
    if (job.bad > 0) {
      this.#parts.counters.entriesRefused += job.bad;
      this.#parts.badEntries(call, job.peer, job.bad);
    }
    return { kind: "merged", taught: job.taught };
  }
}

/** Whether the last four bytes are the same, as they are in both forms of one IPv4 address. */
function endsAlike(a: Uint8Array, b: Uint8Array): boolean {
  for (let back = 1; back <= 4; back++) if (a[a.length - back] !== b[b.length - back]) return false;
  return true;
}

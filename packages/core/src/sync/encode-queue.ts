import { type Deadlines, ENCODE_SLICE } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { MemberTable } from "../membership/member-table.ts";
import { PushPullWriter } from "../wire/push-pull-writer.ts";

/** Members encoded in one slice: about half a millisecond of work once the code is compiled. */
export const ENTRIES_ENCODED_PER_SLICE = 1024;

/** Receives the whole encoded state, which is handed over. */
export type Encoded = (call: Call, state: Uint8Array) => void;

interface EncodeJob {
  readonly isJoin: boolean;
  readonly done: Encoded;
}

interface RunningJob extends EncodeJob {
  readonly userState: Uint8Array;
  readonly writer: PushPullWriter;
  /** The next slot to encode. */
  next: number;
  /** Slots taken after the start are skipped: their members are news, which gossip spreads. */
  readonly end: number;
}

/** Dependencies of `EncodeQueue`. */
export interface EncodeParts {
  readonly table: MemberTable;
  readonly deadlines: Deadlines;
  readonly layers: LayerStack;
}

/**
 * Encodes this node's state for its peers (docs/protocol/memberlist.md, 7.3), one state at a time and large ones in
 * slices, so that pings are answered in between. Each member is encoded as it is when its turn comes.
 */
export class EncodeQueue {
  readonly #parts: EncodeParts;
  /** Waiting jobs hold no encoded bytes yet. */
  readonly #waiting: EncodeJob[] = [];
  #running: RunningJob | null = null;
  /** Bytes per member of the last state; initially those of a member with a short name and no metadata. */
  #bytesPerMember = 96;

  constructor(parts: EncodeParts) {
    this.#parts = parts;
  }

  /** States being encoded or waiting. */
  get size(): number {
    return this.#waiting.length + (this.#running === null ? 0 : 1);
  }

  /**
   * Encodes a state and calls `done` once, unless cancelled: within this call if the view is small and nothing else
   * waits.
   */
  add(call: Call, isJoin: boolean, done: Encoded): void {
    this.#waiting.push({ isJoin, done });
    if (this.size === 1) this.slice(call);
  }

  /** Cancels the encoding for `done`, which is then not called. Does nothing if `done` has been called. */
  cancel(done: Encoded): void {
    const place = this.#waiting.findIndex((job) => job.done === done);
    if (place >= 0) this.#waiting.splice(place, 1);
    // The slice that the running job has armed serves the next job.
    if (this.#running?.done === done) this.#running = null;
  }

  /** Does one slice of work and arms the next. */
  slice(call: Call): void {
    const next = this.#running ?? this.#begin();
    if (next === null) return;
    this.#running = next;
    this.#encode(next);
    if (next.next >= next.end) {
      this.#running = null;
      const state = this.#finish(next);
      next.done(call, state);
    }
    if (this.size > 0) this.#parts.deadlines.push(call.now, ENCODE_SLICE);
  }

  #begin(): RunningJob | null {
    const job = this.#waiting.shift();
    if (job === undefined) return null;
    const { table, layers } = this.#parts;
    const userState = layers.localState(job.isJoin);
    // Slightly more than the last state needed for each member, so that the buffer need not grow.
    const bytesExpected = 1024 + Math.ceil(table.size * this.#bytesPerMember * 1.02) + userState.length;
    const writer = new PushPullWriter(job.isJoin, "v2", bytesExpected);
    return { ...job, userState, writer, next: 0, end: table.slotsEnd };
  }

  #encode(job: RunningJob): void {
    const { table } = this.#parts;
    const { writer } = job;
    const until = Math.min(job.end, job.next + ENTRIES_ENCODED_PER_SLICE);
    for (let slot = job.next; slot < until; slot++) {
      if (table.isFree(slot)) continue;
      const { name, address, meta, versions } = table.record(slot);
      const metaOrNil = meta.length === 0 ? null : meta;
      writer.node(name, address.ip, address.port, metaOrNil, table.incarnation(slot), table.status(slot), versions);
    }
    job.next = until;
  }

  #finish(job: RunningJob): Uint8Array {
    const state = job.writer.finish(job.userState);
    this.#bytesPerMember = (state.length - job.userState.length) / this.#parts.table.size;
    return state;
  }
}

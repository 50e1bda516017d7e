import { type Deadlines, ENCODE_SLICE } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { MemberTable } from "../membership/member-table.ts";
import { PushPullWriter } from "../wire/push-pull-writer.ts";

/** Members encoded in one turn: about half a millisecond of work once it is compiled. */
export const ENTRIES_ENCODED_PER_SLICE = 1024;

/** Gets the whole state, handed over. */
export type Encoded = (call: Call, state: Uint8Array) => void;

interface EncodeJob {
  readonly isJoin: boolean;
  readonly done: Encoded;
}

interface RunningJob extends EncodeJob {
  readonly userState: Uint8Array;
  readonly writer: PushPullWriter;
  /** The slot to go on from. */
  next: number;
  /** Slots that were taken later are not looked for: they hold news, which travels by itself. */
  readonly end: number;
}

/** What encoding works with. */
export interface EncodeParts {
  readonly table: MemberTable;
  readonly deadlines: Deadlines;
  readonly layers: LayerStack;
}

/**
 * Encodes all that this node knows for its peers (docs/protocol/memberlist.md, 7.3), one state after the other and a
 * large one in slices, so that pings are answered in between. Each member is told as it is when its turn comes.
 */
export class EncodeQueue {
  readonly #parts: EncodeParts;
  /** States that wait for the running one hold nothing yet. */
  readonly #waiting: EncodeJob[] = [];
  #running: RunningJob | null = null;
  /** As the last state had it; at first, what a member with a short name and no metadata takes. */
  #bytesPerMember = 96;

  constructor(parts: EncodeParts) {
    this.#parts = parts;
  }

  /** States that are encoded or wait for it. */
  get size(): number {
    return this.#waiting.length + (this.#running === null ? 0 : 1);
  }

  /** Calls `done` once, unless it is cancelled: within this call if the view is small and nothing else waits. */
  add(call: Call, isJoin: boolean, done: Encoded): void {
    this.#waiting.push({ isJoin, done });
    if (this.size === 1) this.slice(call);
  }

  /** Takes back what waits or is being encoded for `done`, which is not called then. Nothing happens if it has been. */
  cancel(done: Encoded): void {
    const place = this.#waiting.findIndex((job) => job.done === done);
    if (place >= 0) this.#waiting.splice(place, 1);
    // The slice that the running job has asked for goes to the next one.
    if (this.#running?.done === done) this.#running = null;
  }

  /** Does one turn's worth of work and asks for the next. */
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
    // A little more than the last state had for each member, and the buffer never grows.
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

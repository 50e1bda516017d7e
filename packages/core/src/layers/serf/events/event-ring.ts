import { EMPTY, sameBytes } from "../../../base/bytes.ts";
import { nameLength } from "../../../wire/names.ts";
import type { LTime } from "../wire/ltime.ts";
import type { EventSlot, StoredEvent } from "../wire/messages.ts";
import { eventKey } from "./event-key.ts";

/**
 * Limit on the bytes of remembered events. Beyond it, the oldest time is forgotten, and events up to it are refused.
 */
export const EVENTS_BYTES_MAX: number = 4 * 1024 * 1024;

/** Bytes of a remembered event besides its name and payload. */
const EVENT_BYTES = 64;

/** The result of offering an event. */
export type EventVerdict = "fresh" | "duplicate" | "too-old";

interface Slot extends EventSlot {
  readonly events: StoredEvent[];
  /** The same events by key, once there are many: a single state may bring 65,536 events of one time. */
  byKey: Map<string, StoredEvent[]> | null;
}

/** Number of events of one time from which they are indexed by key. */
const INDEXED_FROM = 16;

/**
 * The user events of the last Lamport times, so that each event is heard once (docs/protocol/serf.md, section 10).
 * Times that are equal modulo the ring's size share a slot; the last one holds it.
 */
export class EventRing {
  readonly #slots: (Slot | null)[];
  readonly #onForgotten: () => void;
  #bytes = 0;
  /** Events of earlier times are refused. */
  minTime: LTime = 0;

  /** `onForgotten` is called when a time is forgotten because the events take too many bytes. */
  constructor(size: number, onForgotten: () => void) {
    this.#slots = new Array<Slot | null>(size).fill(null);
    this.#onForgotten = onForgotten;
  }

  /** The ring as a push/pull sends it, including unused slots. */
  get slots(): readonly (EventSlot | null)[] {
    return this.#slots;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Stores a copy of an event, unless it is known or too old. `clock` has already witnessed its time. */
  offer(lTime: LTime, name: string, payload: Uint8Array, clock: LTime): EventVerdict {
    const size = this.#slots.length;
    if (lTime < this.minTime || (clock > size && lTime < clock - size)) return "too-old";
    const index = lTime % size;
    let slot = this.#slots[index] ?? null;
    if (slot !== null && slot.lTime === lTime) {
      if (isKnown(slot, name, payload)) return "duplicate";
    } else {
      if (slot !== null) this.#forget(slot);
      slot = { lTime, events: [], byKey: null };
      this.#slots[index] = slot;
    }
    addTo(slot, { name, payload: payload.length === 0 ? null : payload.slice() });
    this.#bytes += bytesOf(name, payload);
    while (this.#bytes > EVENTS_BYTES_MAX) this.#forgetOldest();
    return "fresh";
  }

  #forgetOldest(): void {
    let oldest: Slot | null = null;
    let at = -1;
    for (const [index, slot] of this.#slots.entries()) {
      if (slot !== null && (oldest === null || slot.lTime < oldest.lTime)) {
        oldest = slot;
        at = index;
      }
    }
    if (oldest === null) return;
    this.#slots[at] = null;
    this.#forget(oldest);
    // Otherwise, late copies of the forgotten events would be news again.
    this.minTime = Math.max(this.minTime, oldest.lTime + 1);
    this.#onForgotten();
  }

  #forget(slot: Slot): void {
    for (const { name, payload } of slot.events) this.#bytes -= bytesOf(name, payload ?? EMPTY);
  }
}

function isKnown(slot: Slot, name: string, payload: Uint8Array): boolean {
  const candidates = slot.byKey === null ? slot.events : (slot.byKey.get(eventKey(name, payload)) ?? []);
  return candidates.some((known) => known.name === name && sameBytes(known.payload ?? EMPTY, payload));
}

function addTo(slot: Slot, event: StoredEvent): void {
  slot.events.push(event);
  if (slot.byKey !== null) index(slot.byKey, event);
  else if (slot.events.length >= INDEXED_FROM) {
    slot.byKey = new Map();
    for (const known of slot.events) index(slot.byKey, known);
  }
}

function index(byKey: Map<string, StoredEvent[]>, event: StoredEvent): void {
  const key = eventKey(event.name, event.payload ?? EMPTY);
  const same = byKey.get(key);
  if (same === undefined) byKey.set(key, [event]);
  else same.push(event);
}

function bytesOf(name: string, payload: Uint8Array): number {
  return EVENT_BYTES + nameLength(name) + payload.length;
}

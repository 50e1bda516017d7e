import { EMPTY } from "../../../base/bytes.ts";
import type { Call } from "../../../call/call.ts";
import { APPLICATION } from "../../../dissemination/rumor.ts";
import { nameLength } from "../../../wire/names.ts";
import { EVENT_SUBJECT, type SerfParts } from "../serf-parts.ts";
import { encodeSerfMessage } from "../wire/encode.ts";
import type { LTime } from "../wire/ltime.ts";
import { type StoredEvent, USER_EVENT, type UserEvent } from "../wire/messages.ts";
import { eventKey } from "./event-key.ts";
import { EventRing } from "./event-ring.ts";

/** A message exceeds its limit. */
export interface TooLarge {
  readonly fault: "too-large";
  readonly sizeBytes: number;
  readonly limitBytes: number;
  /** Whether the message is too long only once it is encoded. */
  readonly isEncoded: boolean;
}

/** User events (docs/protocol/serf.md, section 10). */
export class UserEvents {
  readonly ring: EventRing;
  readonly #parts: SerfParts;

  constructor(parts: SerfParts) {
    this.#parts = parts;
    this.ring = new EventRing(parts.config.eventBuffer, () => parts.counters.eventsForgotten++);
  }

  /** Sends an event to all members, this node included. Returns the event's time. */
  fire(call: Call, name: string, payload: Uint8Array, coalesce: boolean): LTime | TooLarge {
    const { eventClock, config, host } = this.#parts;
    const limitBytes = Math.min(config.userEventBytesMax, host.payloadBytesMax);
    const sizeBytes = nameLength(name) + payload.length;
    if (sizeBytes > limitBytes) return { fault: "too-large", sizeBytes, limitBytes, isEncoded: false };
    const lTime = eventClock.time;
    const event: UserEvent = { type: USER_EVENT, lTime, name, payload, coalesce };
    const bytes = encodeSerfMessage(event);
    if (bytes.length > limitBytes) return { fault: "too-large", sizeBytes: bytes.length, limitBytes, isEncoded: true };
    eventClock.increment();
    if (this.#hear(call, event)) this.#tell(call, event, bytes);
    return lTime;
  }

  /** Handles an event from gossip; `bytes` is the message, borrowed. */
  receive(call: Call, event: UserEvent, bytes: Uint8Array): void {
    this.#parts.eventClock.witness(call, event.lTime);
    if (this.#hear(call, event)) this.#tell(call, event, bytes.slice());
    else this.#parts.host.heardAgain(call, subjectOf(event));
  }

  /** Handles an event from a peer's state. It is not relayed: every node exchanges states itself. */
  replay(call: Call, lTime: LTime, { name, payload }: StoredEvent): void {
    this.#parts.eventClock.witness(call, lTime);
    this.#hear(call, { type: USER_EVENT, lTime, name, payload, coalesce: false });
  }

  /** Ignores events before this time. */
  ignoreBefore(lTime: LTime): void {
    this.ring.minTime = Math.max(this.ring.minTime, lTime);
  }

  /** Records an event and reports it if it is news. Returns whether it is. */
  #hear(call: Call, { lTime, name, payload, coalesce }: UserEvent): boolean {
    const { counters, eventClock } = this.#parts;
    const bytes = payload ?? EMPTY;
    const verdict = this.ring.offer(lTime, name, bytes, eventClock.time);
    if (verdict === "duplicate") counters.eventsDuplicate++;
    else if (verdict === "too-old") counters.eventsTooOld++;
    if (verdict !== "fresh") return false;
    counters.events++;
    this.#parts.host.event(call, { type: "user-event", lTime, name, payload: bytes, coalesce });
    return true;
  }

  #tell(call: Call, event: UserEvent, payload: Uint8Array): void {
    this.#parts.host.broadcast(call, {
      payload,
      rumorClass: APPLICATION,
      subject: subjectOf(event),
    });
  }
}

/** Unique to an event, unless two events of one time have the same key: then the later one replaces the earlier. */
function subjectOf({ lTime, name, payload }: UserEvent): string {
  return `${EVENT_SUBJECT}${lTime}/${eventKey(name, payload ?? EMPTY)}`;
}

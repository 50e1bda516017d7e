import type { Address, Outbox } from "@hearsay/core";
import type { Serf } from "@hearsay/core/serf";
import type { Clock } from "../base/clock.ts";
import type { OptionFault } from "../base/errors.ts";
import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { Lifecycle } from "../base/lifecycle.ts";
import type { Form } from "../forms/form.ts";
import { integer } from "../forms/plain-forms.ts";

/** What the application's side of Serf needs of the node that it runs on. */
export interface SerfHost {
  readonly serf: Serf;
  readonly clock: Clock;
  /** The application's handlers that are at work; it says whether new ones may begin. */
  readonly handlersAtWork: HandlersAtWork;
  readonly lifecycle: Lifecycle;
  /** Items that one reader may leave unread, unless it says otherwise. */
  readonly queueMax: number;
  /** Members that are not known to be gone, this node included. */
  presentCount(): number;
  /** Their names, in no order. */
  presentNames(): string[];
  /** Names of members that have failed and are not forgotten yet, in no order. */
  awayNames(): string[];
  /** Whether a member has failed, or has left. */
  isGone(name: string): boolean;
  /** Ends the cluster, since most members know this node's name from another address. */
  nameLost(address: Address): void;
  /** Makes a call of the core; undefined once the node has stopped. */
  run<T>(call: (now: number, out: Outbox) => T): T | undefined;
  /** Says what went wrong in the application's own functions; once in a while for each text, as peers can cause it. */
  warn(text: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What the application's side of Serf has counted. */
export interface SerfHostCounters {
  /** User events that fell out of a full queue of a slow reader. */
  userEventsDropped: number;
  /** Handlers of user events and queries that threw or rejected. */
  serfHandlersFailed: number;
  /** Answers of handlers that were not sent: too late, too long, or a second one. */
  queryAnswersRefused: number;
}

export function newSerfHostCounters(): SerfHostCounters {
  return { userEventsDropped: 0, serfHandlersFailed: 0, queryAnswersRefused: 0 };
}

/** Members that send an answer on as well. */
export const relayFactor: Form<number> = integer(0, 255);

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** A payload as bytes of its own: text goes in UTF-8, and nothing is none. What is neither goes to `faults`. */
export function payloadBytes(payload: unknown, faults: OptionFault[]): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload instanceof Uint8Array) return payload;
  if (payload !== undefined) faults.push({ key: "payload", value: payload, allowed: "text or a Uint8Array" });
  return NOTHING;
}

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
  /** The application's running handlers, and whether new ones may begin. */
  readonly handlersAtWork: HandlersAtWork;
  readonly lifecycle: Lifecycle;
  /** Items that one reader may leave unread, by default. */
  readonly queueMax: number;
  /** Number of members that have neither failed nor left, this node included. */
  presentCount(): number;
  /** Their names, in no order. */
  presentNames(): string[];
  /** Names of members that have failed and are not forgotten yet, in no order. */
  awayNames(): string[];
  /** Whether a member has failed, or has left. */
  isGone(name: string): boolean;
  /** Ends the cluster, because most members know this node's name from another address. */
  nameLost(address: Address): void;
  /** Calls the core; undefined once the node has stopped. */
  run<T>(call: (now: number, out: Outbox) => T): T | undefined;
  /** Logs a warning, rate-limited per text, since peers can cause such lines. */
  warn(text: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Counters of the application's side of Serf. */
export interface SerfHostCounters {
  /** User events dropped from the full queue of a slow reader. */
  userEventsDropped: number;
  /** Handlers of user events and queries that threw or rejected. */
  serfHandlersFailed: number;
  /** Answers of handlers that were not sent: too late, too long, or a second one. */
  queryAnswersRefused: number;
}

export function newSerfHostCounters(): SerfHostCounters {
  return { userEventsDropped: 0, serfHandlersFailed: 0, queryAnswersRefused: 0 };
}

/** Number of members that also relay an answer. */
export const relayFactor: Form<number> = integer(0, 255);

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * A payload as bytes of its own, since the caller may write into those that it gave: text becomes UTF-8, undefined an empty
 * array. Anything else is a fault.
 */
export function payloadBytes(payload: unknown, faults: OptionFault[]): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload instanceof Uint8Array) return new Uint8Array(payload);
  if (payload !== undefined) faults.push({ key: "payload", value: payload, allowed: "text or a Uint8Array" });
  return NOTHING;
}

import type { IncomingQuery, Member, UserEvent } from "hearsay";

/** The types of member events (docs/protocol/serf.md, section 6.2). */
export const MEMBER_EVENT_TYPES = [
  "member-join",
  "member-leave",
  "member-failed",
  "member-update",
  "member-reap",
] as const;

export type MemberEventType = (typeof MEMBER_EVENT_TYPES)[number];

/** What happened to one member. */
export interface MemberEvent {
  readonly type: MemberEventType;
  readonly member: Member;
  /** Whether a force-leave caused it: the failed member counts as left, or was removed. */
  readonly isForced: boolean;
}

/** What the agent hands to streams and scripts. */
export type AgentEvent =
  | { readonly kind: "member"; readonly type: MemberEventType; readonly members: readonly Member[] }
  | { readonly kind: "user"; readonly event: UserEvent }
  | { readonly kind: "query"; readonly query: IncomingQuery };

/** The event's type as filters and scripts name it. */
export function typeOf(event: AgentEvent): string {
  return event.kind === "member" ? event.type : event.kind;
}

/** The name of a user event or a query; empty for member events. */
export function nameOf(event: AgentEvent): string {
  if (event.kind === "user") return event.event.name;
  return event.kind === "query" ? event.query.name : "";
}

/** The event's text in the log, as Serf's agent writes it. */
export function describe(event: AgentEvent): string {
  if (event.kind === "user") return `user-event: ${event.event.name}`;
  return event.kind === "query" ? `query: ${event.query.name}` : event.type;
}

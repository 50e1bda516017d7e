import { addressFromText, type Member, type MemberStatus } from "hearsay";
import { Re2Matcher } from "hearsay/internal";
import type { MembersFilteredRequest, RpcMember } from "./messages.ts";

/** Every status, for those who want all members. */
export const EVERY_STATUS: readonly MemberStatus[] = ["alive", "suspect", "leaving", "dead", "left"];

/** Serf doesn't know suspects: until it is dead a member is alive. */
const STATUS_NAMES: Readonly<Record<MemberStatus, string>> = {
  alive: "alive",
  suspect: "alive",
  leaving: "leaving",
  dead: "failed",
  left: "left",
};

/** A member as the RPC shows it. */
export function rpcMember({ name, host, port, tags, status, versions }: Member): RpcMember {
  const [protocolMin = 0, protocolMax = 0, protocolCur = 0, delegateMin = 0, delegateMax = 0, delegateCur = 0] =
    versions;
  return {
    Name: name,
    Addr: addressFromText(host, port)?.ip ?? null,
    Port: port,
    Tags: new Map(Object.entries(tags)),
    Status: STATUS_NAMES[status],
    ProtocolMin: protocolMin,
    ProtocolMax: protocolMax,
    ProtocolCur: protocolCur,
    DelegateMin: delegateMin,
    DelegateMax: delegateMax,
    DelegateCur: delegateCur,
  };
}

const matcher = new Re2Matcher();

/**
 * The members that a filter matches, each expression completely; null if one is none (docs/protocol/serf.md, section 23.1).
 */
export function filteredMembers(members: readonly Member[], filter: MembersFilteredRequest): RpcMember[] | null {
  const name = whole(filter.Name);
  const status = whole(filter.Status);
  const tags = [...(filter.Tags ?? [])].map(([tag, expression]) => [tag, whole(expression)] as const);
  if (![name, status, ...tags.map(([, expression]) => expression)].every((one) => matcher.isValid(one))) return null;
  return members.map(rpcMember).filter((member) => {
    const hasTags = tags.every(([tag, expression]) => matcher.isFound(expression, member.Tags?.get(tag) ?? ""));
    const hasName = filter.Name === "" || matcher.isFound(name, member.Name);
    return hasTags && hasName && (filter.Status === "" || matcher.isFound(status, member.Status));
  });
}

function whole(expression: string): string {
  return `^${expression}$`;
}

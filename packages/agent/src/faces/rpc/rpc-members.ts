import { addressFromText, type Member, type MemberStatus, Re2Expression } from "hearsay";
import type { AgentOperations } from "../../operations/agent-operations.ts";
import { EVERY_STATUS, type SearchFilter, SearchRefused } from "../../operations/member-search.ts";
import { MEMBER, type MembersFilteredRequest, type RpcMember } from "./messages.ts";
import { RpcWriter } from "./rpc-writer.ts";
import { Slots } from "./slots.ts";

/** Serf has no status for suspects: a suspected member is alive until it has failed. */
const STATUS_NAMES: Readonly<Record<MemberStatus, string>> = {
  alive: "alive",
  suspect: "alive",
  leaving: "leaving",
  failed: "failed",
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

/**
 * Limit of the steps for parsing an expression for statuses (`Re2Expression`); there are five statuses, with short
 * names.
 */
const STATUS_STEPS_MAX = 8192;

/** Lists that are made concurrently: each is kept until it is complete. */
export const LISTS_MAX = 4;

const lists = new Slots(LISTS_MAX);

/** Shared by all lists, one slice after the other. */
const writer = new RpcWriter();

/** Members, encoded one after the other. */
export interface EncodedMembers {
  readonly count: number;
  readonly pieces: readonly Uint8Array[];
}

/** The client that asks for a list. */
export interface ListAsker {
  /** Aborted when the client is gone; then the list isn't made. */
  readonly gone: AbortSignal;
  /** Resolves once there is room for the list. */
  room(): Promise<void>;
}

/** The result of a filter, or the reason why there is none. */
export type Filtered = EncodedMembers | SearchRefused["reason"] | "unwanted";

/**
 * The members that a filter matches, each expression completely (docs/protocol/serf.md, section 23.1), encoded a slice
 * at a time; "unwanted" if the client is gone.
 */
export async function filteredMembers(
  search: AgentOperations["members"],
  filter: MembersFilteredRequest,
  { gone, room }: ListAsker,
): Promise<Filtered> {
  const made = await lists.run(async () => {
    // Room is checked only now: many clients may have begun to wait while there was room. By the next turn the previous
    // list is counted.
    await new Promise((resolve) => setImmediate(resolve));
    await room();
    return gone.aborted ? "unwanted" : filtered(search, filter, gone);
  }, gone);
  return made ?? "unwanted";
}

async function filtered(
  search: AgentOperations["members"],
  filter: MembersFilteredRequest,
  gone: AbortSignal,
): Promise<Filtered> {
  const pieces: Uint8Array[] = [];
  let count = 0;
  try {
    for await (const slice of search(searchFilter(filter), gone)) {
      writer.reset();
      for (const member of slice) MEMBER.write(writer, rpcMember(member));
      pieces.push(writer.copy());
      count += slice.length;
    }
    return { count, pieces };
  } catch (error) {
    if (error instanceof SearchRefused) return error.reason;
    if (gone.aborted) return "unwanted";
    throw error;
  }
}

/** Empty fields match every member. @throws SearchRefused */
function searchFilter({ Name, Status, Tags }: MembersFilteredRequest): SearchFilter {
  return {
    ...(Name === "" ? {} : { name: whole(Name) }),
    ...(Status === "" ? {} : { status: statusesFor(whole(Status)) }),
    tags: new Map([...(Tags ?? [])].map(([tag, expression]) => [tag, whole(expression)])),
  };
}

/** The statuses whose Serf names an expression matches. */
function statusesFor(text: string): readonly MemberStatus[] {
  if (Re2Expression.parseSteps(text) > STATUS_STEPS_MAX) throw new SearchRefused("too-costly", "too long for a status");
  const expression = Re2Expression.parse(text);
  if (expression === null) throw new SearchRefused("invalid", `not an expression in RE2's syntax: ${text}`);
  return EVERY_STATUS.filter((status) => expression.isFoundIn(STATUS_NAMES[status]));
}

function whole(expression: string): string {
  return `^${expression}$`;
}

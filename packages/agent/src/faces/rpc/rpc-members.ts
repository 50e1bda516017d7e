import { addressFromText, type Member, type MemberStatus } from "hearsay";
import { Re2Matcher, Turns } from "hearsay/internal";
import { MEMBER, type MembersFilteredRequest, type RpcMember } from "./messages.ts";
import { RpcWriter } from "./rpc-writer.ts";
import { Slots } from "./slots.ts";

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

/** Steps that one filter may cost, each of them one state of an expression for one character: a second or so. */
export const FILTER_STEPS_MAX = 8_388_608;

/** The part of `FILTER_STEPS_MAX` that building one expression may cost, which can't be cut into slices. */
const BUILD_STEPS_MAX = 32_768;

/** Steps done in one turn: one or two milliseconds. */
const SLICE_STEPS = 16_384;

/** Making the RPC's form of a member, and encoding it, in steps. */
const MEMBER_STEPS = 64;

/** Lists that are made at a time: each is kept until it is complete. */
export const LISTS_MAX = 4;

const lists = new Slots(LISTS_MAX);

/** All lists write into this, one slice after the other. */
const writer = new RpcWriter();

/** Members, encoded one after the other. */
export interface EncodedMembers {
  readonly count: number;
  readonly pieces: readonly Uint8Array[];
}

/** Who asks for a list. */
export interface ListAsker {
  /** Aborted when it is gone: then the list isn't made. */
  readonly gone: AbortSignal;
  /** Resolves once there is room for the list. */
  room(): Promise<void>;
}

/** What comes of a filter, or why nothing does. */
export type Filtered = EncodedMembers | "invalid" | "too-costly" | "unwanted";

/** One slice a turn, whichever client's it is. */
const turns = new Turns(setImmediate, SLICE_STEPS);

/**
 * The members that a filter matches, each expression completely (docs/protocol/serf.md, section 23.1), a slice a turn;
 * "invalid" if an expression is none, "too-costly" if more than `FILTER_STEPS_MAX` would have to be done for it;
 * "unwanted" once nobody waits for them any more.
 */
export async function filteredMembers(
  members: () => readonly Member[],
  filter: MembersFilteredRequest,
  { gone, room }: ListAsker,
): Promise<Filtered> {
  const made = await lists.run(async () => {
    // Asked for now: many may have begun to wait when there was room. By the next turn the list before is counted.
    await new Promise((resolve) => setImmediate(resolve));
    await room();
    return filtered(members, filter, gone);
  }, gone);
  return made ?? "unwanted";
}

async function filtered(
  members: () => readonly Member[],
  filter: MembersFilteredRequest,
  gone: AbortSignal,
): Promise<Filtered> {
  if (gone.aborted) return "unwanted";
  const work = new FilterWork();
  const matcher = new Re2Matcher();
  const name = whole(filter.Name);
  const status = whole(filter.Status);
  const tags = [...(filter.Tags ?? [])].map(([tag, expression]) => [tag, whole(expression)] as const);
  const used = [filter.Name === "" ? [] : name, filter.Status === "" ? [] : status, tags.map(([, one]) => one)].flat();
  for (const expression of used) {
    await turns.next(SLICE_STEPS);
    if (gone.aborted) return "unwanted";
    const isValid = matcher.isValid(expression, (steps) => steps <= BUILD_STEPS_MAX && work.spend(steps));
    if (isValid !== true) return isValid === false ? "invalid" : "too-costly";
  }
  const isFound = (expression: string, text: string): boolean => matcher.isFound(expression, text, work.spend);
  const pieces: Uint8Array[] = [];
  let count = 0;
  writer.reset();
  for (const member of members()) {
    if (work.endsSlice()) {
      if (writer.length > 0) pieces.push(writer.copy());
      await turns.next(SLICE_STEPS);
      if (gone.aborted) return "unwanted";
      writer.reset();
    }
    if (!work.spend(MEMBER_STEPS)) return "too-costly";
    const shown = rpcMember(member);
    const hasTags = tags.every(([tag, expression]) => isFound(expression, shown.Tags?.get(tag) ?? ""));
    const hasName = hasTags && (filter.Name === "" || isFound(name, shown.Name));
    if (!hasName || (filter.Status !== "" && !isFound(status, shown.Status))) continue;
    MEMBER.write(writer, shown);
    count++;
  }
  if (writer.length > 0) pieces.push(writer.copy());
  return work.isExceeded ? "too-costly" : { count, pieces };
}

/** The work on one filter, and on the slice that is being done. */
class FilterWork {
  isExceeded = false;
  #left = FILTER_STEPS_MAX;
  #sliceLeft = 0;

  readonly spend = (steps: number): boolean => {
    this.isExceeded ||= steps > this.#left;
    if (this.isExceeded) return false;
    this.#left -= steps;
    this.#sliceLeft -= steps;
    return true;
  };

  /** Whether this slice has done its work; the next one begins. */
  endsSlice(): boolean {
    if (this.#sliceLeft > 0) return false;
    this.#sliceLeft = SLICE_STEPS;
    return true;
  }
}

function whole(expression: string): string {
  return `^${expression}$`;
}

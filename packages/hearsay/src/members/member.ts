import type { Cause, MemberStatus, MemberView } from "@hearsay/core";

/** One member as this node sees it at one moment: a copy that never changes. */
export interface Member {
  readonly name: string;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /**
   * A `suspect` member still counts as present: it has a few seconds to refute the suspicion. So does a `leaving`
   * member, which has announced that it is about to leave.
   */
  readonly status: MemberStatus;
  /** The member's metadata; at most 512 bytes. */
  readonly meta: Uint8Array;
  /** The tags in its metadata, in pools that speak Serf; an object without a prototype. Empty if there are none. */
  readonly tags: Readonly<Record<string, string>>;
  /** The member's counter of restarts and refutations: a higher incarnation supersedes a lower one. */
  readonly incarnation: number;
  /** When the status last changed, in milliseconds since the epoch by this node's clock. */
  readonly sinceMs: number;
  /** The last measured round trip in milliseconds; null before the first. */
  readonly roundTripMs: number | null;
  /** Protocol versions: minimum, maximum and current of memberlist's protocol, then of the application's. */
  readonly versions: readonly number[];
  readonly isSelf: boolean;
}

/** Shared by members without metadata; an empty array can't be written to. */
const NO_META = new Uint8Array(0);

/** The tags of members that have none. */
export const NO_TAGS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** The public form of a core view. `clockOffsetMs` is wall time minus monotonic time. */
export function memberOf(
  view: MemberView,
  clockOffsetMs: number,
  roundTripMs: number | null,
  tags: Readonly<Record<string, string>>,
): Member {
  return Object.freeze({
    name: view.name,
    address: view.address.key,
    host: view.address.host,
    port: view.address.port,
    status: view.status,
    tags,
    // `meta` is a copy: bytes written into the core's own array would be announced to the pool.
    meta: view.meta.length === 0 ? NO_META : new Uint8Array(view.meta),
    incarnation: view.incarnation,
    sinceMs: Math.round(view.sinceMs + clockOffsetMs),
    roundTripMs,
    versions: [...view.versions],
    isSelf: view.isSelf,
  });
}

/** Whether both have the same address, metadata and protocol versions. */
export function isSameRecord(one: Member, other: Member): boolean {
  return one.address === other.address && isSame(one.meta, other.meta) && isSame(one.versions, other.versions);
}

function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** A deep copy of a core cause, with times since the epoch. `clockOffsetMs` is wall time minus monotonic time. */
export function causeOf(cause: Cause, clockOffsetMs: number): Cause {
  const { probe, from } = cause;
  const atWall = (ms: number): number => Math.round(ms + clockOffsetMs);
  return {
    ...cause,
    atMs: atWall(cause.atMs),
    from: from === null ? null : { ...from, ip: new Uint8Array(from.ip) },
    probe: probe === null ? null : { ...probe, startedAtMs: atWall(probe.startedAtMs), helpers: [...probe.helpers] },
    accusers: [...cause.accusers],
  };
}

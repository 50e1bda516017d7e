import type { Cause, MemberStatus, MemberView } from "@hearsay/core";

/** One member as this node sees it, at one moment: a copy that never changes. */
export interface Member {
  readonly name: string;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /**
   * `suspect` still counts as present: it has a few seconds to prove that it lives; so does `leaving`, which has said that
   * it is about to go.
   */
  readonly status: MemberStatus;
  /** What the member's application tells about itself; at most 512 bytes. */
  readonly meta: Uint8Array;
  /** The same as pairs of text, in pools that speak Serf; without a prototype. Empty where there are none. */
  readonly tags: Readonly<Record<string, string>>;
  /** The member's own counter of lives and refutations; the higher one is the newer news. */
  readonly incarnation: number;
  /** When the status last changed, in milliseconds since the epoch, by this node's clock. */
  readonly sinceMs: number;
  /** The last measured round trip in milliseconds; null before the first. */
  readonly roundTripMs: number | null;
  /** Protocol versions: least, greatest and spoken one of memberlist's, then of the application's protocol. */
  readonly versions: readonly number[];
  readonly isSelf: boolean;
}

/** Most members have none, and nothing can be written into it. */
const NO_META = new Uint8Array(0);

/** The tags of members that have none. */
export const NO_TAGS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** Makes the public form of a core view. `clockOffsetMs` is wall time minus monotonic time. */
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
    // The core's own bytes stay with it: whatever is written into them would be told to the pool.
    tags,
    meta: view.meta.length === 0 ? NO_META : new Uint8Array(view.meta),
    incarnation: view.incarnation,
    sinceMs: Math.round(view.sinceMs + clockOffsetMs),
    roundTripMs,
    versions: [...view.versions],
    isSelf: view.isSelf,
  });
}

/** Whether a member tells the same of itself in both: where it is, its metadata, and what it speaks. */
export function isSameRecord(one: Member, other: Member): boolean {
  return one.address === other.address && isSame(one.meta, other.meta) && isSame(one.versions, other.versions);
}

function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/**
 * A cause of the core, copied whole for the same reason, with its times since the epoch. `clockOffsetMs` is wall time
 * minus monotonic time.
 */
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

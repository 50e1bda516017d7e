import type { Address } from "../base/address.ts";
import type { WireFault } from "../wire/faults.ts";

/** The status of a member in a node's view (docs/protocol/memberlist.md, section 12.1). */
export type MemberStatus = DetectedStatus | "leaving";

/** The statuses of membership alone. `leaving`, for a member that has announced its departure, needs Serf's intents. */
export type DetectedStatus = "alive" | "suspect" | "failed" | "left";

/** A member in this node's view at one moment: a copy that never changes. */
export interface MemberView {
  readonly name: string;
  readonly address: Address;
  /** Metadata from the member's application, at most 512 bytes. */
  readonly meta: Uint8Array;
  readonly status: MemberStatus;
  /** The member's own counter of announcements and refutations; higher is newer. */
  readonly incarnation: number;
  /** When the status last changed, on the host's monotonic clock, in milliseconds. */
  readonly sinceMs: number;
  /** PMin, PMax, PCur, DMin, DMax, DCur (section 11.2). */
  readonly versions: Uint8Array;
  readonly isSelf: boolean;
}

/** The reason for a member's state. */
export type CauseKind =
  /** This node started and added itself to its view. */
  | "started"
  /** The member announced itself: it joined, or changed its metadata or address. */
  | "announced"
  /** A node accused the member of not answering. */
  | "accused"
  /** Another node accused it too, which shortens the suspicion. */
  | "confirmed"
  /** The member answered an accusation with a higher incarnation. */
  | "refuted"
  /** The member did not refute within the suspicion timeout. */
  | "expired"
  /** Another member declared it dead. */
  | "declared"
  /** The member announced that it left. */
  | "departed"
  /** The member announced that it will leave. */
  | "intended"
  /** The member is still here, long after an announcement that it will leave. */
  | "stayed"
  /** On request, the failed member was marked as left, or the member was forgotten. */
  | "removed"
  /** The member was failed or left for so long that this node forgot it. */
  | "forgotten";

/**
 * How news reached this node: its own action, its own probe, a datagram, a stream exchange such as push/pull, or an
 * expired timer.
 */
export type NewsPath = "local" | "probe" | "packet" | "sync" | "timer";

/** The outcome of one failed probe on each path. */
export interface ProbeReport {
  /** On the same clock as the cause's `atMs`. */
  readonly startedAtMs: number;
  readonly direct: "silent" | "unsendable";
  /** Names of the members asked for an indirect ping. */
  readonly helpers: readonly string[];
  /** How many of them sent a nack. */
  readonly nacks: number;
  /** The fallback ping over a stream: not tried, no answer in time, or refused. */
  readonly stream: "off" | "silent" | "refused";
}

/** One entry of the evidence that `explain` returns: who said what, by which path, and when. */
export interface Cause {
  readonly kind: CauseKind;
  /**
   * When this node learned of it, in milliseconds. The core reports the time of the host's monotonic clock, `hearsay`
   * the time since the epoch.
   */
  readonly atMs: number;
  readonly status: MemberStatus;
  readonly incarnation: number;
  /** The member that said so: the accuser, the refuter, the leaving member. Empty if unknown, as for a removal. */
  readonly by: string;
  readonly path: NewsPath;
  /** The address that the packet or stream came from; null for what this node found itself. */
  readonly from: Address | null;
  /** The probe behind an accusation by this node. */
  readonly probe: ProbeReport | null;
  /** For failures and departures: every accuser that this node had counted. */
  readonly accusers: readonly string[];
}

/** What happened to a member. */
export type ChangeKind = "joined" | "updated" | "suspected" | "recovered" | "leaving" | "failed" | "left" | "reaped";

/** A member's state changed. */
export interface MemberChange {
  readonly type: "member";
  readonly kind: ChangeKind;
  readonly member: MemberView;
  /** The member before the change; null if it was unknown. */
  readonly previous: MemberView | null;
  readonly cause: Cause;
}

/** An application message arrived: raw bytes, as a memberlist peer sent them. `payload` is borrowed. */
export interface UserMessage {
  readonly type: "user-message";
  readonly payload: Uint8Array;
  readonly from: Address;
  /** Whether it came over a stream. */
  readonly reliable: boolean;
}

/** A direct ping was answered within the probe timeout. */
export interface PingAnswered {
  readonly type: "ping-answered";
  readonly name: string;
  readonly roundTripMs: number;
  /** What the peer's application added; borrowed. */
  readonly payload: Uint8Array | null;
}

/** Two nodes claim one name from two addresses. The known one stays. */
export interface NameConflict {
  readonly type: "name-conflict";
  readonly existing: MemberView;
  readonly other: Address;
}

/** One target that a join could not use. */
export interface JoinFailure {
  readonly target: Address;
  readonly reason:
    | "refused"
    | "timeout"
    | "silence"
    | "unreadable"
    | "cancelled"
    | "protocol-mismatch"
    | "vetoed"
    | "malformed";
  readonly detail: string;
}

/** A join has tried all its targets and merged their answers. */
export interface JoinFinished {
  readonly type: "join-finished";
  readonly token: number;
  readonly contacted: number;
  readonly failures: readonly JoinFailure[];
}

/** The departure that `leave` announced has been sent often enough, or no other member is there. */
export interface LeaveFinished {
  readonly type: "leave-finished";
}

/** A command's rumor has ended: its transmissions are spent, a newer one replaced it, or no other member is there. */
export interface RumorFinished {
  readonly type: "rumor-finished";
  /** The token that was passed with the command. */
  readonly token: number;
}

/** This node refuted an accusation of itself. */
export interface SelfRefuted {
  readonly type: "self-refuted";
  readonly accuser: string;
  readonly incarnation: number;
}

/** Conditions that need the operator or the host. */
export interface Notice {
  readonly type: "notice";
  readonly notice: /** Another live node has this node's name, so the join has failed. */
    | { readonly kind: "name-in-use"; readonly name: string; readonly address: Address }
    /** A refutation would need an incarnation above 2^32 - 1; only a new name helps. */
    | { readonly kind: "incarnation-exhausted"; readonly accuser: string }
    /** This node's event loop was late, so it delays its accusations. At most one notice a minute. */
    | { readonly kind: "slow"; readonly lateMs: number; readonly score: number }
    /** No other member is alive in this node's view: the host resolves the seeds again and joins. */
    | { readonly kind: "isolated" }
    /** Datagrams to a member get no answer while its stream port answers: firewall or path MTU. */
    | { readonly kind: "datagrams-blocked"; readonly name: string; readonly address: Address }
    /** A push/pull contained invalid or incompatible entries, which were skipped. */
    | { readonly kind: "bad-entries"; readonly from: Address; readonly count: number };
}

/** A whole datagram was refused. */
export interface PacketRefused {
  readonly type: "packet-refused";
  readonly from: Address;
  readonly fault: WireFault;
}

/** An event of a layer for the application. `Layer.eventOf` of that layer returns it with its type. */
export interface LayerEvent {
  readonly type: "layer";
  /** The layer's name. */
  readonly layer: string;
  readonly event: unknown;
}

export type CoreEvent =
  | MemberChange
  | UserMessage
  | PingAnswered
  | NameConflict
  | JoinFinished
  | LeaveFinished
  | RumorFinished
  | SelfRefuted
  | Notice
  | PacketRefused
  | LayerEvent;

import type { Address } from "../base/address.ts";
import type { WireFault } from "../wire/faults.ts";

/** What a node holds another to be (docs/protocol/memberlist.md, section 12.1). */
export type MemberStatus = DetectedStatus | "leaving";

/** What membership alone knows; `leaving`, said that it will leave and is still here, takes Serf's intents. */
export type DetectedStatus = "alive" | "suspect" | "failed" | "left";

/** One member as this node sees it, at one moment: a copy that never changes. */
export interface MemberView {
  readonly name: string;
  readonly address: Address;
  /** What the member's application tells about itself, at most 512 bytes. */
  readonly meta: Uint8Array;
  readonly status: MemberStatus;
  /** The member's own counter of lives and refutations; the higher one is the newer news. */
  readonly incarnation: number;
  /** When the status last changed, on the host's monotonic clock, in milliseconds. */
  readonly sinceMs: number;
  /** PMin, PMax, PCur, DMin, DMax, DCur (section 11.2). */
  readonly versions: Uint8Array;
  readonly isSelf: boolean;
}

/** Why a member's state is what it is. */
export type CauseKind =
  /** This node came up and entered its own view. */
  | "started"
  /** The member told of itself: it joined, or changed its metadata or address. */
  | "announced"
  /** Somebody accused the member of not answering. */
  | "accused"
  /** Another member accused it too, which shortens the suspicion. */
  | "confirmed"
  /** The member answered an accusation with a higher incarnation. */
  | "refuted"
  /** Nobody refuted within the suspicion timeout. */
  | "expired"
  /** Another member declared it dead. */
  | "declared"
  /** The member said goodbye. */
  | "departed"
  /** The member said that it is about to leave. */
  | "intended"
  /** The member was said to be about to leave, and is still here long after that should have been over. */
  | "stayed"
  /** Somebody had the failed member count as one that left, or had a member forgotten. */
  | "removed"
  /** Dead or left for so long that this node forgets it. */
  | "forgotten";

/**
 * How the news came to this node: its own doing; a probe of its own; a datagram; a push/pull; the end of a time that it
 * had set.
 */
export type NewsPath = "local" | "probe" | "packet" | "sync" | "timer";

/** How one probe went, path by path. */
export interface ProbeReport {
  /** On the same clock as the cause's `atMs`. */
  readonly startedAtMs: number;
  readonly direct: "silent" | "unsendable";
  /** Names of those asked to ping in our stead. */
  readonly helpers: readonly string[];
  /** How many of them found the target silent too. */
  readonly nacks: number;
  /** The fallback ping over a stream: not tried, no answer in time, or refused. */
  readonly stream: "off" | "silent" | "refused";
}

/** Who said what, by which path, and when: one link in the chain of evidence that `explain` returns. */
export interface Cause {
  readonly kind: CauseKind;
  /**
   * When this node came to know, in milliseconds: on the host's monotonic clock where the core reports it, since the
   * epoch where `hearsay` does.
   */
  readonly atMs: number;
  readonly status: MemberStatus;
  readonly incarnation: number;
  /** The member that said so: the accuser, the refuter, the leaver. Empty where nobody can tell, as of a removal. */
  readonly by: string;
  readonly path: NewsPath;
  /** Where the packet or the stream came from; null for what this node found itself. */
  readonly from: Address | null;
  /** For accusations of our own: how the probe went. */
  readonly probe: ProbeReport | null;
  /** For deaths and departures: everybody whose accusation this node had counted. */
  readonly accusers: readonly string[];
}

/** What happened to a member. */
export type ChangeKind = "joined" | "updated" | "suspected" | "recovered" | "leaving" | "failed" | "left" | "reaped";

/** A member's state changed. */
export interface MemberChange {
  readonly type: "member";
  readonly kind: ChangeKind;
  readonly member: MemberView;
  /** The member as it was; null if it was unknown. */
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

/** A join has tried all its targets and merged what they answered. */
export interface JoinFinished {
  readonly type: "join-finished";
  readonly token: number;
  readonly contacted: number;
  readonly failures: readonly JoinFailure[];
}

/** The goodbye of `leave` has been sent often enough, or nobody is there to be told. */
export interface LeaveFinished {
  readonly type: "leave-finished";
}

/** What a command was to tell has been told: its transmissions are spent, a newer one took its place, or nobody is there. */
export interface RumorFinished {
  readonly type: "rumor-finished";
  /** The one that the command was given. */
  readonly token: number;
}

/** This node answered an accusation of itself. */
export interface SelfRefuted {
  readonly type: "self-refuted";
  readonly accuser: string;
  readonly incarnation: number;
}

/** Conditions that call for the operator. */
export interface Notice {
  readonly type: "notice";
  readonly notice: /** Another live node answers to this node's name. The join is void. */
    | { readonly kind: "name-in-use"; readonly name: string; readonly address: Address }
    /** A refutation would need an incarnation above 2^32 - 1; only a new name helps. */
    | { readonly kind: "incarnation-exhausted"; readonly accuser: string }
    /** This node's own loop was late, so it holds its accusations back. At most one a minute. */
    | { readonly kind: "slow"; readonly lateMs: number; readonly score: number }
    /** Nobody else is alive in this node's view: the host resolves the seeds again and joins. */
    | { readonly kind: "isolated" }
    /** The UDP path to a member fails while its stream port answers: firewall or path MTU. */
    | { readonly kind: "datagrams-blocked"; readonly name: string; readonly address: Address }
    /** A push/pull brought entries that no member may have; they were skipped. */
    | { readonly kind: "bad-entries"; readonly from: Address; readonly count: number };
}

/** A whole datagram was refused. */
export interface PacketRefused {
  readonly type: "packet-refused";
  readonly from: Address;
  readonly fault: WireFault;
}

/** What a layer tells the application: `Layer.eventOf` of that layer gives `event` its form back. */
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

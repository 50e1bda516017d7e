import type { Cause, CauseKind, ChangeKind, ClusterStatus, Member, MemberStatus, ProbeReport } from "hearsay";

/** The start parameters of a node's process, as JSON in its only argument. */
export interface NodeStart {
  readonly name: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Addresses to join. */
  readonly join: readonly string[];
}

/** The supervisor's commands to a node's process. */
export type NodeCommand =
  | { readonly type: "leave" }
  | { readonly type: "publish"; readonly id: number }
  | { readonly type: "explain"; readonly id: number; readonly name: string };

/** The reports of a node's process to the supervisor. */
export type NodeReport =
  | { readonly type: "bound"; readonly address: string }
  | { readonly type: "view"; readonly view: View }
  | { readonly type: "change"; readonly change: ChangeReport; readonly view: View }
  | { readonly type: "published"; readonly id: number; readonly atMs: number }
  | { readonly type: "heard"; readonly id: number; readonly from: string; readonly atMs: number }
  | { readonly type: "explained"; readonly id: number; readonly causes: readonly CauseReport[] }
  | { readonly type: "failed"; readonly message: string };

/** One node's view of the members. */
export interface View {
  readonly status: ClusterStatus;
  readonly members: readonly MemberReport[];
}

/** One row of a view. */
export interface MemberReport {
  readonly name: string;
  readonly address: string;
  readonly status: MemberStatus;
  readonly incarnation: number;
  readonly roundTripMs: number | null;
  readonly sinceMs: number;
  readonly isSelf: boolean;
}

/** A change of one member, without the fields that the table doesn't show. */
export interface ChangeReport {
  readonly type: ChangeKind;
  readonly name: string;
  readonly incarnation: number;
  readonly cause: CauseReport;
}

/** A cause with its address as text. */
export interface CauseReport {
  readonly kind: CauseKind;
  readonly atMs: number;
  readonly incarnation: number;
  readonly by: string;
  readonly path: Cause["path"];
  readonly from: string | null;
  readonly probe: ProbeReport | null;
  readonly accusers: readonly string[];
}

export function memberReport(member: Member): MemberReport {
  const { name, address, status, incarnation, roundTripMs, sinceMs, isSelf } = member;
  return { name, address, status, incarnation, roundTripMs, sinceMs, isSelf };
}

export function causeReport(cause: Cause): CauseReport {
  const { kind, atMs, incarnation, by, path, from, probe, accusers } = cause;
  return { kind, atMs, incarnation, by, path, from: from?.key ?? null, probe, accusers };
}

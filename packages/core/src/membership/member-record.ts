import type { Address } from "../base/address.ts";
import { hashName } from "./slot-index.ts";

/**
 * What a member says about itself. A record never changes, so views can share it: in a simulation, all nodes of one
 * process hold the same record.
 */
export interface MemberRecord {
  readonly name: string;
  /** `hashName(name)`, which also orders the ring of successors. */
  readonly hash: number;
  readonly address: Address;
  readonly meta: Uint8Array;
  /** PMin, PMax, PCur, DMin, DMax, DCur; empty if the member never sent them. */
  readonly versions: Uint8Array;
  /** Whether the member understands Hearsay's extensions, according to its metadata. */
  readonly isCapable: boolean;
}

/** Makes a record. `meta` and `versions` must be the record's own, not views of a datagram. */
export function memberRecord(
  name: string,
  address: Address,
  meta: Uint8Array,
  versions: Uint8Array,
  isCapable: boolean,
): MemberRecord {
  return { name, hash: hashName(name), address, meta, versions, isCapable };
}

/** Makes a record from what a member says. */
export type RecordMaker = (name: string, address: Address, meta: Uint8Array, versions: Uint8Array) => MemberRecord;

/** The highest protocol version that the member understands; 0 if it never sent its versions. */
export function versionMax(record: MemberRecord): number {
  return record.versions[1] ?? 0;
}

/** Whether packets for the member may carry a checksum (docs/protocol/memberlist.md, section 11.1). */
export function readsChecksums(record: MemberRecord): boolean {
  return versionMax(record) >= 5;
}

import type { Address } from "@hearsay/core";
import { type MemberRecord, memberRecord } from "@hearsay/core/internal";

/**
 * Makes the member records of all nodes. Views that agree on a member share its record, so that 10,000 views of 10,000
 * members fit into memory.
 */
export class RecordShare {
  readonly #byName = new Map<string, MemberRecord>();

  readonly make = (...[name, address, meta, versions, isCapable]: Parameters<typeof memberRecord>): MemberRecord => {
    const known = this.#byName.get(name);
    if (known?.isCapable === isCapable && saysTheSame(known, address, meta, versions)) return known;
    const record = memberRecord(name, address, meta, versions, isCapable);
    this.#byName.set(name, record);
    return record;
  };
}

function saysTheSame(record: MemberRecord, address: Address, meta: Uint8Array, versions: Uint8Array): boolean {
  return (
    record.address.key === address.key &&
    sameBytes(record.address.ip, address.ip) &&
    sameBytes(record.meta, meta) &&
    sameBytes(record.versions, versions)
  );
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

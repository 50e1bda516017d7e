/** Why bytes were refused. */
export type FaultReason =
  /** No bytes where a message should be. */
  | "empty"
  /** The bytes end inside a value. */
  | "truncated"
  /** A message type that is unknown, or not allowed in its place. */
  | "bad-type"
  /** A msgpack value of the wrong kind, or an invalid one. */
  | "bad-value"
  /** A map key that is not a string. */
  | "bad-key"
  /** An integer that does not fit its field. */
  | "bad-integer"
  /** A label header that is empty or cut short. */
  | "bad-label"
  /** A label other than ours, or none although we have one. */
  | "label-mismatch"
  /** A label where another layer should already have removed it. */
  | "double-label"
  /** Sealed bytes shorter than the shortest seal. */
  | "too-short"
  /** An encryption version that we do not know. */
  | "bad-version"
  /** None of our keys opens it. */
  | "cannot-decrypt"
  /** Encrypted, but we have no key. */
  | "encrypted"
  /** Not encrypted, although we have keys and require encryption. */
  | "not-encrypted"
  /** The checksum does not match. */
  | "bad-crc"
  /** An unknown compression algorithm or a broken LZW stream. */
  | "bad-compression"
  /** A size, or a claimed size, above one of the limits. */
  | "too-large"
  /** More wrappers around a message than are allowed. */
  | "too-deep"
  /** Well formed, but known to crash other implementations; it must not be passed on. */
  | "harmful";

/** A refusal. Hostile or broken bytes give a value, never an exception. Each reason has one shared object. */
export interface WireFault {
  /** Distinguishes a fault from a message, whose type is 0 or above. */
  readonly type: typeof FAULT;
  readonly reason: FaultReason;
}

/** The `type` of a fault. */
export const FAULT = -1;

/** Whether a decoder's result is a refusal. */
export function isFault(result: unknown): result is WireFault {
  return typeof result === "object" && result !== null && "type" in result && result.type === FAULT;
}

function fault(reason: FaultReason): WireFault {
  return Object.freeze({ type: FAULT, reason });
}

/** Every fault by name. */
export const FAULTS: {
  readonly empty: WireFault;
  readonly truncated: WireFault;
  readonly badType: WireFault;
  readonly badValue: WireFault;
  readonly badKey: WireFault;
  readonly badInteger: WireFault;
  readonly badLabel: WireFault;
  readonly labelMismatch: WireFault;
  readonly doubleLabel: WireFault;
  readonly tooShort: WireFault;
  readonly badVersion: WireFault;
  readonly cannotDecrypt: WireFault;
  readonly encrypted: WireFault;
  readonly notEncrypted: WireFault;
  readonly badCrc: WireFault;
  readonly badCompression: WireFault;
  readonly tooLarge: WireFault;
  readonly tooDeep: WireFault;
  readonly harmful: WireFault;
} = Object.freeze({
  empty: fault("empty"),
  truncated: fault("truncated"),
  badType: fault("bad-type"),
  badValue: fault("bad-value"),
  badKey: fault("bad-key"),
  badInteger: fault("bad-integer"),
  badLabel: fault("bad-label"),
  labelMismatch: fault("label-mismatch"),
  doubleLabel: fault("double-label"),
  tooShort: fault("too-short"),
  badVersion: fault("bad-version"),
  cannotDecrypt: fault("cannot-decrypt"),
  encrypted: fault("encrypted"),
  notEncrypted: fault("not-encrypted"),
  badCrc: fault("bad-crc"),
  badCompression: fault("bad-compression"),
  tooLarge: fault("too-large"),
  tooDeep: fault("too-deep"),
  harmful: fault("harmful"),
});

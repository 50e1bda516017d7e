import type { JoinFailure } from "@hearsay/core";
import type { KeyReport } from "./key-report.ts";

/** The `data` of each code's error. */
export interface ErrorData {
  readonly ERR_CONFIG: { readonly faults: readonly OptionFault[] };
  readonly ERR_BIND: { readonly host: string; readonly port: number };
  /** `closing`: the end is under way. `cluster.status` is never `closing`; it changes once the end is over. */
  readonly ERR_CLOSED: { readonly status: "closing" | "closed" | "failed" };
  readonly ERR_LEAVING: NoData;
  readonly ERR_NAME_IN_USE: {
    readonly name: string;
    readonly address: string;
    /** Whether a node with that name has answered at that address. */
    readonly holderAnswers: boolean;
    /** If the holder is gone: the longest time from its end until the name is free. Null if unknown. */
    readonly retryAfterMs: number | null;
  };
  readonly ERR_PROTOCOL_MISMATCH: { readonly detail: string };
  readonly ERR_JOIN_FAILED: { readonly failures: readonly JoinTargetFailure[] };
  readonly ERR_JOIN_SILENT: {
    readonly targets: readonly string[];
    readonly label: string;
    readonly encrypted: boolean;
  };
  readonly ERR_TIMEOUT: { readonly what: string; readonly timeoutMs: number };
  readonly ERR_BUSY: { readonly what: string };
  readonly ERR_ABORTED: { readonly what: string };
  readonly ERR_MESSAGE_TOO_LARGE: { readonly what: string; readonly sizeBytes: number; readonly limitBytes: number };
  readonly ERR_META_TOO_LARGE: { readonly sizeBytes: number; readonly limitBytes: number };
  readonly ERR_UNKNOWN_MEMBER: { readonly name: string };
  readonly ERR_MEMBER_GONE: { readonly name: string; readonly status: "failed" | "left" };
  readonly ERR_NO_HANDLER: { readonly name: string; readonly member: string };
  readonly ERR_HANDLER_FAILED: { readonly name: string; readonly member: string; readonly detail: string };
  readonly ERR_EXTENSIONS_OFF: { readonly feature: string };
  readonly ERR_FLAVOUR: { readonly feature: string; readonly flavour: string };
  readonly ERR_TAGS_TOO_LARGE: { readonly limitBytes: number };
  readonly ERR_QUERY_CLOSED: { readonly name: string; readonly reason: "answered" | "late" };
  readonly ERR_KEY_REPORT: { readonly report: KeyReport };
  readonly ERR_SNAPSHOT: { readonly path: string };
  readonly ERR_KEYRING: { readonly detail: string };
  readonly ERR_KEY_FILE: { readonly path: string };
  readonly ERR_INVARIANT: NoData;
  readonly ERR_TRANSPORT: { readonly detail: string };
}

/** Every code that a {@link HearsayError} can have. */
export type ErrorCode = keyof ErrorData;

type NoData = Readonly<Record<never, never>>;

/** One wrong option, or argument of a call. A value that may hold a key is replaced by "(hidden)". */
export interface OptionFault {
  /** The option's name as in docs/reference/options.md, or the argument's, with an index for one element of a list. */
  readonly key: string;
  readonly value: unknown;
  /** What is allowed instead, as a noun phrase: "a whole number from 1". */
  readonly allowed: string;
}

/** One address or name that a join could not use. */
export interface JoinTargetFailure {
  /** As configured, or as given to `join`. */
  readonly target: string;
  readonly reason: JoinFailure["reason"] | "unresolved";
  /** More about the reason, for people. */
  readonly detail: string;
}

/** One row of the table of codes. */
export interface ErrorCodeRow {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change by the caller. A single error may override it. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
  /** Names of the fields of `data`. */
  readonly fields: readonly string[];
}

/** More about a {@link HearsayError}. */
export interface HearsayErrorOptions {
  readonly cause?: unknown;
  /** @defaultValue the value in the code's row */
  readonly retryable?: boolean;
}

/**
 * The only kind of error that this library throws; errors of an application's codec on sending are passed on unchanged.
 * Distinguish errors by `code`; the message is for people and may change. docs/reference/errors.md lists the codes.
 */
export class HearsayError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "HearsayError";
  readonly code: Code;
  readonly retryable: boolean;
  /** The facts behind the message. */
  readonly data: ErrorData[Code];

  constructor(code: Code, message: string, data: ErrorData[Code], options: HearsayErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.retryable = options.retryable ?? MEANINGS[code].retryable;
    this.data = data;
  }
}

/** Whether a caught value is a {@link HearsayError}, with the given code if there is one. */
export function isHearsayError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is HearsayError<Code> {
  // By name, not by class, so that it also works across two installed copies of this package.
  if (!(error instanceof Error) || error.name !== "HearsayError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** All faults of the options, or of a call's options and arguments, in one error. */
export function configError(faults: readonly OptionFault[], call?: string): HearsayError<"ERR_CONFIG"> {
  const lines = faults.map(({ key, value, allowed }) => `  ${key}: ${allowed}${got(value)}`);
  const whose = call === undefined ? "" : ` of ${call}()`;
  const what =
    faults.length === 1
      ? `an option or argument${whose} is wrong`
      : `${faults.length} options or arguments${whose} are wrong`;
  return new HearsayError("ERR_CONFIG", `${what}\n${lines.join("\n")}`, { faults });
}

/** Whether a system error reports an exhausted resource, which is temporary. */
export function hasRunDry(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EAGAIN", "EBUSY", "ENOMEM"].includes(code);
}

/** No target answered a join, although connections were accepted. */
export function joinSilentError(data: ErrorData["ERR_JOIN_SILENT"]): HearsayError<"ERR_JOIN_SILENT"> {
  const label = data.label === "" ? "no label" : `the label ${JSON.stringify(data.label)}`;
  const encryption = data.encrypted ? "on" : "off";
  return new HearsayError(
    "ERR_JOIN_SILENT",
    `${[...new Set(data.targets)].join(", ")} closed the connection without an answer: label, key or transport mismatch? ` +
      `This node has ${label}, its encryption is ${encryption}, and it speaks memberlist's protocol over its transport. ` +
      "A peer that is at its limit of connections may do the same.",
    data,
  );
}

/** The call belongs to another kind of pool. */
export function flavourError(feature: string, flavour: string): HearsayError<"ERR_FLAVOUR"> {
  return new HearsayError("ERR_FLAVOUR", `the flavour ${JSON.stringify(flavour)} has no ${feature}`, {
    feature,
    flavour,
  });
}

/** Something is larger than allowed. */
export function tooLargeError(data: ErrorData["ERR_MESSAGE_TOO_LARGE"]): HearsayError<"ERR_MESSAGE_TOO_LARGE"> {
  const text = `${data.what} has ${data.sizeBytes} bytes; at most ${data.limitBytes} are possible`;
  return new HearsayError("ERR_MESSAGE_TOO_LARGE", text, data);
}

const SHOWN_CHARACTERS_MAX = 60;

function got(value: unknown): string {
  const text = show(value);
  return text === null
    ? ""
    : `; got ${text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text}`;
}

function show(value: unknown): string | null {
  if (value === "(hidden)") return null;
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || ["undefined", "number", "boolean", "bigint"].includes(typeof value)) return String(value);
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}

type Meanings = {
  readonly [Code in ErrorCode]: Omit<ErrorCodeRow, "code" | "fields"> & { readonly fields: Fields<Code> };
};

/** The compiler refuses fields that the code's data doesn't have. */
type Fields<Code extends ErrorCode> = readonly (keyof ErrorData[Code])[];

const MEANINGS: Meanings = {
  ERR_CONFIG: {
    retryable: false,
    meaning: "Options, or arguments of a call, are wrong. The error lists every fault, not only the first.",
    remedy: "Correct what `faults` names; docs/reference/options.md lists all options.",
    fields: ["faults"],
  },
  ERR_BIND: {
    retryable: true,
    meaning: "The port could not be opened for both datagrams and streams.",
    remedy:
      "See the cause. EADDRINUSE: choose another port or port 0, or end the process that holds the port. " +
      "EADDRNOTAVAIL: this machine does not have the address, or does not have it yet. EACCES, which is not " +
      "retryable: the process lacks the right to use the port.",
    fields: ["host", "port"],
  },
  ERR_CLOSED: {
    retryable: false,
    meaning:
      "The cluster is closed, has failed, or is ending, so the call has nothing to act on. `status` is `closed`, " +
      "`failed`, or `closing` while the end is under way; `cluster.status` is never `closing`.",
    remedy: "Create a new cluster. If this one failed, the cause says why; `cluster.closed` reports it, too.",
    fields: ["status"],
  },
  ERR_LEAVING: {
    retryable: false,
    meaning: "The node is leaving and starts nothing new.",
    remedy: "Make the call before `leave()`.",
    fields: [],
  },
  ERR_NAME_IN_USE: {
    retryable: true,
    meaning:
      "Others know this node's name from another address. If a node has answered there (`holderAnswers`), the name " +
      "is taken, and the error is not retryable. If none has, the node there may have ended a moment ago, for " +
      "example when a pod restarts at a new address. Its name is free within `retryAfterMs` of its end: the time " +
      "until the others detect the failure, plus `deadNodeReclaim`.",
    remedy:
      "If `retryable`, create the cluster again after `retryAfterMs`; if the old node calls `leave()`, its name is " +
      "free at once. Otherwise give each node its own name, or stop the other node.",
    fields: ["name", "address", "holderAnswers", "retryAfterMs"],
  },
  ERR_PROTOCOL_MISMATCH: {
    retryable: false,
    meaning: "The cluster speaks versions of the protocol that this node doesn't speak, or vice versa.",
    remedy: "Compare `protocolVersion` and `flavour` on both sides.",
    fields: ["detail"],
  },
  ERR_JOIN_FAILED: {
    retryable: true,
    meaning: "No target of the join could be used.",
    remedy: "See `failures` for the reason of each target.",
    fields: ["failures"],
  },
  ERR_JOIN_SILENT: {
    retryable: true,
    meaning:
      "Peers accepted the connection and closed it without an answer. Memberlist does so if the label or key " +
      "differs; other programs do so if they can't read the bytes, such as pools with their own transport (dskit's). " +
      "Some peers do so at their limit of connections; Hearsay sends an error in that case.",
    remedy: "Compare label, keys and transport on both sides, and check the peer's log.",
    fields: ["targets", "label", "encrypted"],
  },
  ERR_TIMEOUT: {
    retryable: true,
    meaning: "The operation did not finish in time.",
    remedy: "Try again, or allow more time.",
    fields: ["what", "timeoutMs"],
  },
  ERR_BUSY: {
    retryable: true,
    meaning: "Too many operations of this kind are under way.",
    remedy: "Wait until some have ended, then try again.",
    fields: ["what"],
  },
  ERR_ABORTED: {
    retryable: false,
    meaning: "The caller's signal aborted the call. The cause is the signal's reason.",
    remedy: "No action is needed.",
    fields: ["what"],
  },
  ERR_MESSAGE_TOO_LARGE: {
    retryable: false,
    meaning: "A message, query or answer exceeds its size limit.",
    remedy: "Send less, or send it as a request, which goes over a stream.",
    fields: ["what", "sizeBytes", "limitBytes"],
  },
  ERR_META_TOO_LARGE: {
    retryable: false,
    meaning: "The node's metadata exceeds 512 bytes, or the room that small packets leave for it.",
    remedy: "Keep the metadata small, and request the rest from the node.",
    fields: ["sizeBytes", "limitBytes"],
  },
  ERR_UNKNOWN_MEMBER: {
    retryable: true,
    meaning: "This node knows no member with that name.",
    remedy: "Check the name against `cluster.members()`; a member that has just joined may not be known yet.",
    fields: ["name"],
  },
  ERR_MEMBER_GONE: {
    retryable: true,
    meaning:
      "The member that was asked has failed or left. Requests to it that were under way end with this error, too; " +
      "its handler may or may not have run.",
    remedy: "Ask another member, or try again once `cluster.member(name)` is alive.",
    fields: ["name", "status"],
  },
  ERR_NO_HANDLER: {
    retryable: true,
    meaning: "The member has no handler for requests with that name.",
    remedy: "Register a handler on that member. A member that has just started may not have registered it yet.",
    fields: ["name", "member"],
  },
  ERR_HANDLER_FAILED: {
    retryable: false,
    meaning:
      "The handler threw or took too long, the member was handling too many requests, or its reply can't be read.",
    remedy:
      "See `detail` and that member's log. If it was handling too many requests or took too long, ask again later or " +
      "ask another member, provided that the request may be handled twice.",
    fields: ["name", "member", "detail"],
  },
  ERR_EXTENSIONS_OFF: {
    retryable: false,
    meaning:
      "The call needs Hearsay's extensions of the protocol. They are off on this node, or the asked member lacks them.",
    remedy: "Use the flavour `hearsay`, or `extensions: 'all'` on every node if all of them run Hearsay.",
    fields: ["feature"],
  },
  ERR_FLAVOUR: {
    retryable: false,
    meaning: "The call is not available in this node's `flavour`.",
    remedy: "Use the flavour `hearsay` or `serf` for Serf's features, and `memberlist` for raw messages and metadata.",
    fields: ["feature", "flavour"],
  },
  ERR_TAGS_TOO_LARGE: {
    retryable: false,
    meaning: "The node's tags exceed 512 bytes, encoded, or the room that small packets leave for them.",
    remedy: "Keep the tags small, and request the rest from the node.",
    fields: ["limitBytes"],
  },
  ERR_QUERY_CLOSED: {
    retryable: false,
    meaning: "The query can't be answered any more: it was already answered, or its time is over.",
    remedy: "Answer each query once, before its `deadlineMs`.",
    fields: ["name", "reason"],
  },
  ERR_KEY_REPORT: {
    retryable: true,
    meaning: "A change of the pool's keys failed on a member, or a member did not answer in time.",
    remedy:
      "See `report` for the members' answers and for the members that are `silent` or `away`. Don't continue a " +
      "rotation before the current step has succeeded everywhere.",
    fields: ["report"],
  },
  ERR_SNAPSHOT: {
    retryable: false,
    meaning: "The snapshot file can't be read or written.",
    remedy:
      "See the cause for the file system's error. If the disk is full or no descriptors are left, the error is " +
      "retryable.",
    fields: ["path"],
  },
  ERR_KEYRING: {
    retryable: false,
    meaning: "A key has a wrong form, is missing, or must not be removed.",
    remedy: "Keys are 16, 24 or 32 bytes in base64. The primary key can't be removed until another key is primary.",
    fields: ["detail"],
  },
  ERR_KEY_FILE: {
    retryable: false,
    meaning: "The key file could not be read or written.",
    remedy:
      "It is a JSON list of base64 keys; see the cause for the file system's error. If the disk is full or no " +
      "descriptors are left, the error is retryable.",
    fields: ["path"],
  },
  ERR_INVARIANT: {
    retryable: false,
    meaning: "A bug in Hearsay: an impossible state occurred. This cluster has stopped; the process continues.",
    remedy: "Report it with the stack of the cause.",
    fields: [],
  },
  ERR_TRANSPORT: {
    retryable: true,
    meaning: "The sockets or the given transport could not be opened, or failed while in use.",
    remedy: "See the cause; create a new cluster.",
    fields: ["detail"],
  },
};

/** Every code with its meaning and remedy, in the order of docs/reference/errors.md. */
export const ERROR_CODES: readonly ErrorCodeRow[] = rows(MEANINGS);

function rows(meanings: Meanings): ErrorCodeRow[] {
  const codes = Object.keys(meanings).filter((key): key is ErrorCode => key in meanings);
  return codes.map((code) => ({ code, ...meanings[code] }));
}

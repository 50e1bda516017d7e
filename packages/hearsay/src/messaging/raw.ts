import type { OptionFault } from "../base/errors.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { choice, flag, word } from "../forms/plain-forms.ts";
import { option, optional, own, type Rows } from "../forms/rows.ts";
import { URGENCIES, type Urgency } from "./urgency.ts";

/** How to send raw bytes. */
export interface SendRawOptions {
  /** Name of the member to send to; without it, the bytes go to all members by gossip. */
  readonly to?: string;
  /** Over a stream instead of a datagram; only with `to`. @defaultValue false */
  readonly reliable?: boolean;
  /** The urgency, for gossip to all members. @defaultValue "normal" */
  readonly urgency?: Urgency;
}

const OPTIONS = {
  to: optional(word),
  reliable: option(flag, false),
  urgency: option(choice(URGENCIES), "normal"),
} satisfies Rows<SendRawOptions>;

/** Raw bytes from another node. */
export interface RawMessage {
  readonly payload: Uint8Array;
  /** Address of the node that delivered them; with gossip this need not be the original sender. */
  readonly from: string;
  readonly reliable: boolean;
}

/** Longest raw message over a stream: fits the 20 MiB frame even if compression makes it half as long again. */
export const RELIABLE_BYTES_MAX: number = 12 * 1024 * 1024;

/**
 * Reads the options of `sendRaw`. Refuses what the types refuse: a wrong value would otherwise cause an error far from
 * its origin.
 */
export function readSendRaw(
  payload: unknown,
  options: unknown,
): Required<Omit<SendRawOptions, "to">> & { readonly to: string | null } {
  const faults: OptionFault[] = [];
  if (!(payload instanceof Uint8Array)) faults.push({ key: "payload", value: payload, allowed: "a Uint8Array" });
  if (own(options, "reliable") === true && own(options, "to") === undefined) {
    const allowed = "false where there is no `to`: streams lead to one member";
    faults.push({ key: "reliable", value: true, allowed });
  }
  return readCallOptions("sendRaw", OPTIONS, options, faults);
}

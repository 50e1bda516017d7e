import { APPLICATION, BULK, type RumorClass, URGENT } from "@hearsay/core";
import { configError, type OptionFault } from "../base/errors.ts";

/** How to send raw bytes. */
export interface SendRawOptions {
  /** Name of the member to send to; without it, the bytes are spread to all by gossip. */
  readonly to?: string;
  /** Over a stream instead of a datagram; only with `to`. @defaultValue false */
  readonly reliable?: boolean;
  /** For spreading: how much it hurries. @defaultValue "normal" */
  readonly urgency?: "now" | "normal" | "bulk";
}

/** Raw bytes from another node. */
export interface RawMessage {
  readonly payload: Uint8Array;
  /** Address of the node that they came from, which for gossip is not the one that said them first. */
  readonly from: string;
  readonly reliable: boolean;
}

/** The rumor class of each urgency. */
export const RAW_CLASSES: Readonly<Record<"now" | "normal" | "bulk", RumorClass>> = {
  now: URGENT,
  normal: APPLICATION,
  bulk: BULK,
};

/** Longest raw message over a stream: fits the 20 MiB frame even where compression makes it half as long again. */
export const RELIABLE_BYTES_MAX: number = 12 * 1024 * 1024;

/** Refuses what the types refuse: a wrong value here would otherwise come out far from its cause. */
export function checkSendRaw(payload: unknown, { to, reliable, urgency = "normal" }: SendRawOptions): void {
  const faults: OptionFault[] = [];
  if (!(payload instanceof Uint8Array)) faults.push({ key: "payload", value: payload, allowed: "a Uint8Array" });
  if (reliable === true && to === undefined) {
    faults.push({
      key: "reliable",
      value: reliable,
      allowed: "false where there is no `to`: streams lead to one member",
    });
  }
  if (!Object.hasOwn(RAW_CLASSES, urgency))
    faults.push({ key: "urgency", value: urgency, allowed: '"now", "normal" or "bulk"' });
  if (faults.length > 0) throw configError(faults);
}

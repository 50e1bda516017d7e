import { type Address, type SwimConfig, suspicionMaxMs } from "@hearsay/core";
import { HearsayError } from "../base/errors.ts";

/** Probe intervals until some member has probed a node that is gone and the probe has failed. */
const PROBES = 3;

/** The holder of this node's name has answered at its address. The remedy is another name, or ending the holder. */
export function nameHeldError(name: string, address: Address): HearsayError<"ERR_NAME_IN_USE"> {
  const text = `a live node at ${address.key} has the name ${JSON.stringify(name)} already`;
  const data = { name, address: address.key, holderAnswers: true, retryAfterMs: null };
  return new HearsayError("ERR_NAME_IN_USE", text, data, { retryable: false });
}

/**
 * Most members know this node's name from another address, which has not answered. This happens after a restart at a
 * new address: the name is free once the others have detected that the old node is gone.
 */
export function nameRememberedError(
  name: string,
  address: Address,
  members: number,
  config: SwimConfig,
): HearsayError<"ERR_NAME_IN_USE"> {
  const retryAfterMs = freeAfterMs(members, config);
  const when =
    retryAfterMs === null
      ? "but not before they have forgotten it, since deadNodeReclaim is 0"
      : `the name is free within about ${Math.ceil(retryAfterMs / 1000)} s of its end`;
  const text =
    `most members know the name ${JSON.stringify(name)} from ${address.key}, which has not answered this node: ` +
    `if that node is gone, as after a restart at a new address, ${when}; try again then`;
  return new HearsayError("ERR_NAME_IN_USE", text, { name, address: address.key, holderAnswers: false, retryAfterMs });
}

/**
 * The time from a node's end until another address may claim its name: failed probe, longest suspicion, reclaim time.
 */
function freeAfterMs(members: number, config: SwimConfig): number | null {
  const { probeIntervalMs, deadNodeReclaimMs } = config;
  if (deadNodeReclaimMs === 0) return null;
  return Math.ceil(PROBES * probeIntervalMs + suspicionMaxMs(config, members) + deadNodeReclaimMs);
}

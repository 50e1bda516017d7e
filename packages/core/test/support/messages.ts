import { DEAD, type Dead, PING, type Ping, SUSPECT, type Suspect } from "@hearsay/core/wire";

export function ping(node: string, more: Partial<Ping> = {}): Ping {
  const sourceAddr = new Uint8Array(0);
  return { type: PING, seqNo: 42, node, sourceAddr, sourcePort: 0, sourceNode: "", ...more };
}

export function suspect(node: string, from: string, incarnation = 1): Suspect {
  return { type: SUSPECT, node, from, incarnation };
}

export function dead(node: string, from: string, incarnation = 1): Dead {
  return { type: DEAD, node, from, incarnation };
}

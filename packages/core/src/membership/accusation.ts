import { SUSPECT, type Suspect } from "../wire/messages.ts";

/** `from` accuses `node`. */
export function accusation(node: string, incarnation: number, from: string): Suspect {
  return { type: SUSPECT, node, incarnation, from };
}

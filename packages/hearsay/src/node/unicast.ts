import { MessageEncoder } from "@hearsay/core/wire";
import { HearsayError } from "../base/errors.ts";
import type { Node } from "./node.ts";
import type { Withdraw } from "./stream-queue.ts";

/** Sends bytes to one member in a datagram, best effort. Returns the error if they can't be sent, else null. */
export function sendDatagram({ driver, swim }: Node, name: string, payload: Uint8Array): HearsayError | null {
  const isKnown = driver.run((now) => swim.send(now, name, payload, driver)) ?? false;
  return isKnown ? null : unknownMemberError(name);
}

/** Sends bytes to one member over a stream, best effort. Returns a function that withdraws them, or an error. */
export function sendReliable(node: Node, name: string, payload: Uint8Array): Withdraw | HearsayError {
  const member = node.swim.member(name);
  if (member === undefined) return unknownMemberError(name);
  return node.streams.queue.add(member.address, new MessageEncoder().encodeStreamUser(payload)) ?? busyError(name);
}

/** The error if a member doesn't understand Hearsay's extensions; null if it does, or isn't known. */
export function extensionsFault(node: Node, name: string): HearsayError | null {
  const view = node.roster.view(name);
  if (view === undefined || node.roster.hasExtensions(view)) return null;
  const text = `the member ${JSON.stringify(name)} doesn't know Hearsay's extensions`;
  return new HearsayError("ERR_EXTENSIONS_OFF", text, { feature: "requests" });
}

function unknownMemberError(name: string): HearsayError {
  return new HearsayError("ERR_UNKNOWN_MEMBER", `there is no member ${JSON.stringify(name)}`, { name });
}

function busyError(name: string): HearsayError {
  const text = `too much is on its way over streams to send more to ${JSON.stringify(name)}`;
  return new HearsayError("ERR_BUSY", text, { what: "streams" });
}

import { FAILURE_TEXT_BYTES_MAX } from "@hearsay/core/messaging";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the requester is told of an error: only its message, since a stack would expose internals of this node. */
export function failurePayload(error: unknown): Uint8Array {
  const bytes = new Uint8Array(FAILURE_TEXT_BYTES_MAX);
  // `encodeInto` stops before the first character that doesn't fit.
  const { written } = encoder.encodeInto(textFor(error), bytes);
  return bytes.slice(0, written);
}

/** The text of a failed reply. The peer may have sent any bytes. */
export function failureText(payload: Uint8Array): string {
  return decoder.decode(payload.subarray(0, FAILURE_TEXT_BYTES_MAX));
}

function textFor(error: unknown): string {
  if (typeof error === "string") return error;
  // Other values can be thrown, too, and converting them to text can throw.
  return error instanceof Error && typeof error.message === "string" ? error.message : "no error was given";
}

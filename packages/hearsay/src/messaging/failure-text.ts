import { FAILURE_TEXT_BYTES_MAX } from "@hearsay/core/messaging";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What to tell the asker of an error: its message only, since a stack would show the inside of this node. */
export function failurePayload(error: unknown): Uint8Array {
  const bytes = new Uint8Array(FAILURE_TEXT_BYTES_MAX);
  // It stops before the first character that doesn't fit whole.
  const { written } = encoder.encodeInto(textFor(error), bytes);
  return bytes.slice(0, written);
}

/** The text of a failed reply. A peer may have sent any bytes. */
export function failureText(payload: Uint8Array): string {
  return decoder.decode(payload.subarray(0, FAILURE_TEXT_BYTES_MAX));
}

function textFor(error: unknown): string {
  if (typeof error === "string") return error;
  // Other things can be thrown, too, and making text of those can throw in turn.
  return error instanceof Error && typeof error.message === "string" ? error.message : "no error was given";
}

import { encodeSerfMessage } from "../wire/encode.ts";
import type { KeyResponse } from "../wire/messages.ts";

/**
 * Least bytes of a key in a list, by which the reference estimates how many keys fit (docs/protocol/serf.md, section
 * 12.2).
 */
const LISTED_KEY_BYTES = 25;

/**
 * Encodes the answer to a key query. If not all keys fit, the last ones are left out and the message says so; at most
 * `responseBytesMax` / 25 keys are tried. `sizeOf` returns the size of the whole message with a payload.
 */
export function encodeKeyResponse(
  response: KeyResponse,
  responseBytesMax: number,
  limitBytes: number,
  sizeOf: (payload: Uint8Array) => number,
): Uint8Array {
  const whole = encodeSerfMessage(response);
  if (response.keys === null || sizeOf(whole) <= limitBytes) return whole;
  const all = response.keys.length;
  for (let shown = Math.min(all, Math.floor(responseBytesMax / LISTED_KEY_BYTES)); shown > 0; shown--) {
    const message = `truncated key list response, showing first ${shown} of ${all} keys`;
    const part = encodeSerfMessage({ ...response, keys: response.keys.slice(0, shown), message });
    if (sizeOf(part) <= limitBytes) return part;
  }
  return encodeSerfMessage({
    ...response,
    keys: [],
    message: `truncated key list response, showing first 0 of ${all} keys`,
  });
}

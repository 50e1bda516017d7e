import { ERROR, encodeMessage } from "@hearsay/core/wire";
import { type Connection, TransportError } from "../transport/transport.ts";
import { readMessage } from "./read-message.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";

/**
 * Serves one accepted stream: reads a request, writes the answer if there is one, closes
 * (docs/protocol/memberlist.md, 7.2 and 7.6). Returns why the request could not be read, or null.
 */
export async function serveStream(
  parts: StreamParts,
  connection: Connection,
  answerTo: (request: Uint8Array) => Promise<Uint8Array | null>,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  const over = new AbortController();
  try {
    const decoder = parts.streams.decoder("accept");
    const read = await readMessage(parts.clock, connection, decoder, limit.signal, () => over.abort());
    if (read.kind === "message") {
      const answer = await answerTo(read.message);
      if (answer !== null) await write(parts, connection, answer);
      return null;
    }
    if (read.kind !== "fault") return null;
    if (read.answer !== null) await write(parts, connection, encodeMessage({ type: ERROR, error: read.answer }));
    return read.reason;
  } catch (error) {
    return error instanceof TransportError ? error.code : String(error);
  } finally {
    limit.release();
    endInTime(parts, connection, over.signal, signal);
  }
}

async function write(parts: StreamParts, connection: Connection, message: Uint8Array): Promise<void> {
  connection.write(await wrapInSlices(parts.clock, parts.streams.wrap(message, "accept")));
}

/**
 * Ends our direction. Sending what is queued, and the peer's end, have a time limit of their own, counted from here: a
 * peer that neither reads nor closes would otherwise hold one of the few streams for ever.
 */
function endInTime(parts: StreamParts, connection: Connection, over: AbortSignal, signal: AbortSignal): void {
  connection.end();
  if (over.aborted) return;
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  limit.signal.addEventListener("abort", () => connection.destroy(), { once: true });
  if (limit.signal.aborted) connection.destroy();
  over.addEventListener("abort", () => limit.release(), { once: true });
}

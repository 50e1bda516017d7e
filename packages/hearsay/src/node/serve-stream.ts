import { ERROR, encodeMessage } from "@hearsay/core/wire";
import type { Connection } from "../transport/transport.ts";
import { readMessage } from "./read-message.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";

/**
 * Serves one accepted stream: reads a request, writes the answer if there is one, closes
 * (docs/protocol/memberlist.md, 7.2 and 7.6). Returns why the request could not be read, or null.
 */
export async function serveStream(
  parts: StreamParts,
  connection: Connection,
  answerTo: (request: Uint8Array) => Uint8Array | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  try {
    const read = await readMessage(parts.clock, connection, parts.streams.decoder("accept"), limit.signal);
    if (read.kind === "message") {
      const answer = answerTo(read.message);
      if (answer !== undefined) await write(parts, connection, answer, signal);
      return null;
    }
    if (read.kind !== "fault") return null;
    if (read.answer !== null)
      await write(parts, connection, encodeMessage({ type: ERROR, error: read.answer }), signal);
    return read.reason;
  } finally {
    limit.release();
    connection.end();
  }
}

/** Writes an answer; writing has a time limit of its own, counted from here. */
async function write(
  parts: StreamParts,
  connection: Connection,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const wrapped = await wrapInSlices(parts.clock, parts.streams.wrap(message, "accept"));
  connection.write(wrapped);
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  limit.signal.addEventListener("abort", () => connection.destroy(), { once: true });
  connection.end();
}

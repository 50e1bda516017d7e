import { ERROR, encodeMessage, PUSH_PULL } from "@hearsay/core/wire";
import { type Connection, TransportError } from "../transport/transport.ts";
import { readMessage } from "./read-message.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";
import type { StreamShare } from "./stream-room.ts";

/** Why a stream was given up that room for its bytes did not come for in time. */
const NO_ROOM = "no-room";

/** What answers requests. */
export interface Answerer {
  /** The answer to a request, or null for none. */
  answerTo(request: Uint8Array): Promise<Uint8Array | null>;
  /** Bytes that an answer with this node's state is expected to have. */
  stateBytes(): number;
}

/**
 * Serves one accepted stream: reads a request, writes the answer if there is one, closes
 * (docs/protocol/memberlist.md, 7.2 and 7.6). Returns why the request could not be read, or null.
 */
export async function serveStream(
  parts: StreamParts,
  connection: Connection,
  answerer: Answerer,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  const over = new AbortController();
  const share = parts.room.open(connection.remote.host);
  try {
    const read = await readMessage(parts, connection, "accept", share, limit.signal, () => over.abort());
    if (read.kind === "message")
      return await serveRequest(parts, connection, read.message, answerer, share, limit.signal);
    if (read.kind === "aborted" && share.isRefused) return crowdedOut(parts);
    if (read.kind !== "fault") return null;
    if (read.answer !== null) await write(parts, connection, encodeMessage({ type: ERROR, error: read.answer }));
    return read.reason;
  } catch (error) {
    return error instanceof TransportError ? error.code : String(error);
  } finally {
    limit.release();
    endInTime(parts, connection, over.signal, signal);
    // The answer is held until the peer has taken it.
    if (over.signal.aborted) share.close();
    else over.signal.addEventListener("abort", () => share.close(), { once: true });
  }
}

/** Has a request answered once there is room for what its answer is expected to be. */
async function serveRequest(
  parts: StreamParts,
  connection: Connection,
  request: Uint8Array,
  { answerTo, stateBytes }: Answerer,
  share: StreamShare,
  signal: AbortSignal,
): Promise<string | null> {
  const requestBytes = share.bytes;
  // While it is wrapped there are two of it.
  const expectedBytes = request[0] === PUSH_PULL ? 2 * stateBytes() : 0;
  if (!(await roomFor(share, requestBytes + expectedBytes, signal))) return crowdedOut(parts);
  const answer = await answerTo(request);
  if (answer === null) {
    share.hold(0);
    return null;
  }
  if (!(await roomFor(share, requestBytes + 2 * answer.length, signal))) return crowdedOut(parts);
  const wrapped = await wrapInSlices(parts, answer, "accept");
  connection.write(wrapped);
  share.hold(wrapped.length);
  return null;
}

/** Waits until a stream may hold so many bytes; false if the signal aborts before. */
async function roomFor(share: StreamShare, bytes: number, signal: AbortSignal): Promise<boolean> {
  let goOn = (): void => {};
  const onAbort = (): void => goOn();
  signal.addEventListener("abort", onAbort, { once: true });
  let isGranted = share.hold(bytes);
  while (!isGranted && !share.isHopeless && !signal.aborted) {
    await new Promise<void>((resolve) => {
      goOn = resolve;
      share.whenRoom(resolve);
    });
    isGranted = share.hold(bytes);
  }
  signal.removeEventListener("abort", onAbort);
  return isGranted;
}

function crowdedOut({ room }: StreamParts): string {
  room.counters.streamsCrowdedOut++;
  return NO_ROOM;
}

async function write(parts: StreamParts, connection: Connection, message: Uint8Array): Promise<void> {
  connection.write(await wrapInSlices(parts, message, "accept"));
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

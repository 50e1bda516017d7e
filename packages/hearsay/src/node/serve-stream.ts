import { ERROR, encodeMessage, PUSH_PULL } from "@hearsay/core/wire";
import { type Connection, TransportError } from "../transport/transport.ts";
import { hostKey } from "./host-key.ts";
import { readMessage } from "./read-message.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";
import type { StreamShare } from "./stream-room.ts";

/** The reason of a stream that was given up because there was no room for its bytes in time, or never could be. */
const NO_ROOM = "no-room";

/** What the peer is told instead of an answer. */
const NO_ROOM_TEXT = "no room here now; try again later";

/**
 * Who has to act on a stream. `heard`: the peer, which is sending; if the stream is idle, the peer is the cause.
 * `held`: this node makes the peer wait, or its answer is under way. `answering`: this node is answering the request.
 */
export type Standing = "heard" | "held" | "answering";

/** A stream that a peer opened. Its standing decides whether it may be displaced. */
export interface ServedConnection extends Connection {
  standAs(standing: Standing): void;
}

/** Answers requests. */
export interface Answerer {
  /** The answer to a request, or null for none. */
  answerTo(request: Uint8Array): Promise<Uint8Array | null>;
  /** Expected bytes of an answer with this node's state. */
  stateBytes(): number;
}

/**
 * Serves one accepted stream: reads a request, writes the answer if there is one, closes
 * (docs/protocol/memberlist.md, 7.2 and 7.6). Returns why the stream was given up, or null.
 */
export async function serveStream(
  parts: StreamParts,
  connection: ServedConnection,
  answerer: Answerer,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  const over = new AbortController();
  const share = parts.room.open(hostKey(connection.remote));
  try {
    const read = await readMessage(parts, connection, "accept", share, limit.signal, {
      held: (isHeld) => connection.standAs(isHeld ? "held" : "heard"),
      // With a reason of its own, since a DOMException costs a stack trace, and every stream ends so.
      closed: () => over.abort("the stream is over"),
    });
    if (read.kind === "message") {
      connection.standAs("held");
      const gone = AbortSignal.any([over.signal, signal]);
      const isServed = await serveRequest(parts, connection, read.message, answerer, share, {
        gone,
        late: AbortSignal.any([gone, limit.signal]),
      });
      return isServed || gone.aborted ? null : await tellNoRoom(parts, connection, share);
    }
    if (signal.aborted) return null;
    if (read.kind === "aborted" && read.hadNoRoom) return await tellNoRoom(parts, connection, share);
    if (read.kind !== "fault") return null;
    if (read.answer !== null) await write(parts, connection, encodeMessage({ type: ERROR, error: read.answer }));
    return read.reason;
  } catch (error) {
    share.hold(0);
    if (over.signal.aborted || signal.aborted) return null;
    return error instanceof TransportError ? error.code : String(error);
  } finally {
    limit.release();
    connection.standAs("held");
    endInTime(parts, connection, over.signal, signal);
    // The answer is held until the peer has taken it.
    if (over.signal.aborted) share.close();
    else over.signal.addEventListener("abort", () => share.close(), { once: true });
  }
}

/**
 * What ends an answer. `gone`: the stream is over. `late`: the same, or the time limit, which applies only while it
 * waits for room.
 */
interface AnswerSignals {
  readonly gone: AbortSignal;
  readonly late: AbortSignal;
}

/** Answers a request once there is room for its expected answer. Returns false if there was no room. */
async function serveRequest(
  parts: StreamParts,
  connection: ServedConnection,
  request: Uint8Array,
  { answerTo, stateBytes }: Answerer,
  share: StreamShare,
  { gone, late }: AnswerSignals,
): Promise<boolean> {
  const requestBytes = share.bytes;
  // While the answer is wrapped there are two copies of it.
  const expectedBytes = request[0] === PUSH_PULL ? 2 * stateBytes() : 0;
  const wantedBytes = Math.min(requestBytes + expectedBytes, parts.room.messageBytesMax);
  if (!(await roomFor(share, Math.max(requestBytes, wantedBytes), late)) || gone.aborted) return false;
  connection.standAs("answering");
  const answer = await answerTo(request);
  connection.standAs("held");
  // The rest of the request is being merged, within its own budget.
  if (!(await roomFor(share, answer === null ? 0 : 2 * answer.length, late))) return false;
  if (answer === null) return true;
  connection.standAs("answering");
  const wrapped = await wrapInSlices(parts, answer, "accept", gone);
  connection.write(wrapped);
  share.settle(wrapped.length);
  return true;
}

/** Waits until a stream may hold this many bytes; false if the signal aborts first, or if it never may. */
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
    if (!signal.aborted) isGranted = share.hold(bytes);
  }
  signal.removeEventListener("abort", onAbort);
  return isGranted;
}

/** Tells the peer that there is no room: without an error it can't tell a busy node from one with another key. */
async function tellNoRoom(parts: StreamParts, connection: Connection, share: StreamShare): Promise<string> {
  parts.room.counters.streamsCrowdedOut++;
  share.hold(0);
  await write(parts, connection, encodeMessage({ type: ERROR, error: NO_ROOM_TEXT }));
  return NO_ROOM;
}

async function write(parts: StreamParts, connection: Connection, message: Uint8Array): Promise<void> {
  connection.write(await wrapInSlices(parts, message, "accept"));
}

/**
 * Ends this node's direction. Sending the queued bytes and the peer's end have their own time limit, counted from here:
 * a peer that neither reads nor closes would otherwise hold one of the few streams for ever.
 */
function endInTime(parts: StreamParts, connection: Connection, over: AbortSignal, signal: AbortSignal): void {
  connection.end();
  if (over.aborted) return;
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  limit.signal.addEventListener("abort", () => connection.destroy(), { once: true });
  if (limit.signal.aborted) connection.destroy();
  over.addEventListener("abort", () => limit.release(), { once: true });
}

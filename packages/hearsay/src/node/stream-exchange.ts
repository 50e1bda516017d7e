import type { Address, ExchangeFailure, ExchangeResult } from "@hearsay/core";
import { ERROR, isFault, MessageDecoder, type StreamCodec, type StreamSide } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/message-of.ts";
import type { Connection, Transport } from "../transport/transport.ts";
import { TransportError } from "../transport/transport.ts";
import { hostKey } from "./host-key.ts";
import { readMessage, SLICE_BYTES } from "./read-message.ts";
import type { StreamRoom } from "./stream-room.ts";
import type { Turns } from "./turns.ts";

/** Most characters shown of a peer's error. */
const ERROR_CHARACTERS_MAX = 200;

/** What streams work with. */
export interface StreamParts {
  readonly transport: Transport;
  readonly streams: StreamCodec;
  readonly clock: Clock;
  readonly streamTimeoutMs: number;
  /** Schedules the work on all streams of this node. */
  readonly turns: Turns;
  /** The budget of bytes that they hold. */
  readonly room: StreamRoom;
}

/** Sends a request and reads the answer. Never rejects: failures are results. */
export async function exchangeOverStream(
  parts: StreamParts,
  to: Address,
  request: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  const limit = limitedBy(parts.clock, timeoutMs, signal);
  const share = parts.room.open(hostKey(to));
  let connection: Connection | null = null;
  try {
    connection = await parts.transport.connect(to, {
      timeoutMs: Math.min(parts.streamTimeoutMs, timeoutMs),
      signal: limit.signal,
    });
    const reading = readMessage(parts, connection, "connect", share, limit.signal);
    let isOpen = true;
    void reading.then(() => {
      isOpen = false;
    });
    const wrapped = await wrapInSlices(parts, request, "connect", limit.signal);
    const wasAsked = isOpen;
    connection.write(wrapped);
    const read = await reading;
    if (read.kind === "message") return answered(read.message);
    if (read.kind === "closed" && !read.hadNoRoom) {
      return failed("silence", `the peer closed the stream ${wasAsked ? "without an answer" : "before it was asked"}`);
    }
    if (read.kind === "fault") return failed("unreadable", read.reason);
    if (read.kind === "aborted" && !limit.isOver()) return failed("cancelled", "closing");
    if (read.hadNoRoom) parts.room.counters.streamsCrowdedOut++;
    return failed("timeout", read.hadNoRoom ? "no room for the answer" : "no answer in time");
  } catch (error) {
    return failureOf(error, limit.isOver());
  } finally {
    limit.release();
    share.close();
    connection?.destroy();
  }
}

/** Sends a message that has no answer. Best effort: failures are ignored. */
export async function sendOverStream(
  parts: StreamParts,
  to: Address,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  const share = parts.room.open(hostKey(to));
  let connection: Connection | null = null;
  try {
    connection = await parts.transport.connect(to, { timeoutMs: parts.streamTimeoutMs, signal: limit.signal });
    const closing = readMessage(parts, connection, "connect", share, limit.signal);
    connection.write(await wrapInSlices(parts, message, "connect", limit.signal));
    connection.end();
    // The peer closes once it has read everything; destroying the stream earlier could lose the tail.
    await closing;
  } catch {
    // The sender of a best-effort message isn't told of failures.
  } finally {
    limit.release();
    share.close();
    connection?.destroy();
  }
}

/**
 * Wraps a message a slice at a time and in turn with all other streams, so that compressing large states doesn't delay
 * pings. Rejects if the signal aborts meanwhile: a cancelled message must not be sent.
 */
export async function wrapInSlices(
  { streams, turns }: StreamParts,
  message: Uint8Array,
  side: StreamSide,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const wrap = streams.wrap(message, side);
  let isWrapped = false;
  while (!isWrapped) {
    await turns.next(Math.min(SLICE_BYTES, message.length));
    isWrapped = wrap.step(SLICE_BYTES);
    if (signal?.aborted === true) throw new TransportError("aborted", "the stream was given up");
  }
  if (wrap.fault !== null) throw new TransportError("too-large", "the message is too long for a stream's frame");
  return wrap.result();
}

/** A signal that aborts after a time or with another signal. `isOver` tells whether the time is over. */
export function limitedBy(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; isOver(): boolean; release(): void } {
  const controller = new AbortController();
  let isOver = false;
  const cancelTimer = clock.after(timeoutMs, () => {
    isOver = true;
    controller.abort();
  });
  const onAbort = (): void => controller.abort();
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    release() {
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
    },
  };
}

function failureOf(error: unknown, isOver: boolean): ExchangeResult {
  const detail = messageOf(error);
  if (isOver) return failed("timeout", detail);
  const code = error instanceof TransportError ? error.code : "closed";
  if (code === "too-large") return failed("unreadable", detail);
  if (code === "refused" || code === "unreachable") return failed("refused", detail);
  return failed(code === "timeout" ? "timeout" : "cancelled", detail);
}

/** A peer may answer with an error: its text is the reason of the failure. */
function answered(message: Uint8Array): ExchangeResult {
  if (message[0] !== ERROR) return { ok: true, message };
  const decoded = new MessageDecoder().decode(message, 0, message.length);
  const error = isFault(decoded) || decoded.type !== ERROR ? "an error" : decoded.error.slice(0, ERROR_CHARACTERS_MAX);
  return failed("refused", `the peer says: ${error}`);
}

function failed(failure: ExchangeFailure, detail: string): ExchangeResult {
  return { ok: false, failure, detail };
}

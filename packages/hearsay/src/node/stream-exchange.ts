import type { Address, ExchangeFailure, ExchangeResult } from "@hearsay/core";
import type { StreamCodec, StreamWrap } from "@hearsay/core/wire";
import type { Connection, Transport } from "../transport/transport.ts";
import { TransportError } from "../transport/transport.ts";
import type { Clock } from "./clock.ts";
import { readMessage, SLICE_BYTES } from "./read-message.ts";

/** What streams are made of. */
export interface StreamParts {
  readonly transport: Transport;
  readonly streams: StreamCodec;
  readonly clock: Clock;
  readonly streamTimeoutMs: number;
}

/** Sends a request and reads the answer. Never rejects: what goes wrong is the result. */
export async function exchangeOverStream(
  parts: StreamParts,
  to: Address,
  request: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  const limit = limitedBy(parts.clock, timeoutMs, signal);
  let connection: Connection | null = null;
  try {
    connection = await parts.transport.connect(to, {
      timeoutMs: Math.min(parts.streamTimeoutMs, timeoutMs),
      signal: limit.signal,
    });
    const reading = readMessage(parts.clock, connection, parts.streams.decoder("connect"), limit.signal);
    connection.write(await wrapInSlices(parts.clock, parts.streams.wrap(request, "connect"), limit.signal));
    const read = await reading;
    if (read.kind === "message") return { ok: true, message: read.message };
    if (read.kind === "closed") return failed("silence", "the peer closed the stream without an answer");
    if (read.kind === "fault") return failed("unreadable", read.reason);
    return limit.isOver() ? failed("timeout", "no answer in time") : failed("cancelled", "closing");
  } catch (error) {
    return failureOf(error, limit.isOver());
  } finally {
    limit.release();
    connection?.destroy();
  }
}

/** Sends a message that has no answer. Failures are nobody's business: such messages are best effort. */
export async function sendOverStream(
  parts: StreamParts,
  to: Address,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const limit = limitedBy(parts.clock, parts.streamTimeoutMs, signal);
  let connection: Connection | null = null;
  try {
    connection = await parts.transport.connect(to, { timeoutMs: parts.streamTimeoutMs, signal: limit.signal });
    const closing = readMessage(parts.clock, connection, parts.streams.decoder("connect"), limit.signal);
    connection.write(await wrapInSlices(parts.clock, parts.streams.wrap(message, "connect"), limit.signal));
    connection.end();
    // The peer closes once it has read everything; cutting the stream before could lose the tail.
    await closing;
  } catch {
    // Nobody there: the sender of a best-effort message isn't told.
  } finally {
    limit.release();
    connection?.destroy();
  }
}

/**
 * Wraps a message a slice a turn, so that compressing a large state doesn't hold up pings. Rejects if the signal aborts
 * meanwhile: what is cancelled must not be sent.
 */
export async function wrapInSlices(clock: Clock, wrap: StreamWrap, signal?: AbortSignal): Promise<Uint8Array> {
  let isWrapped = false;
  while (!isWrapped) {
    isWrapped = wrap.step(SLICE_BYTES);
    if (!isWrapped) await new Promise<void>((resolve) => clock.soon(resolve));
    if (signal?.aborted === true) throw new TransportError("aborted", "the stream was given up");
  }
  if (wrap.fault !== null) throw new TransportError("too-large", "the message is too long for a stream's frame");
  return wrap.result();
}

/** A signal that aborts after a time or with another one, and tells which it was. */
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
  const detail = error instanceof Error ? error.message : String(error);
  if (isOver) return failed("timeout", detail);
  const code = error instanceof TransportError ? error.code : "closed";
  if (code === "too-large") return failed("unreadable", detail);
  if (code === "refused" || code === "unreachable") return failed("refused", detail);
  return failed(code === "timeout" ? "timeout" : "cancelled", detail);
}

function failed(failure: ExchangeFailure, detail: string): ExchangeResult {
  return { ok: false, failure, detail };
}

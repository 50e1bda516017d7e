import type { StreamCodec, StreamDecoder, StreamSide } from "@hearsay/core/wire";
import type { Connection } from "../transport/transport.ts";
import type { StreamShare } from "./stream-room.ts";
import type { Turns } from "./turns.ts";

/** Bytes compressed or read in one slice: well below 5 ms of work. */
export const SLICE_BYTES: number = 64 * 1024;

/**
 * How reading one message from a stream ended. `answer` is what to tell the peer of a fault, if anything; `hadNoRoom`
 * means that reading was waiting for room.
 */
export type ReadResult =
  | { readonly kind: "message"; readonly message: Uint8Array }
  | { readonly kind: "closed"; readonly hadNoRoom: boolean }
  | { readonly kind: "fault"; readonly reason: string; readonly answer: string | null }
  | { readonly kind: "aborted"; readonly hadNoRoom: boolean };

/** Observes the progress of reading. */
export interface ReadWatcher {
  /** Whether this node makes the peer wait: for a turn, or for room. */
  held(isHeld: boolean): void;
  /** The connection is over, perhaps long after the message. A paused transport may report this only after `resume`. */
  closed(): void;
}

const NO_WATCHER: ReadWatcher = { held() {}, closed() {} };

/** What reading works with. */
export interface ReadParts {
  readonly streams: StreamCodec;
  readonly turns: Turns;
}

/**
 * Reads one message, a slice at a time and in turn with all other streams, so that none of them delays pings, and
 * within the stream's share of the room. The peer is paused while it is ahead. Always resolves; the caller destroys the
 * connection.
 */
export function readMessage(
  parts: ReadParts,
  connection: Connection,
  side: StreamSide,
  share: StreamShare,
  signal: AbortSignal,
  watcher: ReadWatcher = NO_WATCHER,
): Promise<ReadResult> {
  return new Promise((resolve) => {
    const reader = new MessageReader(parts, connection, side, share, watcher, (result) => {
      signal.removeEventListener("abort", onAbort);
      resolve(result);
    });
    const onAbort = (): void => reader.finish({ kind: "aborted", hadNoRoom: share.isRefused });
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort);
    connection.listen({
      data: (chunk) => reader.onData(chunk),
      end: () => reader.onEnd(),
      closed: () => {
        reader.onClosed();
        watcher.closed();
      },
    });
  });
}

class MessageReader {
  readonly #turns: Turns;
  readonly #connection: Connection;
  /** Null once reading is over: its buffers belong to the result then. */
  #decoder: StreamDecoder | null;
  readonly #share: StreamShare;
  readonly #watcher: ReadWatcher;
  readonly #resolve: (result: ReadResult) => void;
  /** Chunks not yet processed: at most one, unless the transport delivers while paused. */
  readonly #chunks: Uint8Array[] = [];
  #isDone = false;
  #isAsking = false;
  #isPaused = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(
    { streams, turns }: ReadParts,
    connection: Connection,
    side: StreamSide,
    share: StreamShare,
    watcher: ReadWatcher,
    resolve: (result: ReadResult) => void,
  ) {
    this.#turns = turns;
    this.#connection = connection;
    this.#decoder = streams.decoder(side, share.hold);
    this.#share = share;
    this.#watcher = watcher;
    this.#resolve = resolve;
  }

  onData(chunk: Uint8Array): void {
    if (this.#isDone) return;
    this.#chunks.push(chunk);
    this.#ask(chunk.length);
    // Unread chunks must not pile up here, so the peer has to wait.
    if (this.#chunks.length > 0 && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection.pause();
      this.#watcher.held(true);
    }
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#ask(0);
  }

  onClosed(): void {
    this.#isClosed = true;
    this.onEnd();
  }

  finish(result: ReadResult): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#decoder = null;
    if (result.kind !== "message") this.#share.hold(0);
    this.#chunks.length = 0;
    this.#resume();
    this.#resolve(result);
  }

  #ask(work: number): void {
    if (this.#isDone || this.#isAsking) return;
    this.#isAsking = true;
    this.#turns.run(work, () => {
      this.#isAsking = false;
      if (this.#decoder !== null) this.#work(this.#decoder);
    });
  }

  #work(decoder: StreamDecoder): void {
    while (this.#chunks.length > 0 && decoder.push(this.#chunks[0] as Uint8Array)) this.#chunks.shift();
    if (this.#chunks.length > 0) return this.#awaitRoom();
    this.#resume();
    if (this.#hasEnded) decoder.end();
    switch (decoder.step(SLICE_BYTES)) {
      case "message":
        return this.finish({ kind: "message", message: decoder.message });
      case "failed":
        return this.#fail(decoder.fault?.reason ?? "truncated", decoder.answer);
      case "closed":
        return this.finish({ kind: "closed", hadNoRoom: false });
      case "working":
        this.#watcher.held(true);
        return this.#ask(SLICE_BYTES);
      case "no-room":
        return this.#awaitRoom();
      case "need-more":
        if (this.#isClosed) this.finish({ kind: "closed", hadNoRoom: false });
        else this.#watcher.held(false);
    }
  }

  #awaitRoom(): void {
    if (this.#isClosed) return this.finish({ kind: "closed", hadNoRoom: true });
    if (this.#share.isHopeless) return this.#fail("too-large", "the message is too long");
    this.#watcher.held(true);
    this.#share.whenRoom(() => this.#ask(SLICE_BYTES));
  }

  #fail(reason: string, answer: string | null): void {
    this.finish({ kind: "fault", reason, answer });
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection.resume();
  }
}

import { FAULTS, isFault, type WireFault } from "./faults.ts";
import { STREAM_MESSAGE_BYTES_MAX } from "./limits.ts";
import { PUSH_PULL, USER } from "./messages.ts";
import { MsgpackSkipper, type SkipProgress } from "./msgpack-skipper.ts";
import { readPushPullHeader, readStreamUserLength } from "./push-pull.ts";
import { StructReader } from "./struct-reader.ts";

/**
 * Finds the end of a plain message on a stream while it arrives (docs/protocol/memberlist.md, section 3.4). The stream
 * has no length prefix for it. The search never starts over, and lengths beyond the limits are refused as soon as they
 * are claimed.
 */
export class MessageExtent {
  readonly #structs: StructReader = new StructReader();
  readonly #skipper: MsgpackSkipper = new MsgpackSkipper();
  #start = 0;
  #isHeaderRead = false;
  /** Raw bytes after the last msgpack value. */
  #rawLength = 0;

  /** Starts on the message whose type byte is at `start`. */
  begin(start: number): void {
    this.#start = start;
    this.#isHeaderRead = false;
    this.#rawLength = 0;
    this.#skipper.begin(start + 1, 1, start + STREAM_MESSAGE_BYTES_MAX);
  }

  /** The end of the message, once `run` has returned "done". */
  get end(): number {
    return this.#skipper.at + this.#rawLength;
  }

  /** Continues over the received bytes, which end at `end`, and over at most `valuesMax` values. */
  run(bytes: Uint8Array, end: number, valuesMax: number): SkipProgress {
    let progress = this.#skipper.run(bytes, end, valuesMax);
    if (progress === "done" && !this.#isHeaderRead) {
      const fault = this.#readHeader(bytes, end);
      if (fault !== null) return fault;
      progress = this.#skipper.run(bytes, end, valuesMax);
    }
    return progress === "done" && this.end > end ? "need-more" : progress;
  }

  /** Reads from the first map what follows it. */
  #readHeader(bytes: Uint8Array, end: number): WireFault | null {
    this.#isHeaderRead = true;
    const limit = this.#start + STREAM_MESSAGE_BYTES_MAX;
    if (bytes[this.#start] === PUSH_PULL) {
      const header = readPushPullHeader(this.#structs, bytes, this.#start, end);
      if (isFault(header)) return header;
      this.#skipper.begin(this.#skipper.at, header.nodes, limit - header.userStateLength);
      this.#rawLength = header.userStateLength;
    } else if (bytes[this.#start] === USER) {
      const length = readStreamUserLength(this.#structs, bytes, this.#start, end);
      if (typeof length !== "number") return length;
      this.#rawLength = length;
    }
    return this.end > limit ? FAULTS.tooLarge : null;
  }
}

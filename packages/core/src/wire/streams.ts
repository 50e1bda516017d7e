import type { WireOptions } from "./options.ts";
import { type Hold, StreamDecoder, type StreamSide } from "./stream-decoder.ts";
import { StreamWrap } from "./stream-wrap.ts";

/** Streams of one node, in and out (docs/protocol/memberlist.md, section 7): one message in each direction. */
export class StreamCodec {
  readonly options: WireOptions;

  constructor(options: WireOptions) {
    this.options = options;
  }

  /** Starts to wrap a message, which must not change meanwhile. The side that connects writes the label before it. */
  wrap(message: Uint8Array, side: StreamSide): StreamWrap {
    return new StreamWrap(this.options, message, side === "connect");
  }

  /** Reads what this side of a stream is sent; `hold` bounds what it may hold of it meanwhile. */
  decoder(side: StreamSide, hold?: Hold): StreamDecoder {
    return new StreamDecoder(this.options, side, hold);
  }
}

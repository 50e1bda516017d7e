import type { WireOptions } from "./options.ts";
import { type Hold, StreamDecoder, type StreamSide } from "./stream-decoder.ts";
import { StreamWrap } from "./stream-wrap.ts";

/** Reads and writes the streams of one node (docs/protocol/memberlist.md, section 7): one message in each direction. */
export class StreamCodec {
  readonly options: WireOptions;

  constructor(options: WireOptions) {
    this.options = options;
  }

  /** Starts to wrap a message, which must not change meanwhile. The connecting side writes the label before it. */
  wrap(message: Uint8Array, side: StreamSide): StreamWrap {
    return new StreamWrap(this.options, message, side === "connect");
  }

  /** Reads the message that this side of a stream receives; `hold` bounds the memory for it. */
  decoder(side: StreamSide, hold?: Hold): StreamDecoder {
    return new StreamDecoder(this.options, side, hold);
  }
}

import {
  encodeMessage,
  Keyring,
  LzwDecoder,
  LzwEncoder,
  MessageDecoder,
  MessageEncoder,
  openSealed,
  PacketCodec,
  PushPullReader,
  seal,
  sealedLength,
  wireOptions,
} from "@hearsay/core/wire";
import { nodeCipher } from "hearsay/internal";
import type { Figure } from "./figures.ts";
import type { Meter } from "./meter.ts";
import { alive, members, packetOfAlives, pushPull, SAMPLES } from "./sample-messages.ts";

const ENTRIES = 1000;

/** The costs of encoding and decoding every message and wrapper. */
export function codecCosts(meter: Meter): Figure[] {
  return [...messages(meter), ...compound(meter), ...states(meter), ...compression(meter), ...sealing(meter)];
}

function messages(meter: Meter): Figure[] {
  const figures: Figure[] = [];
  for (const [name, message] of SAMPLES) {
    const encoder = new MessageEncoder();
    const decoder = new MessageDecoder();
    const bytes = encodeMessage(message);
    figures.push(
      meter.measure(`encode ${name} (${bytes.length} B)`, () => encoder.encode(message).length),
      meter.measure(`decode ${name}`, () => decoder.decode(bytes, 0, bytes.length).type),
    );
  }
  return figures;
}

/** A packet of eight alives, encoded and decoded, with checksum and without compression. */
function compound(meter: Meter): Figure[] {
  const codec = new PacketCodec(wireOptions({ compression: false }));
  const parts = Array.from({ length: 8 }, (_, i) => encodeMessage(alive(i, 40)));
  const pack = (): Uint8Array => {
    codec.begin();
    for (const part of parts) codec.add(part);
    return codec.finish(true);
  };
  const bytes = pack().slice();
  let seen = 0;
  const sink = {
    message(): void {
      seen++;
    },
    fault(): void {
      throw new Error("a packet of our own was refused");
    },
  };
  const what = `a compound of 8 alives with checksum (${bytes.length} B)`;
  return [
    meter.measure(`pack ${what}`, () => pack().length),
    meter.measure(`unpack ${what}`, () => {
      codec.unpack(bytes, sink);
      return seen;
    }),
  ];
}

function states(meter: Meter): Figure[] {
  const known = members(ENTRIES, 0);
  const bytes = pushPull(known);
  const read = (): number => {
    const reader = new PushPullReader(bytes);
    let count = 0;
    while (reader.next() !== null) count++;
    return count;
  };
  return [
    meter.measure("write a push/pull, per entry", () => pushPull(known).length, ENTRIES),
    meter.measure("read a push/pull, per entry", read, ENTRIES),
  ];
}

function compression(meter: Meter): Figure[] {
  const plain = packetOfAlives();
  const encoder = new LzwEncoder();
  const decoder = new LzwDecoder();
  const out = new Uint8Array(4096);
  const compress = (): Uint8Array => {
    encoder.begin(plain);
    encoder.step(plain.length);
    return encoder.result();
  };
  const bytes = compress().slice();
  return [
    meter.measure(`compress 1,300 B to ${bytes.length} B`, () => compress().length),
    meter.measure("decompress them", () => {
      decoder.beginInto(bytes, out, 0, out.length);
      decoder.step(Number.POSITIVE_INFINITY);
      return decoder.result().length;
    }),
  ];
}

/** The library's AES-GCM by `node:crypto`, with a key of 256 bits. */
function sealing(meter: Meter): Figure[] {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const cipher = nodeCipher();
  const keyring = new Keyring([], key);
  const label = new Uint8Array(0);
  const figures: Figure[] = [];
  for (const length of [100, 1300]) {
    const plain = packetOfAlives().subarray(0, length);
    const out = new Uint8Array(sealedLength(1, length));
    seal(cipher, key, 1, plain, label, out, 0);
    const blob = out.slice();
    figures.push(
      meter.measure(`seal ${length} B`, () => seal(cipher, key, 1, plain, label, out, 0)),
      meter.measure(`open ${length} B`, () => ("length" in openSealed(cipher, keyring, blob, label) ? 1 : Number.NaN)),
    );
  }
  return figures;
}

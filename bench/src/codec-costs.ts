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
import type { GoCosts } from "./go-costs.ts";
import { costRows, type Effort, measure } from "./meter.ts";
import type { Row } from "./rows.ts";
import { alive, members, packetOfAlives, pushPull, SAMPLES } from "./samples.ts";

const ENTRIES = 1000;

/** Encoding and decoding of every message and wrapper. */
export function codecCosts(effort: Effort, go: GoCosts): Row[] {
  return [
    ...messages(effort, go),
    ...compound(effort),
    ...states(effort, go),
    ...compression(effort, go),
    ...sealing(effort, go),
  ];
}

function messages(effort: Effort, go: GoCosts): Row[] {
  const rows: Row[] = [];
  for (const [name, message] of SAMPLES) {
    const encoder = new MessageEncoder();
    const decoder = new MessageDecoder();
    const bytes = encodeMessage(message);
    const encode = measure(effort, () => encoder.encode(message).length);
    const decode = measure(effort, () => decoder.decode(bytes, 0, bytes.length).type);
    rows.push(...costRows(`encode ${name} (${bytes.length} B)`, encode, go.get(`encode ${name}`)));
    rows.push(...costRows(`decode ${name}`, decode, go.get(`decode ${name}`)));
  }
  return rows;
}

/** A packet of eight alives, from the messages to the bytes and back, with checksum and without compression. */
function compound(effort: Effort): Row[] {
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
  const packed = measure(effort, () => pack().length);
  const unpacked = measure(effort, () => {
    codec.unpack(bytes, sink);
    return seen;
  });
  const what = `a compound of 8 alives with checksum (${bytes.length} B)`;
  return [...costRows(`pack ${what}`, packed), ...costRows(`unpack ${what}`, unpacked)];
}

function states(effort: Effort, go: GoCosts): Row[] {
  const known = members(ENTRIES, 0);
  const bytes = pushPull(known);
  const encode = measure(effort, () => pushPull(known).length);
  const decode = measure(effort, () => {
    const reader = new PushPullReader(bytes);
    let count = 0;
    while (reader.next() !== null) count++;
    return count;
  });
  return [
    ...costRows("write a push/pull, per entry", encode, go.get("write a push/pull entry"), ENTRIES),
    ...costRows("read a push/pull, per entry", decode, go.get("read a push/pull entry"), ENTRIES),
  ];
}

function compression(effort: Effort, go: GoCosts): Row[] {
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
  const compressed = measure(effort, () => compress().length);
  const decompressed = measure(effort, () => {
    decoder.beginInto(bytes, out, 0, out.length);
    decoder.step(Number.POSITIVE_INFINITY);
    return decoder.result().length;
  });
  return [
    ...costRows(`compress 1,300 B to ${bytes.length} B`, compressed, go.get("compress")),
    ...costRows("decompress them", decompressed, go.get("decompress")),
  ];
}

/** The library's AES-GCM by `node:crypto`, with a key of 256 bits. */
function sealing(effort: Effort, go: GoCosts): Row[] {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const cipher = nodeCipher();
  const keyring = new Keyring([], key);
  const label = new Uint8Array(0);
  const rows: Row[] = [];
  for (const length of [100, 1300]) {
    const plain = packetOfAlives().subarray(0, length);
    const out = new Uint8Array(sealedLength(1, length));
    seal(cipher, key, 1, plain, label, out, 0);
    const blob = out.slice();
    const sealed = measure(effort, () => seal(cipher, key, 1, plain, label, out, 0));
    const opened = measure(effort, () => ("length" in openSealed(cipher, keyring, blob, label) ? 1 : Number.NaN));
    rows.push(...costRows(`seal ${length} B`, sealed, go.get(`seal ${length}`)));
    rows.push(...costRows(`open ${length} B`, opened, go.get(`open ${length}`)));
  }
  return rows;
}

import { randomBytes } from "node:crypto";
import { type Address, presetConfig, Sfc32, Swim } from "@hearsay/core";
import { type Alive, Keyring, PacketCodec, StreamCodec, wireOptions } from "@hearsay/core/wire";
import { nodeCipher } from "hearsay/internal";
import { percentile, type Row, row } from "./rows.ts";
import { address, members, pushPull } from "./sample-messages.ts";
import { stopwatch } from "./thread-time.ts";

/** Bytes that the driver compresses or reads in one turn. */
const SLICE_BYTES = 64 * 1024;
const WARM_FROM = 3;

const PEER: Address = address("127.0.0.1", 7001);
const KEY: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => i);

/** The times of each kind of step. */
type Steps = Map<string, number[]>;

/**
 * The same exchange without sockets, in the driver's steps, to find the longest. Sealing or opening the frame is one
 * step, whatever its length.
 */
export function sliceSteps(count: number, rounds: number): Row[] {
  const of = members(count, 0, PEER).map((member): Alive => ({ ...member, meta: Uint8Array.from(randomBytes(64)) }));
  const state = pushPull(of, false);
  const steps: Steps = new Map();
  for (let round = 0; round < rounds; round++) exchange(state, round < WARM_FROM ? new Map() : steps);
  return [...steps].flatMap(([name, times]) => [
    row("slices", `step: ${name}, median`, "ms", [percentile(times, 50)]),
    row("slices", `step: ${name}, longest`, "ms", [Math.max(...times)]),
  ]);
}

function exchange(state: Uint8Array, steps: Steps): void {
  const swim = new Swim({
    name: "self",
    address: address("127.0.0.1", 7000),
    config: presetConfig("lan"),
    packets: new PacketCodec(wireOptions()),
    random: new Sfc32(1),
  });
  const asked: number[] = [];
  const out = {
    datagram(): void {},
    exchange: (token: number) => asked.push(token),
    cancelExchange(): void {},
    answer(): void {},
    event(): void {},
  };
  swim.start(0, out);
  for (const what of ["new", "known"]) {
    const encoding = what === "new" ? "encode an empty state" : "encode a slice, 10,000 members";
    timed(steps, encoding, () => swim.join(0, 1, [PEER], out));
    while (swim.occupancy.statesEncoding > 0) timed(steps, encoding, () => swim.advance(0, out));
    swim.exchangeDone(0, asked.pop() ?? 0, { ok: true, message: state }, out);
    while (swim.occupancy.statesMerging > 0) timed(steps, `merge a slice, ${what} members`, () => swim.advance(0, out));
  }
  wrap(state, steps);
}

/** Compresses and seals a state, then opens and decompresses it. */
function wrap(state: Uint8Array, steps: Steps): void {
  const streams = new StreamCodec(wireOptions({ keyring: new Keyring([], KEY), cipher: nodeCipher() }));
  const wrapping = streams.wrap(state, "connect");
  let hasWrapped = false;
  for (let at = SLICE_BYTES; !hasWrapped; at += SLICE_BYTES) {
    const name = at < state.length ? "compress 64 KiB" : "compress the rest and seal the frame";
    hasWrapped = timed(steps, name, () => wrapping.step(SLICE_BYTES));
  }
  const decoder = streams.decoder("accept");
  decoder.push(wrapping.result());
  let progress = timed(steps, "open the frame and decompress 64 KiB", () => decoder.step(SLICE_BYTES));
  while (progress === "working") progress = timed(steps, "decompress 64 KiB", () => decoder.step(SLICE_BYTES));
}

function timed<T>(steps: Steps, name: string, work: () => T): T {
  const elapsed = stopwatch();
  const result = work();
  const took = elapsed();
  const times = steps.get(name);
  if (times === undefined) steps.set(name, [took]);
  else times.push(took);
  return result;
}

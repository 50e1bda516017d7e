import { below, presetConfig, Sfc32, Swim, type SwimConfig } from "@hearsay/core";
import { ALIVE, encodeMessage, Keyring, PacketCodec, type WireOptions, wireOptions } from "@hearsay/core/wire";
import { OCCUPANCY_MAX } from "@hearsay/testkit/cluster/occupancy-limits";
import { nodeCipher } from "hearsay/internal";
import { FuzzTraffic } from "./fuzz-traffic.ts";
import { collect, heapBytes } from "./meter.ts";
import { QuietOutbox } from "./quiet-outbox.ts";
import { type Row, row } from "./rows.ts";
import { address, alive, hostOf } from "./sample-messages.ts";

/** Limit of the heap's growth at any check, beyond its size with the first members, in MiB. */
const HEAP_MIB_MAX = 24;
const MEMBERS = 100;
/** Low limits, so that they are reached and their handling is tested, too. */
const MEMBERS_MAX = 400;
const RUMORS_MAX = 64;
const FLOOD_PACKETS = 4096;
/** Packets per check of the fill levels, and such checks per check of the heap, which costs a collection. */
const PACKETS_PER_LOOK = 100;
const LOOKS_PER_HEAP = 250;

type Occupancy = Swim["occupancy"];

interface Node {
  readonly swim: Swim;
  readonly out: QuietOutbox;
  readonly config: SwimConfig;
  now: number;
}

/**
 * Feeds damaged packets to a node of each kind of pool while time passes. Sets the exit code to 1 if anything throws or
 * grows beyond its limit. The seed, in the environment variable FUZZ_SEED, repeats a run.
 */
export async function fuzz(packets: number): Promise<Row[]> {
  const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() >>> 0) >>> 0;
  process.stderr.write(`seed ${seed}\n`);
  const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
  const secrets = { keyring: new Keyring([], key), cipher: nodeCipher() };
  const label = Uint8Array.from(Buffer.from("dc1"));
  const pools: readonly (readonly [string, WireOptions])[] = [
    ["plain", wireOptions()],
    ["labelled", wireOptions({ label })],
    ["encrypted", wireOptions({ ...secrets })],
    ["labelled and encrypted", wireOptions({ ...secrets, label })],
  ];
  return pools.flatMap(([name, options], index) => {
    const run = new FuzzRun(name, options, new Sfc32(seed, index));
    return run.feed(Math.ceil(packets / pools.length));
  });
}

class FuzzRun {
  readonly #name: string;
  readonly #random: Sfc32;
  readonly #traffic: FuzzTraffic;
  readonly #node: Node;
  readonly #fullest = new Map<string, number>();
  #heapGrowth = 0;
  #workMs = 0;

  constructor(name: string, options: WireOptions, random: Sfc32) {
    this.#name = name;
    this.#random = random;
    this.#traffic = new FuzzTraffic(random, options, MEMBERS);
    this.#node = pool(options, random);
  }

  feed(packets: number): Row[] {
    collect();
    const before = heapBytes();
    for (let sent = 0; sent < packets; sent++) {
      this.#one(sent);
      if (sent % PACKETS_PER_LOOK === 0) this.#look();
      if (sent % (PACKETS_PER_LOOK * LOOKS_PER_HEAP) === 0 || sent === packets - 1) {
        collect();
        this.#heapGrowth = Math.max(this.#heapGrowth, heapBytes() - before);
      }
    }
    const growth = this.#heapGrowth / 2 ** 20;
    if (growth > HEAP_MIB_MAX) this.#broken(`the heap grew by ${growth.toFixed(1)} MiB; ${HEAP_MIB_MAX} are allowed`);
    return this.#rows(packets, growth);
  }

  #one(sent: number): void {
    const { swim, out } = this.#node;
    const from = address(hostOf(below(this.#random, MEMBERS)));
    const packet = this.#traffic.next();
    this.#node.now += this.#step(sent);
    const start = performance.now();
    try {
      swim.receive(this.#node.now, from, packet, out);
      this.#advance();
    } catch (error) {
      this.#broken(`packet ${sent}, ${Buffer.from(packet).toString("hex")}: ${String(error)}`);
    }
    this.#workMs += performance.now() - start;
    this.#streams(sent);
  }

  /**
   * Time advances by 2 ms per packet on average, except in floods, when it stands still, and in an occasional long
   * sleep.
   */
  #step(sent: number): number {
    if (below(this.#random, 20_000) === 0) return below(this.#random, 60_000);
    return Math.floor(sent / FLOOD_PACKETS) % 2 === 0 ? below(this.#random, 5) : 0;
  }

  /** Delivers states occasionally, requested and not. */
  #streams(sent: number): void {
    const { swim, out, now } = this.#node;
    try {
      const asked = below(this.#random, 64) === 0 ? out.exchanges.shift() : undefined;
      if (asked !== undefined) {
        const isAnswered = below(this.#random, 2) === 0;
        const failed = { ok: false, failure: "timeout", detail: "no answer" } as const;
        swim.exchangeDone(now, asked.token, isAnswered ? { ok: true, message: this.#traffic.state() } : failed, out);
      }
      if (sent % 500 === 0) {
        const from = address(hostOf(below(this.#random, MEMBERS)));
        swim.accept(now, sent, from, this.#traffic.state(), out);
      }
    } catch (error) {
      this.#broken(`a state after packet ${sent}: ${String(error)}`);
    }
  }

  #advance(): void {
    const { swim, out, now } = this.#node;
    for (let calls = 0; swim.nextDeadline() <= now; calls++) {
      swim.advance(now, out);
      if (calls > 1000) throw new Error("the node never rests");
    }
  }

  #look(): void {
    const { swim, config } = this.#node;
    const occupancy = swim.occupancy;
    for (const [what, limit] of limits(occupancy, config)) {
      const level = occupancy[what];
      this.#fullest.set(what, Math.max(level, this.#fullest.get(what) ?? 0));
      if (level > limit) this.#broken(`${level} ${what}; ${limit} are allowed`);
    }
  }

  #broken(what: string): void {
    process.stderr.write(`${this.#name}: ${what}\n`);
    process.exitCode = 1;
  }

  #rows(packets: number, growth: number): Row[] {
    const { swim, config } = this.#node;
    const rows = [
      row("fuzz", `${this.#name}: packets taken a second`, "1/s", [(packets * 1000) / this.#workMs]),
      row("fuzz", `${this.#name}: packets refused`, "%", [(100 * swim.counters.datagramsRefused) / packets]),
      row("fuzz", `${this.#name}: most heap beyond the start, of ${HEAP_MIB_MAX}`, "MiB", [growth]),
    ];
    for (const [what, limit] of limits({ ...swim.occupancy, members: config.membersMax }, config)) {
      rows.push(row("fuzz", `${this.#name}: most ${what}, of ${limit}`, "", [this.#fullest.get(what) ?? 0]));
    }
    return rows;
  }
}

/**
 * The limits of docs/reference/limits.md, with the two that this run sets itself. Every suspicion belongs to a member,
 * so members bound them.
 */
function limits(occupancy: Occupancy, config: SwimConfig): readonly (readonly [keyof Occupancy, number])[] {
  const { probes, relays, statesMerging, exchanges, lost, deadlines } = OCCUPANCY_MAX;
  return [
    ["members", config.membersMax],
    ["rumors", config.rumorsMax],
    ["suspicions", occupancy.members],
    ["probes", probes],
    ["relays", relays],
    ["statesMerging", statesMerging],
    ["exchanges", exchanges],
    ["lost", lost],
    ["deadlines", deadlines],
  ];
}

/** A node that lists 100 other members. */
function pool(options: WireOptions, random: Sfc32): Node {
  const config = { ...presetConfig("lan"), membersMax: MEMBERS_MAX, rumorsMax: RUMORS_MAX };
  const packets = new PacketCodec(options);
  const swim = new Swim({ name: "self", address: address("10.1.0.1"), config, packets, random });
  const out = new QuietOutbox();
  swim.start(0, out);
  const codec = new PacketCodec(options);
  for (let i = 0; i < MEMBERS; i++) {
    codec.begin();
    codec.add(encodeMessage({ ...alive(i, 20), type: ALIVE, incarnation: 1 }));
    swim.receive(0, address(hostOf(i)), codec.finish(false).slice(), out);
  }
  if (swim.occupancy.members !== MEMBERS + 1) throw new Error("the pool did not form");
  return { swim, out, config, now: 0 };
}

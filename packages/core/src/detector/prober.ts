import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, PROBE_DEADLINE, PROBE_TICK, PROBE_TIMEOUT } from "../base/deadlines.ts";
import { below, type Random, unit } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import { type Call, PROBE, withProvenance } from "../call/call.ts";
import type { ProbeReport } from "../call/events.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import { accusation } from "../membership/accusation.ts";
import { type MemberRecord, readsChecksums, versionMax } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import type { Selection } from "../membership/selection.ts";
import { ALIVE_STATUS, SUSPECT_STATUS } from "../membership/status.ts";
import { encodeMessage } from "../wire/encode.ts";
import { DEAD, INDIRECT_PING, PING, type Ping } from "../wire/messages.ts";
import type { Awareness } from "./awareness.ts";
import type { Sequence } from "./sequence.ts";

/** Probes in progress at the same time. With this many, a tick is skipped. */
export const PROBES_MAX = 64;

/** Protocol versions from which a peer answers pings on streams and sends nacks (section 11.1). */
const STREAM_PINGS_FROM = 3;
const NACKS_FROM = 4;

/** One probe in progress. */
interface Probe {
  readonly slot: Slot;
  readonly record: MemberRecord;
  /** The incarnation that was probed. A failure accuses this one, so that a refutation in the meantime stands. */
  readonly incarnation: number;
  readonly sentAt: number;
  deadline: number;
  hasAskedOthers: boolean;
  direct: ProbeReport["direct"];
  stream: ProbeReport["stream"];
  isStreamAnswered: boolean;
  readonly helpers: string[];
  nacksExpected: number;
  nacks: number;
}

/** What the prober works with. */
export interface ProberParts {
  readonly config: SwimConfig;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly membership: Membership;
  readonly selection: Selection;
  readonly awareness: Awareness;
  readonly deadlines: Deadlines;
  readonly sequence: Sequence;
  readonly sender: PacketSender;
  readonly counters: Counters;
  readonly random: Random;
  readonly self: Slot;
  /** Whether to ping a member over a stream if it does not answer datagrams. */
  readonly streamPings: boolean;
  /** A round through the probe order is complete: time to reap (12.8). */
  roundDone(call: Call): void;
  /** Requests a ping over a stream; `streamAnswered` reports the outcome. */
  pingOverStream(call: Call, seqNo: number, to: Address, request: Uint8Array, deadline: number): void;
  /** The stream answered where datagrams did not. */
  datagramsBlocked(call: Call, record: MemberRecord): void;
  answered(call: Call, record: MemberRecord, roundTripMs: number, payload: Uint8Array | null): void;
}

/**
 * Detects failed members: pings one member each interval, and tries helpers and the stream port before it accuses the
 * member (docs/protocol/memberlist.md, section 13).
 */
export class Prober {
  readonly #parts: ProberParts;
  readonly #probes = new Map<number, Probe>();
  #position = 0;
  #hasMissedTick = false;

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** Probes in progress. */
  get size(): number {
    return this.#probes.size;
  }

  /** Arms the first tick, at a random point of the interval so that nodes started together don't probe in lockstep. */
  start(now: number): void {
    const { config, deadlines, random } = this.#parts;
    if (config.probeIntervalMs > 0) deadlines.push(now + unit(random) * config.probeIntervalMs, PROBE_TICK);
  }

  tick(call: Call): void {
    const { config, deadlines, rules, random, awareness } = this.#parts;
    const stretch = rules.overlappingProbes ? awareness.factor : 1;
    const jitter = rules.jitter ? 0.9 + 0.2 * unit(random) : 1;
    deadlines.push(call.now + config.probeIntervalMs * stretch * jitter, PROBE_TICK);
    // The reference waits for a slow probe and keeps one of the ticks in between.
    this.#hasMissedTick = this.#probes.size >= (rules.overlappingProbes ? PROBES_MAX : 1);
    if (!this.#hasMissedTick) this.#probeNext(call);
  }

  #probeNext(call: Call): void {
    const { rules } = this.#parts;
    const slot = rules.probeOrder === "random" ? this.#randomTarget() : this.#nextTarget(call);
    if (slot >= 0) this.#probe(call, slot);
  }

  /** Handles an ack. True if it answers a probe of this node. */
  acked(call: Call, seqNo: number, payload: Uint8Array | null): boolean {
    const probe = this.#probes.get(seqNo);
    if (probe === undefined) return false;
    const elapsed = call.now - probe.sentAt;
    if (!probe.hasAskedOthers && elapsed <= this.#parts.config.probeTimeoutMs) {
      this.#parts.answered(call, probe.record, elapsed, payload);
    } else {
      this.#parts.counters.probesRescued++;
    }
    this.#succeed(call, seqNo, probe);
    return true;
  }

  /** Handles a nack: a helper got no answer from the target either. */
  nacked(seqNo: number): void {
    const probe = this.#probes.get(seqNo);
    if (probe !== undefined) probe.nacks++;
  }

  /** The direct ping has timed out. */
  timedOut(call: Call, seqNo: number): void {
    const probe = this.#probes.get(seqNo);
    if (probe !== undefined && !probe.hasAskedOthers) this.#askOthers(call, seqNo, probe);
  }

  /** The operating system could not send to this address, so no ack will come. */
  unsendable(call: Call, to: Address): void {
    for (const [seqNo, probe] of this.#probes) {
      if (probe.hasAskedOthers || probe.record.address.key !== to.key) continue;
      probe.direct = "unsendable";
      this.#askOthers(call, seqNo, probe);
    }
  }

  /** Handles the outcome of the ping over a stream. */
  streamAnswered(seqNo: number, outcome: "answered" | "refused" | "silent"): void {
    const probe = this.#probes.get(seqNo);
    if (probe === undefined) return;
    // Acks by datagram still count until the deadline: a member that was only slow answers both, and its network works.
    if (outcome === "answered") probe.isStreamAnswered = true;
    else probe.stream = outcome;
  }

  /** This node was late by `lateMs`: probes get that much more time. The caller moves their deadlines in the heap. */
  postpone(lateMs: number): void {
    for (const probe of this.#probes.values()) probe.deadline += lateMs;
  }

  /** Whether a probe with this sequence number is in progress. */
  has(seqNo: number): boolean {
    return this.#probes.has(seqNo);
  }

  /** The probe's final deadline has passed. */
  expired(call: Call, seqNo: number): void {
    const probe = this.#probes.get(seqNo);
    if (probe === undefined) return;
    if (probe.isStreamAnswered) {
      this.#parts.counters.probesRescued++;
      this.#parts.datagramsBlocked(call, probe.record);
      this.#succeed(call, seqNo, probe);
      return;
    }
    this.#probes.delete(seqNo);
    this.#parts.counters.probesFailed++;
    if (this.#parts.rules.localHealth) this.#parts.awareness.apply(blame(probe));
    this.#judge(call, probe);
    this.#makeUp(call);
  }

  /** Starts the probe of a tick that was missed during another probe. */
  #makeUp(call: Call): void {
    if (!this.#hasMissedTick || this.#parts.rules.overlappingProbes) return;
    this.#hasMissedTick = false;
    this.#probeNext(call);
  }

  #nextTarget(call: Call): Slot {
    const { table, self } = this.#parts;
    for (let checked = 0; checked < table.size; ) {
      if (this.#position >= table.size) {
        this.#position = 0;
        checked++;
        this.#parts.roundDone(call);
        continue;
      }
      const slot = table.probeAt(this.#position++);
      const status = table.status(slot);
      if (slot !== self && (status === ALIVE_STATUS || status === SUSPECT_STATUS)) return slot;
      checked++;
    }
    return -1;
  }

  #randomTarget(): Slot {
    const { table, random, self } = this.#parts;
    const candidates = table.groupEnd(SUSPECT_STATUS);
    if (candidates < 2) return -1;
    // Draw among the others: a draw of this node means the last candidate.
    const slot = table.at(below(random, candidates - 1));
    return slot === self ? table.at(candidates - 1) : slot;
  }

  #probe(call: Call, slot: Slot): void {
    const { config, table, awareness, deadlines, sequence, sender, counters, rules } = this.#parts;
    const factor = rules.localHealth ? awareness.factor : 1;
    // If the timeout fills the interval, helpers get as much time again; probes may overlap.
    const leastMs = config.probeTimeoutMs < config.probeIntervalMs ? 0 : 2 * config.probeTimeoutMs;
    const duration = Math.max(config.probeIntervalMs * factor, leastMs);
    const seqNo = sequence.next();
    const record = table.record(slot);
    const incarnation = table.incarnation(slot);
    this.#probes.set(seqNo, {
      slot,
      record,
      incarnation,
      sentAt: call.now,
      deadline: call.now + duration,
      hasAskedOthers: false,
      direct: "silent",
      stream: "off",
      isStreamAnswered: false,
      helpers: [],
      nacksExpected: 0,
      nacks: 0,
    });
    counters.probesSent++;
    const ping = this.#ping(seqNo, record.name);
    if (table.status(slot) === SUSPECT_STATUS && rules.buddy) {
      const suspicion = accusation(record.name, incarnation, this.#self.name);
      sender.send(call, record.address, readsChecksums(record), ping, suspicion);
    } else {
      sender.sendWithRumors(call, record.address, record, ping);
    }
    deadlines.push(call.now + config.probeTimeoutMs, PROBE_TIMEOUT, 0, seqNo);
    deadlines.push(call.now + duration, PROBE_DEADLINE, 0, seqNo);
  }

  #askOthers(call: Call, seqNo: number, probe: Probe): void {
    const { config, selection, table, sender, self } = this.#parts;
    probe.hasAskedOthers = true;
    const { record } = probe;
    const count = selection.alive(config.indirectChecks, self, probe.slot);
    for (let i = 0; i < count; i++) {
      const helper = table.record(selection.chosen[i] as number);
      const nack = versionMax(helper) >= NACKS_FROM && this.#parts.rules.localHealth;
      if (nack) probe.nacksExpected++;
      probe.helpers.push(helper.name);
      sender.sendWithRumors(call, helper.address, helper, {
        type: INDIRECT_PING,
        seqNo,
        target: record.address.ip,
        port: record.address.port,
        node: record.name,
        nack,
        sourceAddr: this.#self.address.ip,
        sourcePort: this.#self.address.port,
        sourceNode: this.#self.name,
      });
    }
    if (!this.#parts.streamPings || versionMax(record) < STREAM_PINGS_FROM) return;
    probe.stream = "silent";
    const request = encodeMessage(this.#ping(seqNo, record.name));
    this.#parts.pingOverStream(call, seqNo, record.address, request, probe.deadline);
  }

  #succeed(call: Call, seqNo: number, probe: Probe): void {
    this.#probes.delete(seqNo);
    if (this.#parts.rules.localHealth && probe.direct !== "unsendable") this.#parts.awareness.apply(-1);
    this.#makeUp(call);
  }

  #judge(call: Call, probe: Probe): void {
    const { membership, rules } = this.#parts;
    const { record, incarnation, sentAt, direct, helpers, nacks, stream } = probe;
    const report: ProbeReport = { startedAtMs: sentAt, direct, helpers, nacks, stream };
    if (rules.verdict === "count") return;
    const message = accusation(record.name, incarnation, this.#self.name);
    const found = withProvenance(call, PROBE);
    if (rules.verdict === "suspect") membership.suspect(found, message, report);
    else membership.dead(found, { ...message, type: DEAD }, report);
  }

  #ping(seqNo: number, node: string): Ping {
    const { name, address } = this.#self;
    return { type: PING, seqNo, node, sourceAddr: address.ip, sourcePort: address.port, sourceNode: name };
  }

  get #self(): MemberRecord {
    return this.#parts.table.record(this.#parts.self);
  }
}

/**
 * How much a failed probe adds to this node's own score (section 15): one point for each helper whose nack is missing,
 * which suggests a fault of our own network; one point if no helper could send a nack.
 */
function blame(probe: Probe): number {
  return probe.nacksExpected > 0 ? Math.max(0, probe.nacksExpected - probe.nacks) : 1;
}

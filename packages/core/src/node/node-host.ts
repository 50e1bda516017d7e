import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, LAYER } from "../base/deadlines.ts";
import type { Random } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import type { Call } from "../call/call.ts";
import type { Cause, CauseKind, MemberChange, MemberStatus, MemberView } from "../call/events.ts";
import type { Exchanges } from "../call/exchanges.ts";
import type { ExchangeResult } from "../call/outbox.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import type { Dissemination } from "../dissemination/dissemination.ts";
import type { LayerAnswer, LayerBroadcast, LayerHost } from "../layers/layer-host.ts";
import { deadlineSubject, type LayerStack, subjectPrefix } from "../layers/layer-stack.ts";
import type { Evidence } from "../membership/evidence.ts";
import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import type { Selection } from "../membership/selection.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import { encodeMessage, encodeStreamUser } from "../wire/encode.ts";
import { isFault } from "../wire/faults.ts";
import { USER } from "../wire/messages.ts";
import { decodeStreamUser } from "../wire/push-pull.ts";

/** Dependencies of `NodeHost`. */
export interface NodeHostParts {
  readonly config: SwimConfig;
  readonly random: Random;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly self: Slot;
  readonly selfName: string;
  readonly selfAddress: Address;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly evidence: Evidence;
  readonly selection: Selection;
  readonly dissemination: Dissemination;
  readonly sender: PacketSender;
  readonly exchanges: Exchanges;
  readonly membership: Membership;
  readonly reconnector: { forget(name: string): void };
  readonly layers: LayerStack;
  readonly admits: (address: Address, source: Address | null) => boolean;
}

/** One layer's place in its node. */
export interface LayerPlace {
  readonly name: string;
  readonly isExtension: boolean;
  /** Number of layers below it. */
  readonly index: number;
}

/** The `LayerHost` of one layer. */
export class NodeHost implements LayerHost<unknown> {
  readonly config: SwimConfig;
  readonly random: Random;
  readonly name: string;
  readonly address: Address;
  readonly payloadBytesMax: number;
  readonly repairs: boolean;
  readonly join: LayerHost["join"];
  readonly command: LayerHost["command"];
  readonly #parts: NodeHostParts;
  readonly #layer: LayerPlace;
  readonly #subjectPrefix: string;

  constructor(
    parts: NodeHostParts,
    layer: LayerPlace,
    { payloadBytesMax, join, command }: Pick<LayerHost, "payloadBytesMax" | "join" | "command">,
  ) {
    this.#parts = parts;
    this.#layer = layer;
    this.#subjectPrefix = subjectPrefix(layer.index);
    this.config = parts.config;
    this.random = parts.random;
    this.name = parts.selfName;
    this.address = parts.selfAddress;
    this.payloadBytesMax = payloadBytesMax;
    this.repairs = parts.rules.repairs;
    this.join = join;
    this.command = command;
  }

  event(call: Call, event: unknown): void {
    call.out.event({ type: "layer", layer: this.#layer.name, event });
  }

  changed(call: Call, change: MemberChange): void {
    this.#parts.layers.changed(call, change, this.#layer.index + 1);
  }

  broadcast(call: Call, { payload, subject, onDone = null, ...broadcast }: LayerBroadcast): void {
    const { rumorClass, isEager = true } = broadcast;
    this.#parts.dissemination.broadcast(call, {
      rumorClass,
      subject: this.#subjectPrefix + subject,
      bytes: encodeMessage({ type: USER, payload }),
      onDone,
      isEager: isEager && call.provenance.isEager,
      isExtension: this.#layer.isExtension,
    });
  }

  queued(subjectPrefix: string): number {
    return this.#parts.dissemination.countOf(this.#subjectPrefix + subjectPrefix);
  }

  heardAgain(call: Call, subject: string): void {
    this.#parts.dissemination.heardAgain(call, this.#subjectPrefix + subject);
  }

  send(call: Call, to: Address, payload: Uint8Array): void {
    // No checksum: only the receiver's address is known, not its version (docs/protocol/serf.md, section 3).
    this.#parts.sender.send(call, to, false, { type: USER, payload });
  }

  exchange(
    call: Call,
    to: Address,
    payload: Uint8Array,
    timeoutMs: number,
    done: (call: Call, answer: LayerAnswer) => void,
  ): void {
    const request = encodeStreamUser(payload);
    this.#parts.exchanges.open(call, to, request, call.now + timeoutMs, (answered, result) =>
      done(answered, answerIn(result)),
    );
  }

  wakeAt(at: number, kind: number, stamp: number): void {
    this.#parts.deadlines.push(at, LAYER, deadlineSubject(this.#layer.index, kind), stamp);
  }

  view(name: string): MemberView | undefined {
    const slot = this.#parts.table.find(name);
    return slot < 0 ? undefined : this.#parts.membership.view(slot);
  }

  present(): number {
    return this.#parts.table.groupEnd(SUSPECT_STATUS);
  }

  areAllCapable(): boolean {
    const { table } = this.#parts;
    return table.capable === table.size;
  }

  chooseAlive(count: number): MemberRecord[] {
    const { selection, table, self } = this.#parts;
    const found = selection.alive(count, self);
    return Array.from({ length: found }, (_, i) => table.record(selection.chosen[i] as number));
  }

  admits(address: Address): boolean {
    return this.#parts.admits(address, null);
  }

  note({ now, provenance }: Call, name: string, kind: CauseKind, status: MemberStatus, by: string): Cause {
    const { table, evidence } = this.#parts;
    const { path, from } = provenance;
    const slot = table.find(name);
    const incarnation = slot < 0 ? 0 : table.incarnation(slot);
    const cause: Cause = { kind, atMs: now, status, incarnation, by, path, from, probe: null, accusers: [] };
    evidence.add(name, cause);
    return cause;
  }

  markLeft(name: string): void {
    const { membership, reconnector } = this.#parts;
    membership.markLeft(name);
    reconnector.forget(name);
  }
}

function answerIn(result: ExchangeResult): LayerAnswer {
  if (!result.ok) return result;
  const payload = decodeStreamUser(result.message);
  return isFault(payload) ? { ok: false, failure: "unreadable", detail: payload.reason } : { ok: true, payload };
}

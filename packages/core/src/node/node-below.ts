import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import { type Deadlines, LAYER } from "../base/deadlines.ts";
import type { Random } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import type { Cause, CauseKind, MemberStatus, MemberView } from "../call/events.ts";
import type { Input } from "../call/input.ts";
import type { Mail } from "../call/mail.ts";
import type { Tickets } from "../call/tickets.ts";
import type { Dissemination } from "../dissemination/dissemination.ts";
import type { Below, LayerNews } from "../layers/layer.ts";
import type { Evidence } from "../membership/evidence.ts";
import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import type { Selection } from "../membership/selection.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import type { Heal } from "../sync/heal.ts";
import { encodeMessage } from "../wire/encode.ts";
import { USER } from "../wire/messages.ts";

/** The parts of a node that a layer has to do with. */
export interface NodeBelowParts {
  readonly config: SwimConfig;
  readonly random: Random;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly self: Slot;
  readonly selfName: string;
  readonly selfAddress: Address;
  readonly deadlines: Deadlines;
  readonly evidence: Evidence;
  readonly selection: Selection;
  readonly dissemination: Dissemination;
  readonly mail: Mail;
  readonly membership: Membership;
  readonly heal: Heal;
  readonly tickets: Tickets;
  readonly admits: (address: Address, source: Address | null) => boolean;
}

/** What a layer sees of the node that it is on. */
export class NodeBelow implements Below {
  readonly config: SwimConfig;
  readonly random: Random;
  readonly name: string;
  readonly address: Address;
  readonly payloadBytesMax: number;
  readonly repairs: boolean;
  readonly join: Below["join"];
  readonly depart: Below["depart"];
  readonly command: Below["command"];
  readonly #parts: NodeBelowParts;

  constructor(
    parts: NodeBelowParts,
    { payloadBytesMax, join, depart, command }: Pick<Below, "payloadBytesMax" | "join" | "depart" | "command">,
  ) {
    this.#parts = parts;
    this.config = parts.config;
    this.random = parts.random;
    this.name = parts.selfName;
    this.address = parts.selfAddress;
    this.payloadBytesMax = payloadBytesMax;
    this.repairs = parts.rules.repairs;
    this.join = join;
    this.depart = depart;
    this.command = command;
  }

  tell(input: Input, { payload, rumorClass, subject, wantsTicket }: LayerNews): number {
    const { dissemination, tickets } = this.#parts;
    const ticket = wantsTicket ? tickets.next() : 0;
    const bytes = encodeMessage({ type: USER, payload });
    dissemination.tell(input, { rumorClass, subject, bytes, ticket, isEager: input.eager });
    return ticket;
  }

  telling(subjectPrefix: string): number {
    return this.#parts.dissemination.countOf(subjectPrefix);
  }

  heardAgain(input: Input, subject: string): void {
    this.#parts.dissemination.heardAgain(input, subject);
  }

  send(input: Input, to: Address, payload: Uint8Array): void {
    // Without a checksum: of the receiver only the address is known (docs/protocol/serf.md, section 3).
    this.#parts.mail.alone(input, to, false, { type: USER, payload });
  }

  wakeAt(at: number, kind: number, stamp: number): void {
    this.#parts.deadlines.push(at, LAYER, kind, stamp);
  }

  view(name: string): MemberView | undefined {
    const slot = this.#parts.table.find(name);
    return slot < 0 ? undefined : this.#parts.membership.view(slot);
  }

  views(): MemberView[] {
    const { table, membership } = this.#parts;
    return Array.from({ length: table.size }, (_, place) => membership.view(table.at(place)));
  }

  present(): number {
    return this.#parts.table.groupEnd(SUSPECT_STATUS);
  }

  chooseAlive(count: number): MemberRecord[] {
    const { selection, table, self } = this.#parts;
    const found = selection.alive(count, self);
    return Array.from({ length: found }, (_, i) => table.record(selection.chosen[i] as number));
  }

  admits(address: Address): boolean {
    return this.#parts.admits(address, null);
  }

  note({ now, path, from }: Input, name: string, kind: CauseKind, status: MemberStatus, by: string): Cause {
    const { table, evidence } = this.#parts;
    const slot = table.find(name);
    const incarnation = slot < 0 ? 0 : table.incarnation(slot);
    const cause: Cause = { kind, atMs: now, status, incarnation, by, path, from, probe: null, accusers: [] };
    evidence.add(name, cause);
    return cause;
  }

  hasLeft(name: string): void {
    const { membership, heal } = this.#parts;
    membership.markLeft(name);
    heal.forget(name);
  }
}

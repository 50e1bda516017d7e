import {
  type Address,
  addressFromBytes,
  type Cause,
  type CoreEvent,
  type LayerEvent,
  type Notice,
  type ProbeReport,
} from "@hearsay/core";
import { type MessagingEvent, Messenger } from "@hearsay/core/messaging";
import { JOIN, LEAVE, SerfDecoder, type SerfEvent, STATE, USER_EVENT } from "@hearsay/core/serf";
import {
  ACK,
  ALIVE,
  DEAD,
  INDIRECT_PING,
  isFault,
  MessageDecoder,
  NACK,
  PacketCodec,
  type PacketMessage,
  PING,
  PUSH_PULL,
  PushPullReader,
  STATE_ALIVE,
  STATE_DEAD,
  STATE_LEFT,
  STATE_SUSPECT,
  SUSPECT,
  wireOptions,
} from "@hearsay/core/wire";
import type { Stage } from "./stage.ts";
import type { StageNode } from "./stage-node.ts";

/** By what a story leaves lines out. */
export type LineKind = "probe" | "packet" | "stream" | "event";

export interface Told {
  /** A packet that probes and carries news as well is of both kinds. */
  readonly kinds: readonly LineKind[];
  readonly text: string;
}

/** Types of the messages by which members are probed. */
const PROBES: readonly number[] = [PING, INDIRECT_PING, ACK, NACK];

const STATE_NAMES: Readonly<Record<number, string>> = {
  [STATE_ALIVE]: "alive",
  [STATE_SUSPECT]: "suspect",
  [STATE_DEAD]: "dead",
  [STATE_LEFT]: "left",
};

/** Puts into words what nodes send and decide, in the protocol's terms. */
export class Narrator {
  readonly #stage: Stage;
  readonly #packets = new PacketCodec(wireOptions({ compression: false }));

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** All messages of a datagram, unfolded. */
  packet(bytes: Uint8Array): Told {
    const messages: PacketMessage[] = [];
    const faults: string[] = [];
    const note = (fault: { readonly reason: string }): void => void faults.push(`refused: ${fault.reason}`);
    const fault = this.#packets.unpack(bytes.slice(), { message: (message) => messages.push(message), fault: note });
    if (fault !== null) note(fault);
    const kinds = messages.map(({ type }): LineKind => (PROBES.includes(type) ? "probe" : "packet"));
    const text = [...messages.map((message) => this.#message(message)), ...faults].join(" + ");
    return { kinds: faults.length === 0 ? kinds : [...kinds, "packet"], text };
  }

  /** What goes either way on a stream; null for a stream that is closed in place of an answer. */
  stream(bytes: Uint8Array | null): Told {
    if (bytes === null) return { kinds: ["stream"], text: "closes the stream" };
    if (bytes[0] === PUSH_PULL) return { kinds: ["stream"], text: this.#pushPull(bytes) };
    const message = new MessageDecoder().decode(bytes, 0, bytes.length);
    if (isFault(message)) return { kinds: ["stream"], text: `unreadable: ${message.reason}` };
    if ("error" in message) return { kinds: ["stream"], text: `error ${JSON.stringify(message.error)}` };
    return { kinds: [PROBES.includes(message.type) ? "probe" : "stream"], text: this.#message(message) };
  }

  event(node: StageNode, event: CoreEvent): Told {
    return { kinds: [event.type === "ping-answered" ? "probe" : "event"], text: this.#event(node, event) };
  }

  /** Who said so, and how the news came here. */
  cause({ kind, by, path, from, probe, accusers }: Cause, about: string): string {
    // When a suspicion runs out, it is this node's own clock that says so.
    const isOwn = by === "" || by === about || path === "timer";
    const parts = [isOwn ? kind : `${kind} by ${by}`];
    if (probe !== null) parts.push(probeText(probe));
    if (path === "packet") parts.push(`told by ${this.#placeOf(from)}`);
    if (path === "sync") parts.push(`in a push/pull with ${this.#placeOf(from)}`);
    if (accusers.length > 0) parts.push(`accusers ${accusers.join(" ")}`);
    return parts.join(", ");
  }

  #event(node: StageNode, event: CoreEvent): string {
    switch (event.type) {
      case "member": {
        const { name, status, incarnation } = event.member;
        return `${name} ${event.kind}: ${status}@${incarnation}, ${this.cause(event.cause, name)}`;
      }
      case "ping-answered":
        return `${event.name} answered in ${Math.round(event.roundTripMs)} ms`;
      case "self-refuted":
        return `refutes ${event.accuser === node.name ? "that" : event.accuser}, now at incarnation ${event.incarnation}`;
      case "user-message":
        return `hears ${quoted(event.payload)} from ${this.#placeOf(event.from)}`;
      case "name-conflict":
        return `name conflict: ${event.existing.name} stays at ${this.#placeOf(event.existing.address)}, not at ${this.#placeOf(event.other)}`;
      case "join-finished": {
        const failures = event.failures.map(({ target, reason }) => `, ${this.#placeOf(target)}: ${reason}`);
        return `join finished, contacted ${event.contacted}${failures.join("")}`;
      }
      case "leave-finished":
        return "leave finished, the process ends";
      case "rumor-finished":
        return "its news has been told";
      case "notice":
        return `notice: ${this.#notice(event.notice)}`;
      case "packet-refused":
        return `refuses a packet from ${this.#placeOf(event.from)}: ${event.fault.reason}`;
      case "layer":
        return layerText(node, event);
    }
  }

  #notice(notice: Notice["notice"]): string {
    switch (notice.kind) {
      case "slow":
        return `slow, ${Math.round(notice.lateMs)} ms late, local health ${notice.score}`;
      case "name-in-use":
      case "datagrams-blocked":
        return `${notice.kind}, ${notice.name} at ${this.#placeOf(notice.address)}`;
      default:
        return notice.kind;
    }
  }

  #message(message: PacketMessage): string {
    switch (message.type) {
      case PING:
        return `ping ${message.node} seq ${message.seqNo}`;
      case INDIRECT_PING:
        return `ping-req ${message.node} seq ${message.seqNo}`;
      case ACK:
        return `ack seq ${message.seqNo}`;
      case NACK:
        return `nack seq ${message.seqNo}`;
      case SUSPECT:
        return `suspect ${message.node}@${message.incarnation} by ${message.from}`;
      case DEAD:
        return `dead ${message.node}@${message.incarnation} by ${message.from}`;
      case ALIVE: {
        const place = this.#placeOf(addressFromBytes(message.addr, message.port));
        const at = place === message.node ? "" : ` at ${place}`;
        const meta = message.meta === null || message.meta.length === 0 ? "" : ` meta ${quoted(message.meta)}`;
        return `alive ${message.node}@${message.incarnation}${at}${meta}`;
      }
      default:
        return this.#user(message.payload);
    }
  }

  /** An application's bytes: Serf's, where it runs, or a channel's, or just bytes. */
  #user(payload: Uint8Array): string {
    const channel = new Messenger({ name: "narrator", bootId: new Uint8Array(8) }).receive(payload, 0);
    if (channel.kind === "channel") {
      return `channel ${channel.channel} message ${channel.sequence} of ${channel.origin} ${quoted(channel.payload)}`;
    }
    const message = this.#stage.layers.has("serf") ? new SerfDecoder().decode(payload, 0, payload.length) : null;
    switch (message?.type) {
      case JOIN:
        return `join intent of ${message.node}, time ${message.lTime}`;
      case LEAVE:
        return `leave intent of ${message.node}, time ${message.lTime}`;
      case USER_EVENT:
        return `event ${message.name} ${quoted(message.payload ?? new Uint8Array(0))}, time ${message.lTime}`;
      default:
        return `user ${quoted(payload)}`;
    }
  }

  #pushPull(bytes: Uint8Array): string {
    const reader = new PushPullReader(bytes);
    const { header } = reader;
    const members: string[] = [];
    for (let node = reader.next(); node !== null && !isFault(node); node = reader.next()) {
      members.push(`${node.name} ${STATE_NAMES[node.state] ?? node.state}@${node.incarnation}`);
    }
    const kind = !isFault(header) && header.join ? "push/pull to join" : "push/pull";
    return [`${kind}: ${members.join(", ")}`, ...this.#serfState(reader.userState())].join(" + ");
  }

  #serfState(state: ReturnType<PushPullReader["userState"]>): string[] {
    if (isFault(state) || state.length === 0 || !this.#stage.layers.has("serf")) return [];
    const message = new SerfDecoder().decode(state, 0, state.length);
    if (message.type !== STATE) return [];
    const left = message.leftMembers.length === 0 ? "" : `, left ${message.leftMembers.join(" ")}`;
    return [`serf state at time ${message.lTime}${left}`];
  }

  #placeOf(address: Address | null): string {
    return address === null ? "nobody" : this.#stage.handleOf(address);
  }
}

/** Bytes that are a text. */
export function quoted(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}

function probeText({ direct, helpers, nacks, stream }: ProbeReport): string {
  const asked = helpers.length === 0 ? "" : `, asked ${helpers.join(" ")}, nacks ${nacks}`;
  return `ping ${direct}${asked}, stream ${stream}`;
}

function layerText({ serf, messaging }: StageNode, event: LayerEvent): string {
  const told: SerfEvent | MessagingEvent | undefined | null = serf?.eventOf(event) ?? messaging?.eventOf(event);
  if (told === undefined || told === null) return `an event of ${event.layer}`;
  if ("kind" in told) {
    if (told.kind !== "channel") return `a ${told.kind}`;
    return `hears ${quoted(told.payload)} on channel ${told.channel} from ${told.origin}`;
  }
  if (told.type === "user-event") return `hears event ${told.name} ${quoted(told.payload)}, time ${told.lTime}`;
  return told.type;
}

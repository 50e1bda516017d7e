import type { Address } from "../base/address.ts";
import { EMPTY } from "../base/bytes.ts";
import type { Counters } from "../base/counters.ts";
import { invariant } from "../base/invariant.ts";
import type { Call } from "../call/call.ts";
import type { MemberChange } from "../call/events.ts";
import type { Layer, LayerState, LeaveSteps, StateMerge } from "./layer.ts";
import type { LayerHost } from "./layer-host.ts";
import { hasAt } from "./magic.ts";
import { readSection, SECTIONS_BYTES_MAX, SECTIONS_MAX, SectionWriter } from "./sections.ts";

/** Limit on the layers of one node. */
export const LAYERS_MAX = 32;

/** Kinds of deadlines that each layer may use. */
const KINDS = 256;

const LOOK_FOR_MS = 24 * 3_600_000;

/** A layer with any type of application events. */
export type AnyLayer = Layer<unknown>;

/** The layer that handles the messages with a prefix. */
interface Claim {
  readonly prefix: Uint8Array;
  readonly layer: AnyLayer;
}

/** A layer's part of the state, in a numbered section. */
interface Part extends LayerState {
  readonly section: number;
}

/** The layers of one node, lowest first. */
export class LayerStack {
  readonly #layers: readonly AnyLayer[];
  readonly #counters: Counters;
  /** By the first byte of the prefix, longest prefix first. */
  readonly #claims: readonly (readonly Claim[])[];
  /** The layer part that comes first in the state, without a section header. */
  readonly #bare: LayerState | null;
  readonly #parts: readonly Part[];
  readonly #steps: readonly LeaveSteps[];
  #goodbye: (call: Call) => void = () => {};

  constructor(layers: readonly AnyLayer[], counters: Counters) {
    invariant(layers.length <= LAYERS_MAX, "a node has at most 32 layers");
    invariant(new Set(layers.map(({ name }) => name)).size === layers.length, "each layer has a name of its own");
    this.#layers = layers;
    this.#counters = counters;
    this.#claims = claimsOf(layers);
    const states = layers.flatMap(({ state }) => state ?? []);
    const bare = states.filter(({ section }) => section === null);
    this.#parts = states.filter((state): state is Part => state.section !== null);
    invariant(bare.length <= 1, "one layer's state is bare at the most");
    const isNumber = ({ section }: Part): boolean =>
      Number.isInteger(section) && section >= 1 && section <= SECTIONS_MAX;
    invariant(this.#parts.every(isNumber), "sections have the numbers 1 to 255");
    const numbers = new Set(this.#parts.map(({ section }) => section));
    invariant(numbers.size === this.#parts.length, "each section of a state is of one layer");
    this.#bare = bare[0] ?? null;
    this.#steps = layers.map((_, index) => ({
      goodbye: (call) => this.#leaveFrom(call, index - 1),
      finish: (call) => this.#departedFrom(call, index + 1),
    }));
  }

  /** Gives each layer its host. `goodbye` starts membership's leave, once all layers have agreed. */
  attach(hostOf: (layer: AnyLayer, index: number) => LayerHost<unknown>, goodbye: (call: Call) => void): void {
    this.#goodbye = goodbye;
    for (const [index, layer] of this.#layers.entries()) layer.attach(hostOf(layer, index));
  }

  /** How long lost members are looked for; the lowest layer with a value decides. */
  get lookForMs(): number {
    for (const { lookForMs } of this.#layers) if (lookForMs !== null) return lookForMs;
    return LOOK_FOR_MS;
  }

  start(call: Call): void {
    for (const layer of this.#layers) layer.start(call);
  }

  adopted(name: string): void {
    for (const layer of this.#layers) layer.adopted(name);
  }

  /** Reports a change through the layers, from index `from` upwards, to the application. */
  changed(call: Call, change: MemberChange, from = 0): void {
    let told: MemberChange | null = change;
    for (let index = from; index < this.#layers.length && told !== null; index++) {
      told = (this.#layers[index] as AnyLayer).changed(call, told);
    }
    if (told !== null) call.out.event(told);
  }

  /** Handles a message in a datagram that is not membership's. Returns false if it is the application's. */
  datagram(call: Call, payload: Uint8Array): boolean {
    return this.#layerOf(payload)?.datagram(call, payload) ?? false;
  }

  /**
   * Handles a message over a stream. Returns the answer, null for none, or undefined if the message is the
   * application's.
   */
  stream(call: Call, payload: Uint8Array): Uint8Array | null | undefined {
    return this.#layerOf(payload)?.stream(call, payload);
  }

  pingAnswered(call: Call, name: string, roundTripMs: number, payload: Uint8Array | null): void {
    for (const layer of this.#layers) layer.pingAnswered(call, name, roundTripMs, payload);
  }

  ackPayload(): Uint8Array | null {
    for (const layer of this.#layers) {
      const payload = layer.ackPayload();
      if (payload !== null) return payload;
    }
    return null;
  }

  /** What the layers add to a state that this node sends. */
  localState(isJoin: boolean): Uint8Array {
    const bare = this.#bare?.local(isJoin) ?? EMPTY;
    if (this.#parts.length === 0) return bare;
    const writer = new SectionWriter(bare);
    for (const part of this.#parts) {
      const bytes = part.local(isJoin);
      if (bytes.length > 0 && !writer.add(part.section, bytes)) this.#counters.sectionsLeftOut++;
    }
    return writer.finish();
  }

  /**
   * Merges what the layers of a peer added to its state: the first slice of the bare part now, then the rest of it,
   * then one section per turn.
   */
  mergeState(call: Call, state: Uint8Array, isJoin: boolean): StateMerge | null {
    const { end, rest } = this.#bare?.merge(call, state, isJoin) ?? { end: 0, rest: null };
    if (this.#parts.length === 0) return rest;
    const sections = sectionsFor(this.#parts, state, end);
    let merge = rest;
    return sections.length === 0
      ? rest
      : (turn) => {
          const next = merge === null ? sections.shift() : undefined;
          if (next !== undefined) merge = next.part.merge(turn, next.bytes, isJoin).rest;
          else if (merge?.(turn) === true) merge = null;
          return merge === null && sections.length === 0;
        };
  }

  joinFinished(call: Call, token: number, contacted: number): void {
    for (const layer of this.#layers) layer.joinFinished(call, token, contacted);
  }

  nameClaimed(call: Call, other: Address): void {
    for (const layer of this.#layers) layer.nameClaimed(call, other);
  }

  leave(call: Call): void {
    this.#leaveFrom(call, this.#layers.length - 1);
  }

  /** Membership's leave has been gossiped. */
  departed(call: Call): void {
    this.#departedFrom(call, 0);
  }

  /** `subject` comes from `deadlineSubject`. */
  isCurrent(subject: number, stamp: number): boolean {
    return this.#layerAt(subject).isCurrent(subject % KINDS, stamp);
  }

  fallDue(call: Call, subject: number, stamp: number): void {
    this.#layerAt(subject).fallDue(call, subject % KINDS, stamp);
  }

  #layerAt(subject: number): AnyLayer {
    return this.#layers[Math.floor(subject / KINDS)] as AnyLayer;
  }

  #layerOf(payload: Uint8Array): AnyLayer | undefined {
    const claims = payload.length === 0 ? undefined : this.#claims[payload[0] as number];
    return claims?.find(({ prefix }) => hasAt(payload, 0, prefix))?.layer;
  }

  #leaveFrom(call: Call, index: number): void {
    const layer = this.#layers[index];
    if (layer === undefined) this.#goodbye(call);
    else layer.leave(call, this.#steps[index] as LeaveSteps);
  }

  #departedFrom(call: Call, index: number): void {
    const layer = this.#layers[index];
    if (layer === undefined) call.out.event({ type: "leave-finished" });
    else layer.departed(call, this.#steps[index] as LeaveSteps);
  }
}

/**
 * The sections that a layer here handles, each number once, in their order. Reads no more bytes than a node may write.
 */
function sectionsFor(parts: readonly Part[], state: Uint8Array, from: number): { part: Part; bytes: Uint8Array }[] {
  const limit = Math.min(state.length, from + SECTIONS_BYTES_MAX);
  const left = new Set(parts);
  const found: { part: Part; bytes: Uint8Array }[] = [];
  let at = from;
  for (let count = 0; count < SECTIONS_MAX && left.size > 0; count++) {
    const section = readSection(state, at, limit);
    if (section === null) break;
    at = section.end;
    const part = parts.find(({ section: number }) => number === section.number);
    if (part !== undefined && left.delete(part)) found.push({ part, bytes: section.bytes });
  }
  return found;
}

/** The subject of a layer's deadlines of one kind; all layers share one heap. */
export function deadlineSubject(layerIndex: number, kind: number): number {
  invariant(Number.isInteger(kind) && kind >= 0 && kind < KINDS, "a layer's kinds of deadlines are 0 to 255");
  return layerIndex * KINDS + kind;
}

/**
 * The prefix of the subjects of a layer's broadcasts. Subjects share an index with member names. No name from the wire
 * contains two high surrogates in a row, since a low surrogate always follows a high one.
 */
export function subjectPrefix(layerIndex: number): string {
  return `\uD800\uD801${String.fromCharCode(layerIndex)}`;
}

function claimsOf(layers: readonly AnyLayer[]): Claim[][] {
  const claims = Array.from({ length: 256 }, (): Claim[] => []);
  for (const layer of layers) {
    for (const prefix of layer.prefixes) {
      invariant(prefix.length > 0, "a prefix has a byte at least");
      const others = claims[prefix[0] as number] as Claim[];
      const isTaken = others.some((other) => other.prefix.length === prefix.length && hasAt(prefix, 0, other.prefix));
      invariant(!isTaken, "no two layers have the same prefix");
      others.push({ prefix, layer });
      others.sort((a, b) => b.prefix.length - a.prefix.length);
    }
  }
  return claims;
}

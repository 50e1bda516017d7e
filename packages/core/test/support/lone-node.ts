import assert from "node:assert/strict";
import {
  type Address,
  addressFromText,
  type CoreEvent,
  type Outbox,
  presetConfig,
  Sfc32,
  Swim,
  type SwimConfig,
  type SwimOptions,
} from "@hearsay/core";
import {
  ALIVE,
  type Alive,
  encodeMessage,
  isFault,
  type Message,
  PacketCodec,
  type PacketMessage,
  type PushPullNode,
  PushPullReader,
  PushPullWriter,
  wireOptions,
} from "@hearsay/core/wire";

const NONE = new Uint8Array(0);
/** Versions of a memberlist node without a delegate. */
export const VERSIONS: Uint8Array = Uint8Array.of(1, 5, 2, 0, 0, 0);

/** What a node left behind, in order. */
export interface Sent {
  readonly at: number;
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly messages: readonly PacketMessage[];
}

export interface Exchange {
  readonly at: number;
  readonly token: number;
  readonly to: string;
  readonly request: Uint8Array;
  readonly deadline: number;
}

/** One node whose whole outside world is a test. Its time moves only by `until`. */
export class LoneNode implements Outbox {
  readonly swim: Swim;
  /** The node's settings, for tests that change them between two calls. */
  readonly config: { -readonly [Key in keyof SwimConfig]: number };
  readonly sent: Sent[] = [];
  readonly exchanges: Exchange[] = [];
  readonly cancelled: number[] = [];
  readonly answers = new Map<number, Uint8Array | null>();
  readonly events: CoreEvent[] = [];
  readonly codec = new PacketCodec(wireOptions({ compression: false }));
  now = 0;
  #lastToken = 0;

  constructor(options: Partial<SwimOptions> = {}, config: Partial<SwimConfig> = {}) {
    this.config = { ...presetConfig("lan"), ...config };
    this.swim = new Swim({
      name: "self",
      address: address("10.0.0.1"),
      config: this.config,
      packets: new PacketCodec(wireOptions({ compression: false })),
      random: new Sfc32(1),
      ...options,
    });
    this.swim.start(0, this);
  }

  /** Lets time pass, doing what falls due on the way. */
  until(time: number): this {
    for (let calls = 0; this.swim.nextDeadline() <= time; calls++) {
      assert.ok(calls < 100_000, "the node never rests");
      this.now = Math.max(this.now, this.swim.nextDeadline());
      this.swim.advance(this.now, this);
    }
    this.now = time;
    return this;
  }

  /** Lets time pass in steps until something is so. Fails if it is not within ten minutes. */
  untilSo(isSo: () => boolean, stepMs = 10): this {
    for (const limit = this.now + 600_000; !isSo(); this.until(this.now + stepMs)) {
      assert.ok(this.now < limit, "ten minutes later it is still not so");
    }
    return this;
  }

  /** Sends the node a datagram of these messages. */
  receive(from: Address, ...messages: Message[]): this {
    this.codec.begin();
    for (const message of messages) this.codec.add(encodeMessage(message));
    this.swim.receive(this.now, from, this.codec.finish(false).slice(), this);
    return this;
  }

  /** Sends the node a push/pull request and returns the answer's entries. */
  pushPull(from: Address, nodes: readonly PushPullNode[], join = true): PushPullNode[] | null {
    const answer = this.ask(from, state(nodes, join));
    return answer === null ? null : entries(answer);
  }

  /** Brings the node a request over a stream and returns its answer, once all that this sets off at once is done. */
  ask(from: Address, request: Uint8Array): Uint8Array | null {
    this.swim.accept(this.now, ++this.#lastToken, from, request, this);
    this.until(this.now);
    const answer = this.answers.get(this.#lastToken);
    assert.ok(answer !== undefined, "the request got no answer");
    return answer;
  }

  /** Forgets what has been left behind so far. */
  clear(): this {
    this.sent.length = 0;
    this.exchanges.length = 0;
    this.events.length = 0;
    return this;
  }

  /** All messages of a type sent since the last `clear`. */
  messages<T extends PacketMessage["type"]>(type: T): (PacketMessage & { type: T })[] {
    return this.sent.flatMap(({ messages }) =>
      messages.filter((message): message is PacketMessage & { type: T } => message.type === type),
    );
  }

  /** Kinds of membership changes since the last `clear`, as `kind name`. */
  changes(): string[] {
    return this.events.flatMap((event) => (event.type === "member" ? [`${event.kind} ${event.member.name}`] : []));
  }

  datagram(to: Address, bytes: Uint8Array): void {
    const messages: PacketMessage[] = [];
    const copy = bytes.slice();
    const codec = new PacketCodec(wireOptions({ compression: false }));
    codec.unpack(copy, {
      message: (message) => messages.push(message),
      fault: (fault) => assert.fail(fault.reason),
    });
    this.sent.push({ at: this.now, to: to.key, bytes: copy, messages });
  }

  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void {
    this.exchanges.push({ at: this.now, token, to: to.key, request, deadline });
  }

  cancelExchange(token: number): void {
    this.cancelled.push(token);
  }

  answer(token: number, message: Uint8Array | null): void {
    assert.ok(!this.answers.has(token), "a request got two answers");
    this.answers.set(token, message);
  }

  event(event: CoreEvent): void {
    this.events.push(event.type === "user-message" ? { ...event, payload: event.payload.slice() } : event);
  }
}

/** A node without ticks of its own, so that only the test makes it speak. */
export function quiet(options: Partial<SwimOptions> = {}): LoneNode {
  return new LoneNode(options, { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 });
}

export function address(host: string, port = 7946): Address {
  const made = addressFromText(host, port);
  assert.ok(made);
  return made;
}

export function alive(node: string, host: string, incarnation = 1, more: Partial<Alive> = {}): Alive {
  const { ip, port } = address(host);
  return { type: ALIVE, node, addr: ip, port, incarnation, meta: null, vsn: VERSIONS, ...more };
}

export function entry(name: string, host: string, more: Partial<PushPullNode> = {}): PushPullNode {
  const { ip, port } = address(host);
  return { name, addr: ip, port, meta: null, incarnation: 1, state: 0, vsn: VERSIONS, ...more };
}

export function state(nodes: readonly PushPullNode[], join: boolean, userState: Uint8Array = NONE): Uint8Array {
  const writer = new PushPullWriter(join);
  for (const { name, addr, port, meta, incarnation, state, vsn } of nodes) {
    writer.node(name, addr, port, meta, incarnation, state, vsn);
  }
  return writer.finish(userState);
}

export function entries(message: Uint8Array): PushPullNode[] {
  const reader = new PushPullReader(message);
  const list: PushPullNode[] = [];
  for (;;) {
    const node = reader.next();
    assert.ok(!isFault(node));
    if (node === null) return list;
    list.push(node);
  }
}

/** The application's part of a push/pull. */
export function userState(message: Uint8Array): Uint8Array {
  const reader = new PushPullReader(message);
  for (let node = reader.next(); node !== null; node = reader.next()) assert.ok(!isFault(node));
  const bytes = reader.userState();
  assert.ok(!isFault(bytes));
  return bytes;
}

import { type Address, type CoreEvent, type Outbox, Sfc32, Swim } from "@hearsay/core";
import { type AnyLayer, memberRecord } from "@hearsay/core/internal";
import { Messaging } from "@hearsay/core/messaging";
import { SERF_VERSIONS, Serf } from "@hearsay/core/serf";
import type { VirtualTimer } from "@hearsay/core/virtual";
import { PacketCodec, wireOptions } from "@hearsay/core/wire";
import type { Stage } from "./stage.ts";

/** Of all chance in the stories. */
export const SEED = 1;
const EMPTY = new Uint8Array(0);
const VERSIONS = Uint8Array.of(1, 5, 2, 0, 0, 0);
const SERF_NODE_VERSIONS = Uint8Array.of(1, 5, 2, ...SERF_VERSIONS);

/** The host of one node: brings its `Swim` what comes in and falls due, and carries away what it leaves. */
export class StageNode implements Outbox {
  readonly handle: string;
  readonly name: string;
  readonly address: Address;
  readonly #stage: Stage;
  readonly #number: number;
  #state: "down" | "running" | "paused" = "down";
  #life = 0;
  #swim: Swim | null = null;
  serf: Serf | null = null;
  messaging: Messaging | null = null;
  #timer: VirtualTimer | null = null;
  /** What came while the process stood still. */
  #inbox: (() => void)[] = [];
  #calls = new Set<number>();
  #streams = new Map<number, (answer: Uint8Array | null) => void>();
  #lastStream = 0;
  #lastToken = 0;

  constructor(stage: Stage, number: number, handle: string, name: string, address: Address) {
    this.#stage = stage;
    this.#number = number;
    this.handle = handle;
    this.name = name;
    this.address = address;
  }

  get swim(): Swim {
    if (this.#swim === null) throw new Error(`${this.handle} has not been started`);
    return this.#swim;
  }

  /** Whether there is a process, be it one that stands still. */
  get isUp(): boolean {
    return this.#state !== "down";
  }

  /** Starts the process, with nothing left of an earlier life but what it is told to know. */
  start(known: readonly StageNode[]): void {
    if (this.isUp) throw new Error(`${this.handle} is running already`);
    this.#life++;
    const { layers, config } = this.#stage;
    const bootId = Uint8Array.of(0, 0, 0, 0, 0, 0, this.#number, this.#life);
    this.serf = layers.has("serf") ? new Serf({ matcher: { isFound: () => false } }) : null;
    this.messaging = layers.has("messaging") ? new Messaging({ name: this.name, bootId }) : null;
    this.#swim = new Swim({
      name: this.name,
      address: this.address,
      config,
      packets: new PacketCodec(wireOptions({ compression: false })),
      random: new Sfc32(SEED, this.#number + this.#life * 256),
      layers: [this.serf, this.messaging].flatMap((layer): AnyLayer[] => (layer === null ? [] : [layer])),
      ...(this.serf === null ? {} : { delegateVersions: SERF_VERSIONS }),
    });
    this.#state = "running";
    const versions = this.serf === null ? VERSIONS : SERF_NODE_VERSIONS;
    const records = known.map(({ name, address }) => memberRecord(name, address, EMPTY, versions, true));
    if (records.length > 0) this.swim.adopt(this.#stage.clock.now(), records);
    this.call((now, out) => this.swim.start(now, out));
  }

  /** Ends the process at once; its machine is silent from then on. */
  stop(): void {
    this.#state = "down";
    this.#inbox = [];
    // What is under way belongs to this life; should it come back, it finds nobody.
    this.#calls = new Set();
    this.#streams = new Map();
    this.#arm();
  }

  /** Has the process stand still: it reads nothing, and no timer runs. */
  pause(): void {
    this.#state = "paused";
    this.#arm();
  }

  /** Lets it go on: first with what waits to be read, then with its timers. */
  resume(): void {
    if (this.#state !== "paused") throw new Error(`${this.handle} is not paused`);
    this.#state = "running";
    for (const input of this.#inbox.splice(0)) input();
    this.call((now, out) => this.swim.advance(now, out));
  }

  join(targets: readonly StageNode[]): void {
    const addresses = targets.map(({ address }) => address);
    const token = ++this.#lastToken;
    this.call((now, out) => {
      if (this.serf === null) this.swim.join(now, token, addresses, out);
      else this.serf.join(now, token, addresses, false, out);
    });
  }

  /** Lets something call the node, or a layer on it. */
  call(run: (now: number, out: Outbox) => void): void {
    if (this.#state !== "running") throw new Error(`${this.handle} is not running`);
    run(this.#stage.clock.now(), this);
    this.#arm();
  }

  receive(from: Address, bytes: Uint8Array): void {
    this.#take(() => this.call((now, out) => this.swim.receive(now, from, bytes, out)));
  }

  accept(from: Address, request: Uint8Array, answered: (answer: Uint8Array | null) => void): void {
    this.#take(() => {
      const token = ++this.#lastStream;
      this.#streams.set(token, answered);
      this.call((now, out) => this.swim.accept(now, token, from, request, out));
    });
  }

  datagram(to: Address, bytes: Uint8Array): void {
    this.#stage.datagram(this, to, bytes);
  }

  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void {
    const calls = this.#calls;
    calls.add(token);
    this.#stage.exchange(this, to, request, deadline, (result) => {
      if (calls !== this.#calls || !calls.has(token)) return;
      this.#take(() => {
        if (calls.delete(token)) this.call((now, out) => this.swim.exchangeDone(now, token, result, out));
      });
    });
  }

  cancelExchange(token: number): void {
    this.#calls.delete(token);
  }

  answer(token: number, message: Uint8Array | null): void {
    this.#streams.get(token)?.(message);
    this.#streams.delete(token);
  }

  event(event: CoreEvent): void {
    this.#stage.event(this, event);
  }

  #take(input: () => void): void {
    if (this.#state === "running") input();
    else if (this.#state === "paused") this.#inbox.push(input);
  }

  #arm(): void {
    const { clock } = this.#stage;
    if (this.#timer !== null) clock.cancel(this.#timer);
    this.#timer = null;
    if (this.#state !== "running") return;
    const deadline = this.swim.nextDeadline();
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.at(deadline, () => this.call((now, out) => this.swim.advance(now, out)));
  }
}

import {
  type Address,
  type BroadcastOptions,
  type CoreEvent,
  type ExchangeResult,
  type Outbox,
  Swim,
  type SwimConfig,
  type SwimOptions,
} from "@hearsay/core";
import type { VirtualClock, VirtualTimer } from "@hearsay/core/virtual";
import type { Observers } from "./observer.ts";
import type { SimNetwork } from "./sim-network.ts";

/** What a process that stands still can hold in its socket buffers; further datagrams are lost. */
export const INBOX_MAX = 4096;

/** `down`: the process is gone and its host refuses streams. `host-down`: nothing answers at all. */
export type SimNodeState = "down" | "host-down" | "running" | "paused";

/** Gets what is to be written on an accepted stream; null to close it without an answer. */
export type Answered = (answer: Uint8Array | null) => void;

/** What a node needs of the cluster it lives in. */
export interface SimNodeParts {
  readonly clock: VirtualClock;
  readonly network: SimNetwork;
  readonly observers: Observers;
  readonly config: SwimConfig;
  /** Everything for one life of the node. */
  readonly options: (node: SimNode) => SwimOptions;
}

/**
 * The host of one simulated node: feeds its `Swim` with datagrams, streams and time, and carries its outputs away. It
 * can be stopped like a process by SIGSTOP, crash and start again.
 */
export class SimNode implements Outbox {
  readonly index: number;
  readonly name: string;
  readonly #parts: SimNodeParts;
  #address: Address;
  #streamSource: Address;
  #swim: Swim | null = null;
  #state: SimNodeState = "down";
  #life = 0;
  #timer: VirtualTimer | null = null;
  #armedAt = Number.POSITIVE_INFINITY;
  #inbox: (() => void)[] = [];
  /** Accepted streams that have no answer yet. */
  readonly #streams = new Map<number, Answered>();
  #lastStream = 0;
  #lastToken = 0;
  /** Exchanges under way, each with what ends it. */
  readonly #calls = new Map<number, () => void>();
  readonly #onTimer = (): void => this.#fallDue();

  constructor(index: number, address: Address, parts: SimNodeParts) {
    this.index = index;
    this.name = `n${index}`;
    this.#parts = parts;
    this.#address = address;
    this.#streamSource = ephemeral(address);
  }

  get address(): Address {
    return this.#address;
  }

  /** Where this node's streams come from: its host, and a port that means nothing. */
  get streamSource(): Address {
    return this.#streamSource;
  }

  get config(): SwimConfig {
    return this.#parts.config;
  }

  get state(): SimNodeState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Whether there is a process, be it paused. */
  get isUp(): boolean {
    return this.#state === "running" || this.#state === "paused";
  }

  /** Which life this is: 1 after the first start. */
  get life(): number {
    return this.#life;
  }

  /** The protocol object of this life, or of the last one. */
  get swim(): Swim {
    if (this.#swim === null) throw new Error(`${this.name} has not been started`);
    return this.#swim;
  }

  /** Starts the process, with nothing left of an earlier life. `prepare` runs before its clock does. */
  start(prepare: (swim: Swim) => void, address: Address = this.#address): void {
    this.#life++;
    const former = this.#address;
    this.#address = address;
    this.#streamSource = ephemeral(address);
    this.#parts.network.bind(this, former);
    this.#swim = new Swim(this.#parts.options(this));
    this.#state = "running";
    prepare(this.#swim);
    this.#step((now) => this.swim.start(now, this));
  }

  /** Ends the process at once, or with it the whole host. */
  stop(state: "down" | "host-down"): void {
    this.#state = state;
    this.#inbox = [];
    this.#streams.clear();
    this.#calls.clear();
    this.#disarm();
  }

  /** Stops the process as SIGSTOP does: nothing is read and no timer runs. */
  pause(): void {
    if (!this.isRunning) return;
    this.#state = "paused";
    this.#disarm();
  }

  /** Lets it go on: what waits in its buffers comes first, as `Swim` asks for, then the timers, late. */
  resume(): void {
    if (!this.isPaused) return;
    this.#state = "running";
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const input of inbox) if (this.isRunning) input();
    if (this.isRunning) this.#step((now) => this.swim.advance(now, this));
  }

  receive(from: Address, bytes: Uint8Array): void {
    if (this.#state === "running") {
      this.swim.receive(this.#parts.clock.now(), from, bytes, this);
      this.#settle();
    } else {
      this.#wait(() => this.receive(from, bytes));
    }
  }

  /** Calls `answered` once, unless the process ends before. */
  accept(from: Address, request: Uint8Array, answered: Answered): void {
    if (!this.isRunning) return this.#wait(() => this.accept(from, request, answered));
    const token = ++this.#lastStream;
    this.#streams.set(token, answered);
    this.#step((now) => this.swim.accept(now, token, from, request, this));
  }

  exchanged(token: number, result: ExchangeResult): void {
    // The report of an exchange is the host's own, and never lost in a buffer.
    if (this.isPaused) {
      this.#inbox.push(() => this.exchanged(token, result));
      return;
    }
    if (!this.isRunning) return;
    // What came while the process stood still may be of an exchange that it has cancelled since.
    if (this.#calls.delete(token)) this.#step((now) => this.swim.exchangeDone(now, token, result, this));
  }

  join(targets: readonly Address[]): void {
    if (this.isRunning) this.#step((now) => this.swim.join(now, ++this.#lastToken, targets, this));
    else this.#wait(() => this.join(targets));
  }

  leave(): void {
    this.#step((now) => this.swim.leave(now, this));
  }

  setMeta(meta: Uint8Array): void {
    this.#step((now) => this.swim.setMeta(now, 0, meta, this));
  }

  broadcast(payload: Uint8Array, options: BroadcastOptions): void {
    this.#step((now) => this.swim.broadcast(now, payload, options, this));
  }

  /** Lets something call the node's protocol object, or a layer on it. */
  call(run: (now: number, out: Outbox) => void): void {
    if (this.isRunning) this.#step((now) => run(now, this));
  }

  datagram(to: Address, bytes: Uint8Array): void {
    this.#parts.network.datagram(this, to, bytes);
  }

  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void {
    this.#calls.set(token, this.#parts.network.exchange(this, token, to, request, deadline));
  }

  cancelExchange(token: number): void {
    this.#calls.get(token)?.();
    this.#calls.delete(token);
  }

  answer(token: number, message: Uint8Array | null): void {
    const answered = this.#streams.get(token);
    this.#streams.delete(token);
    answered?.(message);
  }

  event(event: CoreEvent): void {
    for (const observer of this.#parts.observers.event) observer.event?.(this, event);
  }

  #step(call: (now: number) => void): void {
    call(this.#parts.clock.now());
    this.#settle();
  }

  /** After each call: arms the timer. */
  #settle(): void {
    this.#arm();
    for (const observer of this.#parts.observers.stepped) observer.stepped?.(this);
  }

  #wait(input: () => void): void {
    if (this.isPaused && this.#inbox.length < INBOX_MAX) this.#inbox.push(input);
  }

  /** A timer that comes too early is harmless, so it is armed anew only for an earlier deadline. */
  #arm(): void {
    if (!this.isRunning) return;
    const deadline = this.swim.nextDeadline();
    if (deadline >= this.#armedAt || deadline === Number.POSITIVE_INFINITY) return;
    this.#disarm();
    this.#armedAt = deadline;
    this.#timer = this.#parts.clock.at(deadline, this.#onTimer);
  }

  #disarm(): void {
    if (this.#timer !== null) this.#parts.clock.cancel(this.#timer);
    this.#timer = null;
    this.#armedAt = Number.POSITIVE_INFINITY;
  }

  #fallDue(): void {
    this.#timer = null;
    this.#armedAt = Number.POSITIVE_INFINITY;
    const now = this.#parts.clock.now();
    if (this.swim.nextDeadline() <= now) this.swim.advance(now, this);
    this.#settle();
  }
}

/** Ports of outgoing streams mean nothing; one number stands for them all. */
function ephemeral(address: Address): Address {
  const port = 50_000;
  return { ip: address.ip, port, host: address.host, key: address.key.replace(/:\d+$/, `:${port}`) };
}

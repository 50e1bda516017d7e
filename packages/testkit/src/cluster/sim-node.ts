import {
  type Address,
  type BroadcastOptions,
  type ExchangeResult,
  type Outbox,
  Swim,
  type SwimConfig,
  type SwimOptions,
} from "@hearsay/core";
import type { VirtualClock } from "@hearsay/core/virtual";
import { type Accept, Driver, type Link } from "hearsay/internal";
import type { Observers } from "./observer.ts";
import type { SimNetwork } from "./sim-network.ts";

/** What a process that stands still can hold in its socket buffers; further datagrams are lost. */
export const INBOX_MAX = 4096;

/** `down`: the process is gone and its host refuses streams. `host-down`: nothing answers at all. */
export type SimNodeState = "down" | "host-down" | "running" | "paused";

/** Gets what is to be written on an accepted stream; null to close it without an answer. */
export type Answered = Parameters<Accept>[2];

type DriverClock = ConstructorParameters<typeof Driver>[0]["clock"];

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
 * One simulated process: a node that the driver of real ones runs, on virtual time and a virtual network. It can be stopped
 * like a process by SIGSTOP, crash and start again.
 */
export class SimNode {
  readonly index: number;
  readonly name: string;
  readonly #parts: SimNodeParts;
  #address: Address;
  #streamSource: Address;
  #swim: Swim | null = null;
  #state: SimNodeState = "down";
  #life = 0;
  /** Runs the node of this life. */
  #driver: Driver | null = null;
  /** What came while the process stood still. */
  #inbox: (() => void)[] = [];
  /** What its clock was to call meanwhile. */
  #late: (() => void)[] = [];
  #lastToken = 0;

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
    const swim = new Swim(this.#parts.options(this));
    this.#swim = swim;
    this.#state = "running";
    prepare(swim);
    this.#driver = new Driver({
      swim,
      link: this.#link(),
      clock: this.#clock(),
      onEvent: (event) => {
        for (const observer of this.#parts.observers.event) observer.event?.(this, event);
      },
      onBroken: (error) => {
        throw error;
      },
    });
    this.#driver.start();
    this.#stepped();
  }

  /** Ends the process at once, or with it the whole host. */
  stop(state: "down" | "host-down"): void {
    this.#state = state;
    this.#inbox = [];
    this.#late = [];
    this.#driver?.stop();
  }

  /** Stops the process as SIGSTOP does: nothing is read and no timer runs. */
  pause(): void {
    if (!this.isRunning) return;
    this.#state = "paused";
  }

  /** Lets it go on: what waits in its buffers comes first, as `Swim` asks for, then the timer, late. */
  resume(): void {
    if (!this.isPaused) return;
    this.#state = "running";
    const inbox = this.#inbox;
    const late = this.#late;
    this.#inbox = [];
    this.#late = [];
    for (const input of [...inbox, ...late]) if (this.isRunning) input();
  }

  receive(from: Address, bytes: Uint8Array): void {
    if (!this.isRunning) return this.#wait(() => this.receive(from, bytes));
    this.#running.receive(from, bytes);
    this.#stepped();
  }

  /** Calls `answered` once, unless the process ends before. */
  accept(from: Address, request: Uint8Array, answered: Answered): void {
    if (!this.isRunning) return this.#wait(() => this.accept(from, request, answered));
    const { life } = this;
    this.#running.accept(from, request, (answer) => {
      // A process that has ended closes its streams, which the network knows.
      if (this.isUp && life === this.life) answered(answer);
    });
    this.#stepped();
  }

  join(targets: readonly Address[]): void {
    if (!this.isRunning) return this.#wait(() => this.join(targets));
    this.call((now, out) => this.swim.join(now, ++this.#lastToken, targets, out));
  }

  leave(): void {
    this.call((now, out) => this.swim.leave(now, out));
  }

  setMeta(meta: Uint8Array): void {
    this.call((now, out) => this.swim.setMeta(now, 0, meta, out));
  }

  broadcast(payload: Uint8Array, options: BroadcastOptions): void {
    this.call((now, out) => this.swim.broadcast(now, payload, options, out));
  }

  /** Where the protocol object leaves what it wants; for a test that calls it in the place of a process that stands still. */
  get outbox(): Outbox {
    return this.#running;
  }

  /** Lets something call the node's protocol object, or a layer on it. */
  call(run: (now: number, out: Outbox) => void): void {
    if (!this.isRunning) return;
    const driver = this.#running;
    driver.run((now) => run(now, driver));
    this.#stepped();
  }

  get #running(): Driver {
    if (this.#driver === null) throw new Error(`${this.name} has not been started`);
    return this.#driver;
  }

  /** The way of this life to the others. */
  #link(): Link {
    const { network } = this.#parts;
    return {
      send: (to, bytes) => network.datagram(this, to, bytes),
      exchange: (to, request, deadline, done) =>
        network.exchange(this, to, request, deadline, (result) => this.#exchanged(result, done)),
    };
  }

  /** The report of an exchange is the host's own, and never lost in a buffer. */
  #exchanged(result: ExchangeResult, done: (result: ExchangeResult) => void): void {
    if (this.isPaused) {
      this.#inbox.push(() => this.#exchanged(result, done));
      return;
    }
    if (!this.isRunning) return;
    done(result);
    this.#stepped();
  }

  /** Virtual time, as this process has it: its timer waits while it stands still. */
  #clock(): DriverClock {
    const { clock } = this.#parts;
    const { life } = this;
    const fire = (fn: () => void): void => {
      if (this.isPaused) this.#late.push(() => fire(fn));
      if (!this.isRunning || this.life !== life) return;
      fn();
      this.#stepped();
    };
    return {
      now: () => clock.now(),
      after: (delayMs, fn) => {
        let isCancelled = false;
        // One that has fired while the process stood still can be called back, too.
        const timer = clock.at(clock.now() + delayMs, () =>
          fire(() => {
            if (!isCancelled) fn();
          }),
        );
        return () => {
          isCancelled = true;
          clock.cancel(timer);
        };
      },
      soon: (fn) => void clock.at(clock.now(), () => fire(fn)),
    };
  }

  /** After each call. */
  #stepped(): void {
    for (const observer of this.#parts.observers.stepped) observer.stepped?.(this);
  }

  #wait(input: () => void): void {
    if (this.isPaused && this.#inbox.length < INBOX_MAX) this.#inbox.push(input);
  }
}

/** Ports of outgoing streams mean nothing; one number stands for them all. */
function ephemeral(address: Address): Address {
  const port = 50_000;
  return { ip: address.ip, port, host: address.host, key: address.key.replace(/:\d+$/, `:${port}`) };
}

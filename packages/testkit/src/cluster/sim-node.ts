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

/** Limit on the inputs in a paused process's socket buffers; further ones are lost. */
export const INBOX_MAX = 4096;

/** `down`: the process is gone and its host refuses streams. `host-down`: nothing answers at all. */
export type SimNodeState = "down" | "host-down" | "running" | "paused";

/** Receives the answer for an accepted stream; null closes it without an answer. */
export type Answered = Parameters<Accept>[2];

type DriverClock = ConstructorParameters<typeof Driver>[0]["clock"];

/** Dependencies of `SimNode`. */
export interface SimNodeParts {
  readonly clock: VirtualClock;
  readonly network: SimNetwork;
  readonly observers: Observers;
  readonly config: SwimConfig;
  /** The options for one life of the node. */
  readonly options: (node: SimNode) => SwimOptions;
}

/**
 * One simulated process: a node run by the production driver, on virtual time and a virtual network. It can be paused
 * as by SIGSTOP, crash and start again.
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
  /** The driver of this life. */
  #driver: Driver | null = null;
  /** Inputs that came while the process was paused. */
  #inbox: (() => void)[] = [];
  /** Timer callbacks that came due meanwhile. */
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

  /** The source address of this node's streams: its host and a port that means nothing. */
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

  /** Whether the process exists, running or paused. */
  get isUp(): boolean {
    return this.#state === "running" || this.#state === "paused";
  }

  /** Which life this is: 1 after the first start. */
  get life(): number {
    return this.#life;
  }

  /** The `Swim` of this life, or of the last one. */
  get swim(): Swim {
    if (this.#swim === null) throw new Error(`${this.name} has not been started`);
    return this.#swim;
  }

  /** Starts the process, without any state of an earlier life. `prepare` runs before the driver starts. */
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

  /** Ends the process, or the whole host, at once. */
  stop(state: "down" | "host-down"): void {
    this.#state = state;
    this.#inbox = [];
    this.#late = [];
    this.#driver?.stop();
  }

  /** Pauses the process as SIGSTOP does: nothing is read and no timer runs. */
  pause(): void {
    if (!this.isRunning) return;
    this.#state = "paused";
  }

  /** Resumes the process: buffered inputs come first, as `Swim` requires, then the late timers. */
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

  /** Calls `answered` once, unless the process ends first. */
  accept(from: Address, request: Uint8Array, answered: Answered): void {
    if (!this.isRunning) return this.#wait(() => this.accept(from, request, answered));
    const { life } = this;
    this.#running.accept(from, request, (answer) => {
      // The streams of an ended process are closed, and the network handles that.
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

  /** The outbox of this node's `Swim`, for tests that call `Swim` directly while the process is paused. */
  get outbox(): Outbox {
    return this.#running;
  }

  /** Runs a call of the node's `Swim`, or of a layer on it. */
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

  /** The link of this life to the network. */
  #link(): Link {
    const { network } = this.#parts;
    return {
      send: (to, bytes) => network.datagram(this, to, bytes),
      exchange: (to, request, deadline, done) =>
        network.exchange(this, to, request, deadline, (result) => this.#exchanged(result, done)),
    };
  }

  /** An exchange's result comes from the node's own host, so a full buffer never drops it. */
  #exchanged(result: ExchangeResult, done: (result: ExchangeResult) => void): void {
    if (this.isPaused) {
      this.#inbox.push(() => this.#exchanged(result, done));
      return;
    }
    if (!this.isRunning) return;
    done(result);
    this.#stepped();
  }

  /** Virtual time for this process; its timers wait while it is paused. */
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
        // A timer that came due during a pause can still be cancelled.
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

  /** Reports that a call is complete. */
  #stepped(): void {
    for (const observer of this.#parts.observers.stepped) observer.stepped?.(this);
  }

  #wait(input: () => void): void {
    if (this.isPaused && this.#inbox.length < INBOX_MAX) this.#inbox.push(input);
  }
}

/** Ports of outgoing streams mean nothing; one number stands for all of them. */
function ephemeral(address: Address): Address {
  const port = 50_000;
  return { ip: address.ip, port, host: address.host, key: address.key.replace(/:\d+$/, `:${port}`) };
}

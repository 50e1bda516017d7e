import { setMaxListeners } from "node:events";
import type { Address, CoreEvent, ExchangeResult, Outbox, Swim } from "@hearsay/core";
import { PUSH_PULL, type StreamCodec } from "@hearsay/core/wire";
import type { Clock } from "../base/clock.ts";
import type { Connection, Transport, TransportHandlers } from "../transport/transport.ts";
import { type InboundStream, InboundStreams } from "./inbound-streams.ts";
import { type LoopDelay, LoopDelayWindow } from "./loop-delay.ts";
import { SLICE_BYTES } from "./read-message.ts";
import { Refusals } from "./refusals.ts";
import { serveStream } from "./serve-stream.ts";
import { exchangeOverStream, type StreamParts, sendOverStream } from "./stream-exchange.ts";
import { StreamQueue } from "./stream-queue.ts";
import { StreamRoom } from "./stream-room.ts";
import { Turns } from "./turns.ts";

/** Bytes of streams that one turn of the loop reads, decompresses or compresses: a slice, a millisecond or two of work. */
const TURN_BYTES = SLICE_BYTES;

/** Streams that this node itself has open at a time, besides those that peers open: messages, exchanges and pings. */
const OWN_STREAMS = 256;

/** Bytes that a member takes in a state, until one has been told. */
const MEMBER_BYTES = 100;

/** What a driver runs with. */
export interface DriverParts {
  readonly swim: Swim;
  readonly transport: Transport;
  readonly streams: StreamCodec;
  readonly clock: Clock;
  readonly streamTimeoutMs: number;
  /** Streams that peers may hold open. */
  readonly inboundConnectionsMax: number;
  /** Bytes of messages on streams, read or answered, of all together. */
  readonly streamBytesMax: number;
  /** Called for each event, in order, after the core's call that caused it and within its turn. It may call `run`. */
  readonly onEvent: (event: CoreEvent) => void;
  /** A stream could not be read, or there was no room for it. */
  readonly onStreamRefused: (from: Address, reason: string) => void;
  /** A bug in the core or in an event handler of ours: the cluster must stop. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * Runs one `Swim` on a transport and a clock: brings it what arrives, sends what it leaves, and wakes it when something
 * falls due. There is one timer, whatever the number of suspicions.
 */
export class Driver implements Outbox {
  /** Messages without an answer on their way over streams. */
  readonly streamQueue: StreamQueue;
  /** Streams that peers hold open. */
  readonly inbound: InboundStreams;
  /** What streams hold. */
  readonly room: StreamRoom;
  readonly #streamParts: StreamParts;
  /** Streams of peers that had their place, and could not be read or got no room for their bytes. */
  connectionsFailed = 0;
  /** Streams of peers that the system did not take. */
  acceptsFailed = 0;
  readonly #parts: DriverParts;
  readonly #swim: Swim;
  readonly #abort = new AbortController();
  readonly #loopDelay = new LoopDelayWindow();
  /** How late the deadlines that are due have been seen so far; negative if none was. */
  #lateMs = -1;
  #cancelTimer: (() => void) | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #isSoonArmed = false;
  #phase: "new" | "running" | "stopped" = "new";
  /** Events of the running call; handled after it, since handlers may call the core again. */
  #events: CoreEvent[] = [];
  #isRunning = false;
  /** Exchanges under way, each with what ends it. */
  readonly #exchanges = new Map<number, AbortController>();
  /** Accepted streams that have no answer yet. */
  readonly #accepted = new Map<number, (answer: Uint8Array | null) => void>();
  #lastAccepted = 0;
  readonly #refusals: Refusals;
  /** Bytes of the last state that was sent as an answer. */
  #stateBytes = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#swim = parts.swim;
    this.inbound = new InboundStreams(parts.clock, parts.inboundConnectionsMax, parts.streamTimeoutMs);
    const streamsMax = parts.inboundConnectionsMax + OWN_STREAMS;
    this.room = new StreamRoom(parts.streamBytesMax, streamsMax, parts.clock.soon);
    this.#streamParts = { ...parts, turns: new Turns(parts.clock.soon, TURN_BYTES), room: this.room };
    this.#refusals = new Refusals(this.#streamParts, this.#abort.signal);
    this.streamQueue = new StreamQueue((to, message, signal) => sendOverStream(this.#streamParts, to, message, signal));
    // Each open stream listens; their number has limits of its own.
    setMaxListeners(0, this.#abort.signal);
  }

  /**
   * What the transport reports, and where it goes. A port that others still write to gets it before the node runs, too:
   * until then it is as lost as what came before the port was open.
   */
  readonly transportHandlers: Pick<TransportHandlers, "datagram" | "connection" | "sendFailed"> & {
    acceptFailed(): void;
  } = {
    acceptFailed: () => {
      this.acceptsFailed++;
    },
    datagram: (from, bytes) => this.run((now) => this.#swim.receive(now, from, bytes, this)),
    connection: (connection) => (this.#phase === "new" ? connection.destroy() : this.#admit(connection)),
    sendFailed: (to) => this.run((now) => this.#swim.datagramFailed(now, to, this)),
  };

  start(): void {
    this.#phase = "running";
    this.run((now) => this.#swim.start(now, this));
  }

  /** Nothing runs on after this: timers are gone, streams are cut, late answers are dropped. */
  stop(): void {
    this.#phase = "stopped";
    this.#cancelTimer?.();
    this.#abort.abort();
    for (const token of [...this.#exchanges.keys()]) this.cancelExchange(token);
    this.streamQueue.stop();
    for (const answered of this.#accepted.values()) answered(null);
    this.#accepted.clear();
  }

  /**
   * Makes one call of the core, then handles its events and arms the timer; makes none unless the driver runs. Throws
   * nothing: a broken core is reported and the driver stops.
   */
  run<T>(call: (now: number) => T): T | undefined {
    if (this.#phase !== "running") return undefined;
    const isOutermost = !this.#isRunning;
    this.#isRunning = true;
    try {
      const now = this.#parts.clock.now();
      // Before the call, since an input may meet a deadline, or have the core put deadlines off by what it finds it late.
      if (isOutermost) this.#lateMs = Math.max(this.#lateMs, now - this.#swim.nextDeadline());
      const result = call(now);
      if (isOutermost) this.#deliver();
      return result;
    } catch (error) {
      this.#parts.onBroken(error);
      return undefined;
    } finally {
      if (isOutermost) {
        this.#isRunning = false;
        this.#arm();
      }
    }
  }

  /** How late deadlines were met in the last minute. */
  get loopDelay(): LoopDelay {
    return this.#loopDelay.read(this.#parts.clock.now());
  }

  datagram(to: Address, bytes: Uint8Array): void {
    this.#parts.transport.send(to, bytes);
  }

  event(event: CoreEvent): void {
    // Payloads are borrowed from the datagram, which stays as it is until this turn ends; so does the event.
    this.#events.push(event);
  }

  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void {
    const { clock } = this.#parts;
    const controller = new AbortController();
    this.#exchanges.set(token, controller);
    void exchangeOverStream(this.#streamParts, to, request, deadline - clock.now(), controller.signal).then((result) =>
      this.#exchanged(token, result),
    );
  }

  cancelExchange(token: number): void {
    const controller = this.#exchanges.get(token);
    this.#exchanges.delete(token);
    controller?.abort();
  }

  answer(token: number, message: Uint8Array | null): void {
    const answered = this.#accepted.get(token);
    this.#accepted.delete(token);
    answered?.(message);
  }

  #exchanged(token: number, result: ExchangeResult): void {
    // The core has forgotten an exchange that it cancelled.
    if (this.#exchanges.delete(token)) this.run((now) => this.#swim.exchangeDone(now, token, result, this));
  }

  #admit(connection: Connection): void {
    const stream = this.inbound.admit(connection);
    if (stream !== null) return void this.#serve(stream);
    this.#parts.onStreamRefused(connection.remote, "too-many-streams");
    void this.#refusals.refuse(connection, "too many connections are open; try again later");
  }

  async #serve(stream: InboundStream): Promise<void> {
    const answerer = {
      answerTo: async (request: Uint8Array): Promise<Uint8Array | null> => {
        const answer = await this.#answerTo(stream.remote, request);
        if (answer !== null && request[0] === PUSH_PULL) this.#stateBytes = answer.length;
        return answer;
      },
      stateBytes: (): number => Math.max(this.#stateBytes, MEMBER_BYTES * this.#swim.occupancy.members),
    };
    const refusal = await serveStream(this.#streamParts, stream, answerer, this.#abort.signal);
    // That a stream which was given up ended too early is no fault of its peer's.
    if (refusal === null || stream.isGivenUp || this.#phase === "stopped") return;
    this.connectionsFailed++;
    this.#parts.onStreamRefused(stream.remote, refusal);
  }

  #answerTo(from: Address, request: Uint8Array): Promise<Uint8Array | null> {
    if (this.#phase === "stopped") return Promise.resolve(null);
    return new Promise((resolve) => {
      const token = ++this.#lastAccepted;
      this.#accepted.set(token, resolve);
      this.run((now) => this.#swim.accept(now, token, from, request, this));
    });
  }

  #deliver(): void {
    // Handlers may call the core, whose events join the same list.
    for (let i = 0; i < this.#events.length; i++) this.#parts.onEvent(this.#events[i] as CoreEvent);
    this.#events = [];
  }

  #arm(): void {
    if (this.#phase === "stopped") return;
    const { clock } = this.#parts;
    const at = this.#swim.nextDeadline();
    const now = clock.now();
    if (at <= now) return this.#armSoon();
    this.#noteDelay(now);
    if (at !== this.#timerAt) {
      this.#cancelTimer?.();
      this.#timerAt = at;
      this.#cancelTimer = at === Number.POSITIVE_INFINITY ? null : clock.after(at - now, () => this.#wake());
    }
  }

  /** The timer fired. What waits in the sockets may answer what is due, so it goes first. */
  #wake(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#cancelTimer = null;
    this.#armSoon();
  }

  #armSoon(): void {
    if (this.#isSoonArmed) return;
    this.#isSoonArmed = true;
    this.#parts.clock.soon(() => {
      this.#isSoonArmed = false;
      this.run((now) => {
        this.#noteDelay(now);
        this.#swim.advance(now, this);
      });
    });
  }

  /** All that was due is met, or is about to be. */
  #noteDelay(now: number): void {
    if (this.#lateMs >= 0) this.#loopDelay.note(now, this.#lateMs);
    this.#lateMs = -1;
  }
}

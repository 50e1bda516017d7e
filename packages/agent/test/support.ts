import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { Member } from "hearsay";
import type { Codec } from "../dist/faces/rpc/codec.js";
import * as m from "../dist/faces/rpc/messages.js";
import { RpcWriter } from "../dist/faces/rpc/rpc-writer.js";
import { INCOMPLETE, UNREADABLE, ValueStream } from "../dist/faces/rpc/value-stream.js";
import { Agent, type SerfConfigLayer, serfSettings } from "../dist/index.js";

/** An agent on free ports of this machine. */
export function startAgent(layer: SerfConfigLayer = {}): Promise<Agent> {
  const local = { nodeName: "alpha", bind: "127.0.0.1:0", rpcAddr: "127.0.0.1:0", profile: "local" } as const;
  return Agent.start(serfSettings(local, layer));
}

/** A member as the cluster shows it. */
export function member(name: string, more: Partial<Member> = {}): Member {
  const plain = { meta: new Uint8Array(0), tags: {}, incarnation: 1, sinceMs: 0, roundTripMs: null, isSelf: false };
  const place = { address: "10.0.0.1:7946", host: "10.0.0.1", port: 7946 };
  return { name, status: "alive", versions: [1, 5, 2, 2, 5, 5], ...plain, ...place, ...more };
}

/** Waits until something is so. */
export async function eventually(isSo: () => boolean, what: string, limitMs = 60_000): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - start < limitMs, `not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A client that says exactly what it is told, for what no real client would say. */
export class RawClient {
  readonly #socket: Socket;
  readonly #values = new ValueStream(1 << 24);
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#values.add(chunk));
    socket.on("close", () => {
      this.isClosed = true;
    });
    socket.on("error", () => {});
  }

  static async connect({ rpcAddress }: Agent): Promise<RawClient> {
    const socket = connect(rpcAddress);
    await new Promise((resolve) => socket.once("connect", resolve));
    return new RawClient(socket);
  }

  /** Sends a header, and a request if there is one. */
  send<T>(Command: string, Seq: number, codec?: Codec<T>, body?: T): void {
    const writer = new RpcWriter();
    m.REQUEST_HEADER.write(writer, { Command, Seq });
    if (codec !== undefined) codec.write(writer, body as T);
    this.bytes(writer.copy());
  }

  bytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next header as `seq error`, or what a codec reads. */
  async header(): Promise<string> {
    const { Seq, Error: error } = await this.take(m.RESPONSE_HEADER);
    return `${Seq} ${error}`.trim();
  }

  async take<T>(codec: Codec<T>): Promise<T> {
    let value = this.#values.takeAs(codec);
    await eventually(() => {
      if (value === INCOMPLETE) value = this.#values.takeAs(codec);
      return value !== INCOMPLETE;
    }, "a value from the server");
    assert.ok(value !== INCOMPLETE && value !== UNREADABLE);
    return value;
  }

  /** The same; null as soon as it is said that nothing more comes. */
  async takeSoon<T>(codec: Codec<T>, isOver: () => boolean): Promise<T | null> {
    let value = this.#values.takeAs(codec);
    await eventually(() => {
      if (value === INCOMPLETE) value = this.#values.takeAs(codec);
      return value !== INCOMPLETE || isOver();
    }, "a value from the server");
    assert.ok(value !== UNREADABLE);
    return value === INCOMPLETE ? null : value;
  }

  /** Told of what comes, which is not read from then on. */
  watch(received: (bytes: number) => void): void {
    this.#socket.removeAllListeners("data");
    this.#socket.on("data", ({ length }) => received(length));
  }

  /** What was sent and stands at this end still. */
  get bytesUnsent(): number {
    return this.#socket.writableLength;
  }

  /** Reads nothing from the network until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async shakeHands(): Promise<void> {
    this.send("handshake", 0, m.HANDSHAKE, { Version: 1 });
    assert.equal(await this.header(), "0");
  }

  close(): void {
    this.#socket.destroy();
  }
}

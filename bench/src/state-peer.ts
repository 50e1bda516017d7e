import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Alive, StreamCodec, type WireOptions } from "@hearsay/core/wire";
import { address, alive, pushPull } from "./sample-messages.ts";

const META_BYTES = 64;

/**
 * A peer that lists many members and only exchanges that state, encoded, compressed and sealed beforehand, so that the
 * time of an exchange is the other side's.
 */
export class StatePeer {
  readonly #streams: StreamCodec;
  readonly #server: Server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
  #asked: Uint8Array = new Uint8Array(0);
  #answer: Uint8Array = new Uint8Array(0);

  private constructor(options: WireOptions) {
    this.#streams = new StreamCodec(options);
  }

  /**
   * Its own entry comes last, where it is found latest. The others are at unused loopback addresses. Their metadata is
   * random, so that it hardly compresses.
   */
  static async open(members: number, options: WireOptions): Promise<StatePeer> {
    const peer = new StatePeer(options);
    peer.#server.listen(0, "127.0.0.1");
    await once(peer.#server, "listening");
    const of: Alive[] = [];
    for (let i = 0; i < members - 1; i++) {
      of.push({ ...alive(i, 0, `127.77.${(i >> 8) & 0xff}.${i & 0xff}`), meta: randomBytes(META_BYTES) });
    }
    const { ip, port } = address("127.0.0.1", (peer.#server.address() as AddressInfo).port);
    of.push({ ...alive(members), node: "peer", addr: ip, port });
    const state = pushPull(of, false);
    peer.#asked = peer.#wrapped(state, "connect");
    peer.#answer = peer.#wrapped(state, "accept");
    return peer;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The bytes of its state on the network. */
  get stateBytes(): number {
    return this.#asked.length;
  }

  /** Sends its state to a node and waits for the node's state. */
  async dial(to: string): Promise<void> {
    const [host = "", port = ""] = to.split(":");
    const socket = connect(Number(port), host);
    socket.write(this.#asked);
    await this.#read(socket, "connect");
    socket.destroy();
  }

  close(): void {
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    await this.#read(socket, "accept");
    socket.end(this.#answer);
  }

  /** Waits for the one message that the other side sends. */
  async #read(socket: Socket, side: "accept" | "connect"): Promise<void> {
    const decoder = this.#streams.decoder(side);
    await new Promise<void>((resolve) => {
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
      socket.on("data", (chunk: Uint8Array) => {
        decoder.push(chunk);
        let progress = decoder.step(Number.POSITIVE_INFINITY);
        while (progress === "working") progress = decoder.step(Number.POSITIVE_INFINITY);
        if (progress !== "need-more") resolve();
      });
    });
  }

  #wrapped(message: Uint8Array, side: "accept" | "connect"): Uint8Array {
    const wrap = this.#streams.wrap(message, side);
    while (!wrap.step(Number.POSITIVE_INFINITY));
    return wrap.result();
  }
}

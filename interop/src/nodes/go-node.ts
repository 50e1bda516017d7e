import { GoPeer, type PeerOptions } from "../go-peer.ts";
import { hostPort } from "./host-port.ts";
import type { ProcessNode, Row } from "./test-node.ts";

/** A node of the real memberlist library, in its own process. */
export class GoNode implements ProcessNode {
  readonly kind = "go";
  readonly name: string;
  /** For operations that only a Go node has. */
  readonly peer: GoPeer;
  #address = "";

  static async start(binary: string, options: PeerOptions): Promise<GoNode> {
    const node = new GoNode(await GoPeer.spawn(binary), options.name);
    try {
      const { addr, port } = await node.peer.start(options);
      node.#address = hostPort(addr, port);
      return node;
    } catch (error) {
      await node.peer.close();
      throw error;
    }
  }

  private constructor(peer: GoPeer, name: string) {
    this.peer = peer;
    this.name = name;
  }

  get address(): string {
    return this.#address;
  }

  get departures(): readonly string[] {
    return this.peer.events.flatMap((event) =>
      event.event === "leave" && event.node.name !== this.name ? [event.node.name] : [],
    );
  }

  get heard(): readonly Uint8Array[] {
    return this.peer.events.flatMap((event) => (event.event === "message" ? [event.payload] : []));
  }

  get logLines(): readonly string[] {
    const { logLines, errorOutput } = this.peer;
    return errorOutput === "" ? logLines : [...logLines, ...errorOutput.trimEnd().split("\n")];
  }

  async table(): Promise<ReadonlyMap<string, Row>> {
    const records = await this.peer.allNodes();
    return new Map(
      records.map(({ name, addr, port, meta, state, incarnation }) => [
        name,
        { status: state === "dead" ? "failed" : state, incarnation, meta, address: hostPort(addr, port) },
      ]),
    );
  }

  async join(address: string): Promise<void> {
    await this.peer.join([address]);
  }

  broadcast(payload: Uint8Array): Promise<void> {
    return this.peer.broadcast(payload);
  }

  send(to: string, payload: Uint8Array, reliable: boolean): Promise<void> {
    return reliable ? this.peer.sendReliable(to, payload) : this.peer.sendBestEffort(to, payload);
  }

  setMeta(meta: Uint8Array): Promise<void> {
    return this.peer.updateMeta(meta);
  }

  leave(): Promise<void> {
    return this.peer.leave();
  }

  close(): Promise<void> {
    return this.peer.close();
  }

  kill(): Promise<void> {
    return this.peer.kill();
  }

  freeze(): void {
    this.peer.stop();
  }

  thaw(): void {
    this.peer.continue();
  }

  refutations(accusation: "suspect" | "dead"): number {
    return this.peer.logLines.filter((line) => line.includes(`Refuting a ${accusation} message`)).length;
  }
}

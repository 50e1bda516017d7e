import { createCluster, type MemberlistCluster, type MemberlistOptions, type RawMessage } from "hearsay";
import { LogRecorder } from "./log-recorder.ts";
import type { Change, Row, TestNode } from "./test-node.ts";

/** A Hearsay node in this process. */
export class HearsayNode implements TestNode {
  readonly kind = "hearsay";
  readonly name: string;
  readonly address: string;
  readonly heard: Uint8Array[] = [];
  /** The messages of `heard`, with their transport. */
  readonly messages: RawMessage[] = [];
  readonly changes: Change[] = [];
  /** For operations that only a Hearsay node has. */
  readonly cluster: MemberlistCluster;
  readonly #log: LogRecorder;
  #onChange: (change: Change) => void = () => {};

  static async start(options: MemberlistOptions, log: LogRecorder = new LogRecorder()): Promise<HearsayNode> {
    return new HearsayNode(await createCluster({ ...options, logger: log }), log);
  }

  private constructor(cluster: MemberlistCluster, log: LogRecorder) {
    this.cluster = cluster;
    this.#log = log;
    this.name = cluster.self.name;
    this.address = cluster.self.address;
    cluster.onRaw((message) => {
      this.messages.push(message);
      this.heard.push(message.payload);
    });
    void this.#follow();
  }

  get departures(): readonly string[] {
    return this.changes.flatMap(({ kind, name }) => (kind === "failed" || kind === "left" ? [name] : []));
  }

  get logLines(): readonly string[] {
    return this.#log.lines;
  }

  /** Calls `handler` with each future change. */
  onChange(handler: (change: Change) => void): void {
    this.#onChange = handler;
  }

  /** The current table, without waiting. */
  rows(): ReadonlyMap<string, Row> {
    const members = this.cluster.members({ status: ["alive", "suspect", "failed", "left"] });
    return new Map(
      members.map(({ name, status, incarnation, meta, address }) => [name, { status, incarnation, meta, address }]),
    );
  }

  table(): Promise<ReadonlyMap<string, Row>> {
    return Promise.resolve(this.rows());
  }

  async join(address: string): Promise<void> {
    await this.cluster.join(address);
  }

  broadcast(payload: Uint8Array): Promise<void> {
    this.cluster.sendRaw(payload);
    return Promise.resolve();
  }

  send(to: string, payload: Uint8Array, reliable: boolean): Promise<void> {
    this.cluster.sendRaw(payload, { to, reliable });
    return Promise.resolve();
  }

  setMeta(meta: Uint8Array): Promise<void> {
    return this.cluster.setMeta(meta);
  }

  leave(): Promise<void> {
    return this.cluster.leave();
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  async #follow(): Promise<void> {
    for await (const item of this.cluster.changes()) {
      if (item.type === "snapshot" || item.member.isSelf) continue;
      const change = { kind: item.type, name: item.member.name };
      this.changes.push(change);
      this.#onChange(change);
    }
  }
}

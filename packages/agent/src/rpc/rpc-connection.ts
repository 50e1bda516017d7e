import type { Socket } from "node:net";
import { COMMANDS, type Command, HANG_UP, type Reply } from "./commands.ts";
import * as m from "./messages.ts";
import type { RpcHost } from "./rpc-host.ts";
import { RpcSession } from "./rpc-session.ts";
import { messageOf } from "./rpc-texts.ts";
import { RpcWriter } from "./rpc-writer.ts";
import { INCOMPLETE, UNREADABLE, ValueStream } from "./value-stream.ts";

/** Bytes of the largest header or request. */
export const REQUEST_BYTES_MAX: number = 1024 * 1024;

/** Commands that are possible without a key. */
const OPEN_COMMANDS: readonly string[] = ["handshake", "auth"];

/**
 * One client: reads commands and answers them one after the other (docs/protocol/serf.md, section 22). While the client
 * doesn't read, no further command is looked at.
 */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #session: RpcSession;
  readonly #values = new ValueStream(REQUEST_BYTES_MAX);
  readonly #writer = new RpcWriter();
  /** Fields that a header leaves out keep their values. */
  #header: m.RequestHeader = m.REQUEST_HEADER.zero;
  /** The command whose request comes next; null while a header does. */
  #command: Command | null = null;
  #isBusy = false;

  constructor(socket: Socket, host: RpcHost) {
    this.#socket = socket;
    this.#session = new RpcSession(host, {
      get isBlocked() {
        return socket.writableNeedDrain;
      },
      write: (bytes) => void socket.write(bytes),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#session.end());
  }

  /** Ends it once what has been written is out. */
  close(): void {
    this.#socket.destroySoon();
  }

  #received(chunk: Uint8Array): void {
    this.#values.add(chunk);
    this.#proceed();
    // What the client has sent ahead must not pile up.
    if (this.#isWaiting()) this.#socket.pause();
  }

  #drained(): void {
    this.#session.drain();
    this.#proceed();
  }

  #isWaiting(): boolean {
    return this.#isBusy || this.#socket.writableNeedDrain;
  }

  #proceed(): void {
    while (!this.#isWaiting() && !this.#socket.destroyed && this.#next());
    if (!this.#isWaiting()) this.#socket.resume();
  }

  /** Takes one header or one request. Returns whether there was one. */
  #next(): boolean {
    if (this.#command === null) return this.#nextHeader();
    const { request } = this.#command;
    const body = request === null ? null : this.#values.takeAs(request);
    if (body === INCOMPLETE) return false;
    if (body === UNREADABLE) return this.#hangUp();
    const command = this.#command;
    this.#command = null;
    void this.#run(command, body);
    return true;
  }

  #nextHeader(): boolean {
    const header = this.#values.take((reader) => m.REQUEST_HEADER.readOver(reader, this.#header));
    if (header === INCOMPLETE) return false;
    if (header === UNREADABLE) return this.#hangUp();
    this.#header = header;
    const { version, isAuthenticated, host } = this.#session;
    if (version === 0 && header.Command !== "handshake") {
      this.#answer({ error: "Handshake required" });
      return this.#hangUp();
    }
    if (host.authKey !== null && !isAuthenticated && !OPEN_COMMANDS.includes(header.Command)) {
      // The request of the refused command, if it has one, is taken for the next header, as clients know it.
      this.#answer({ error: "Authentication required" });
      return true;
    }
    const command = COMMANDS.get(header.Command);
    if (command === undefined) {
      this.#answer({ error: "Unsupported command" });
      return this.#hangUp();
    }
    this.#command = command;
    return true;
  }

  async #run(command: Command, body: unknown): Promise<void> {
    const { Seq: seq } = this.#header;
    this.#isBusy = true;
    const reply = await this.#replyOf(command, body, seq);
    this.#isBusy = false;
    if (this.#socket.destroyed) return;
    if (reply === HANG_UP) {
      this.#hangUp();
      return;
    }
    this.#answer(reply);
    reply.afterwards?.();
    this.#proceed();
  }

  async #replyOf(command: Command, body: unknown, seq: number): Promise<Reply | typeof HANG_UP> {
    try {
      return await command.run(this.#session, body, seq);
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  #answer({ error = "", body }: Reply): void {
    const writer = this.#writer;
    writer.reset();
    m.RESPONSE_HEADER.write(writer, { Seq: this.#header.Seq, Error: error });
    body?.(writer);
    this.#socket.write(writer.copy());
  }

  /** What has been written still goes out. */
  #hangUp(): false {
    this.#socket.end(() => this.#socket.destroy());
    return false;
  }
}

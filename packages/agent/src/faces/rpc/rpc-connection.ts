import type { Socket } from "node:net";
import { messageOf } from "../../base/message-of.ts";
import type { TurnQueue } from "../../base/turn-queue.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { COMMANDS, type Command, HANG_UP, type Reply } from "./commands.ts";
import * as m from "./messages.ts";
import { Outlet } from "./outlet.ts";
import { RpcSession, type SessionParts } from "./rpc-session.ts";
import { RpcWriter } from "./rpc-writer.ts";
import { INCOMPLETE, UNREADABLE, ValueStream } from "./value-stream.ts";

/** Bytes of the largest header or request. */
export const REQUEST_BYTES_MAX: number = 1024 * 1024;

/** The same for a client that may only shake hands and authenticate so far. */
export const FIRST_REQUEST_BYTES_MAX = 4096;

/** Cost of reading and running a request, in microseconds, roughly; longer work takes turns of its own. */
const REQUEST_MICROS = 50;

/** Cost of sending what waited for a client that reads again, in the same unit. */
const PUMP_MICROS = 50;

/** Time that a client has to read its answers after a hang-up. */
const HANG_UP_MS = 2000;

/** Commands that need no authentication. */
const OPEN_COMMANDS: readonly string[] = ["handshake", "auth"];

/** What the connections of one server share. */
export interface ServerParts extends SessionParts {
  readonly budget: ByteBudget;
  readonly turns: TurnQueue;
  /** Logs and counts a request that was refused or could not be read. */
  refused(client: string, command: string, reason: string): void;
  /** Logs and counts a connection that was ended from this side. */
  ended(client: string, reason: string): void;
}

/** Shared by all connections, one answer after the other. */
const writer = new RpcWriter();

/**
 * One client: reads commands and answers them one after the other (docs/protocol/serf.md, section 22), one a turn, so
 * that each client has its share. While the client doesn't read, no further command is read.
 */
export class RpcConnection {
  /** Its address, for the log. */
  readonly client: string;
  /** Whether the client has sent anything. */
  hasSpoken = false;
  readonly outlet: Outlet;
  readonly #socket: Socket;
  readonly #parts: ServerParts;
  readonly #session: RpcSession;
  readonly #values = new ValueStream(FIRST_REQUEST_BYTES_MAX);
  /** Fields that a header omits keep their values. */
  #header: m.RequestHeader = m.REQUEST_HEADER.zero;
  /** The command whose request comes next; null if a header comes next. */
  #command: Command | null = null;
  /** Whether a command is running, or waits for its turn or for room. */
  #isBusy = false;
  #isEnding = false;
  /** Stops waiting for room for an answer. */
  #stopWaiting: () => void = () => {};
  #deadline: NodeJS.Timeout;

  constructor(socket: Socket, parts: ServerParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.client = `${socket.remoteAddress}:${socket.remotePort}`;
    this.outlet = new Outlet(socket, parts.budget);
    this.#session = new RpcSession(parts, this.outlet);
    this.#deadline = setTimeout(() => this.#tooLate(), parts.host.limits.handshakeMs).unref();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => parts.turns.run(PUMP_MICROS, () => this.#drained()));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed());
  }

  /** Whether the client has shaken hands, and authenticated if that is required. */
  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  /** Ends it once its answers are out. */
  close(): void {
    this.#isEnding = true;
    clearTimeout(this.#deadline);
    this.outlet.end();
  }

  /** Ends it at once. */
  cut(reason: string): void {
    this.#parts.ended(this.client, reason);
    this.#socket.destroy();
  }

  #received(chunk: Uint8Array): void {
    this.hasSpoken = true;
    if (this.#isEnding) return;
    this.#values.add(chunk);
    if (this.#holdRoom()) this.#proceed();
    else this.cut("no room for so large a request: all clients together hold too much");
  }

  /** Updates the account with the bytes of the requests. Returns whether there was room. */
  #holdRoom(): boolean {
    return this.outlet.account.holdRequests(this.#values.room, FIRST_REQUEST_BYTES_MAX);
  }

  #drained(): void {
    this.outlet.pump();
    this.#proceed();
  }

  /**
   * Reads the next header or request in this client's turn. Meanwhile the socket is paused, so that input doesn't pile
   * up.
   */
  #proceed(): void {
    if (this.#isEnding || this.#socket.destroyed) return;
    if (!this.#isBusy && !this.outlet.isBlocked) {
      this.#isBusy = true;
      const { budget, turns } = this.#parts;
      if (budget.hasRoomForAnswer()) turns.run(REQUEST_MICROS, () => this.#turn());
      else {
        this.#stopWaiting = budget.onceRoom(() => this.#retry());
        this.#parts.wantsRoom();
      }
    }
    if (this.#isBusy || this.outlet.isBlocked) this.#socket.pause();
  }

  #retry(): void {
    this.#isBusy = false;
    this.#proceed();
  }

  #turn(): void {
    this.#isBusy = false;
    if (this.#isEnding || this.#socket.destroyed) return;
    const hadNext = this.#next();
    this.#holdRoom();
    if (hadNext) this.#proceed();
    else this.#socket.resume();
  }

  /** Takes one header or one request. Returns whether there was one. */
  #next(): boolean {
    if (this.#command === null) return this.#nextHeader();
    const { request } = this.#command;
    const body = request === null ? null : this.#values.takeAs(request);
    if (body === INCOMPLETE) return false;
    if (body === UNREADABLE) return this.#hangUp(this.#values.fault);
    const command = this.#command;
    this.#command = null;
    void this.#run(command, body);
    return true;
  }

  /** Takes one header, and answers it if the command can't run. */
  #nextHeader(): boolean {
    const header = this.#values.take((reader) => m.REQUEST_HEADER.readOver(reader, this.#header));
    if (header === INCOMPLETE) return false;
    this.#header = header === UNREADABLE ? m.REQUEST_HEADER.zero : header;
    if (header === UNREADABLE) return this.#hangUp(this.#values.fault);
    const { version, isOpen } = this.#session;
    const command = COMMANDS.get(header.Command);
    if (version === 0 && header.Command !== "handshake") return this.#hangUp("Handshake required", true);
    if (!isOpen && !OPEN_COMMANDS.includes(header.Command)) {
      // As clients expect, the body of the refused command, if any, is read as the next header.
      this.#refuse("Authentication required");
    } else if (command === undefined) return this.#hangUp("Unsupported command", true);
    else this.#command = command;
    return true;
  }

  async #run(command: Command, body: unknown): Promise<void> {
    const { Command: name, Seq: seq } = this.#header;
    this.#isBusy = true;
    const reply = await this.#replyOf(command, body, seq);
    this.#isBusy = false;
    if (this.#socket.destroyed) return;
    if (reply === HANG_UP) {
      this.#hangUp("an invalid expression");
      return;
    }
    if (reply.error !== undefined) this.#parts.refused(this.client, name, reply.error);
    this.#answer(reply);
    reply.afterwards?.();
    if (this.isOpen) this.#opened();
    this.#proceed();
  }

  /** From now on the client may send requests up to the full size, without a deadline. */
  #opened(): void {
    clearTimeout(this.#deadline);
    this.#values.bytesMax = REQUEST_BYTES_MAX;
  }

  async #replyOf(command: Command, body: unknown, seq: number): Promise<Reply | typeof HANG_UP> {
    try {
      return await command.run(this.#session, body, seq);
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  #answer({ error = "", body, pieces = [] }: Reply): void {
    writer.reset();
    m.RESPONSE_HEADER.write(writer, { Seq: this.#header.Seq, Error: error });
    body?.(writer);
    this.outlet.answer(writer.copy(), ...pieces);
  }

  #refuse(error: string): void {
    this.#parts.refused(this.client, this.#header.Command, error);
    this.#answer({ error });
  }

  /** Answers already made still go out if the client reads them in time. */
  #hangUp(reason: string, isAnswered = false): false {
    if (isAnswered) this.#refuse(reason);
    else this.#parts.refused(this.client, this.#header.Command, reason);
    this.close();
    this.#deadline = setTimeout(() => this.#socket.destroy(), HANG_UP_MS).unref();
    return false;
  }

  #tooLate(): void {
    this.cut(this.#session.version === 0 ? "no handshake in time" : "no authentication in time");
  }

  #closed(): void {
    this.#stopWaiting();
    clearTimeout(this.#deadline);
    this.#session.end();
    this.outlet.close();
  }
}

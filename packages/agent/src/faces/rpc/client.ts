import { connect, type Socket } from "node:net";
import type { Codec } from "./codec.ts";
import * as m from "./messages.ts";
import { RpcWriter } from "./rpc-writer.ts";
import { INCOMPLETE, UNREADABLE, ValueStream } from "./value-stream.ts";

/** The largest readable answer, in bytes: the members of a large pool. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

/** The agent's address, and the key that it asks for. */
export interface RpcClientOptions {
  /** @defaultValue 127.0.0.1 */
  readonly host?: string;
  /** @defaultValue 7373 */
  readonly port?: number;
  /** @defaultValue none */
  readonly authKey?: string;
  /** Longest wait for the connection and for each answer, in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/** The agent refused a command, or the connection ended. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  /** The body that came with the error, for `join` and the key commands. */
  readonly result: unknown;

  constructor(text: string, result?: unknown) {
    super(text);
    this.result = result;
  }
}

/** Which members to list: regular expressions that must match completely. */
export interface MembersFilter {
  readonly name?: string;
  readonly status?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A query, and who shall answer it. */
export interface RpcQuery {
  readonly name: string;
  readonly payload?: Uint8Array | null;
  readonly filterNodes?: readonly string[];
  readonly filterTags?: Readonly<Record<string, string>>;
  readonly ack?: boolean;
  readonly relayFactor?: number;
  /** @defaultValue the agent's */
  readonly timeoutMs?: number;
}

/** Receives the acks and responses of a query. */
export interface QueryWatcher {
  ack?(from: string): void;
  response?(from: string, payload: Uint8Array): void;
}

/** Waits for one answer. */
interface Waiter {
  readonly body: Codec<unknown> | null;
  /** Whether the body also follows an error. */
  readonly bodyAfterError: boolean;
  answered(error: string, body: unknown): void;
  failed(error: Error): void;
}

/** Receives the records that follow a command. */
interface Follower {
  readonly codec: Codec<unknown>;
  record(value: unknown): void;
  failed(error: Error): void;
}

/**
 * A client of Serf's RPC, for Serf's own agent and for ours (docs/protocol/serf.md, sections 22 and 23). It has one
 * connection; commands are answered in order.
 */
export class SerfRpcClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #values = new ValueStream(ANSWER_BYTES_MAX);
  readonly #waiters = new Map<number, Waiter>();
  readonly #followers = new Map<number, Follower>();
  #header: m.ResponseHeader | null = null;
  #seq = 0;
  #end: Error | null = null;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#received(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new RpcError("the agent closed the connection")));
  }

  /** Connects, shakes hands and authenticates. @throws RpcError, and what the socket fails with */
  static async connect(options: RpcClientOptions = {}): Promise<SerfRpcClient> {
    const { host = "127.0.0.1", port = 7373, authKey, timeoutMs = 10_000 } = options;
    const client = new SerfRpcClient(connect({ host, port }), timeoutMs);
    try {
      await client.#call("handshake", m.HANDSHAKE, { Version: 1 });
      if (authKey !== undefined) await client.#call("auth", m.AUTH, { AuthKey: authKey });
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  async event(name: string, payload: Uint8Array | null = null, coalesce = true): Promise<void> {
    await this.#call("event", m.EVENT, { Name: name, Payload: payload, Coalesce: coalesce });
  }

  async forceLeave(node: string, prune = false): Promise<void> {
    await this.#call("force-leave", m.FORCE_LEAVE, { Node: node, Prune: prune });
  }

  /** Returns how many of the addresses were joined. */
  async join(addresses: readonly string[], replay = false): Promise<number> {
    const body = { Existing: addresses, Replay: replay };
    return (await this.#ask("join", m.JOIN, body, m.JOINED, true)).Num;
  }

  async members(): Promise<readonly m.RpcMember[]> {
    return (await this.#ask("members", null, null, m.MEMBERS)).Members ?? [];
  }

  async membersFiltered({ name = "", status = "", tags }: MembersFilter): Promise<readonly m.RpcMember[]> {
    const body = { Tags: tags === undefined ? null : new Map(Object.entries(tags)), Status: status, Name: name };
    return (await this.#ask("members-filtered", m.MEMBERS_FILTERED, body, m.MEMBERS)).Members ?? [];
  }

  /**
   * Calls `watch` for each event that the filter matches, such as "user:deploy,query". Returns a function that stops
   * it.
   */
  async stream(type: string, watch: (record: m.EventRecord) => void): Promise<() => Promise<void>> {
    const seq = await this.#follow("stream", m.STREAM, { Type: type }, m.EVENT_RECORD, watch);
    return () => this.#stop(seq);
  }

  /** Calls `watch` for each line of the agent's log, the last ones first. Returns a function that stops it. */
  async monitor(logLevel: string, watch: (line: string) => void): Promise<() => Promise<void>> {
    const follow = ({ Log }: m.LogRecord): void => watch(Log);
    const seq = await this.#follow("monitor", m.MONITOR, { LogLevel: logLevel }, m.LOG_RECORD, follow);
    return () => this.#stop(seq);
  }

  /** Makes the agent leave and end. */
  async leave(): Promise<void> {
    await this.#call("leave", null, null);
  }

  installKey(key: string): Promise<m.KeyResult> {
    return this.#ask("install-key", m.KEY, { Key: key }, m.KEY_RESULT, true);
  }

  useKey(key: string): Promise<m.KeyResult> {
    return this.#ask("use-key", m.KEY, { Key: key }, m.KEY_RESULT, true);
  }

  removeKey(key: string): Promise<m.KeyResult> {
    return this.#ask("remove-key", m.KEY, { Key: key }, m.KEY_RESULT, true);
  }

  listKeys(): Promise<m.KeyResult> {
    return this.#ask("list-keys", null, null, m.KEY_RESULT, true);
  }

  /** Removes the tags in `remove`, then adds or replaces others. */
  async tags(tags: Readonly<Record<string, string>>, remove: readonly string[] = []): Promise<void> {
    await this.#call("tags", m.TAGS, { Tags: new Map(Object.entries(tags)), DeleteTags: remove });
  }

  /** Resolves when the query's time is over. */
  async query(query: RpcQuery, watcher: QueryWatcher = {}): Promise<void> {
    const { name, payload = null, filterNodes = null, filterTags, ack = false, relayFactor = 0, timeoutMs = 0 } = query;
    const body: m.QueryRequest = {
      FilterNodes: filterNodes,
      FilterTags: filterTags === undefined ? null : new Map(Object.entries(filterTags)),
      RequestAck: ack,
      RelayFactor: relayFactor,
      Timeout: timeoutMs * 1_000_000,
      Name: name,
      Payload: payload,
    };
    await new Promise<void>((resolve, reject) => {
      const record = ({ Type, From, Payload }: m.QueryRecord): void => {
        if (Type === "done") {
          this.#followers.delete(seq);
          resolve();
        } else if (From !== "" && Type === "ack") watcher.ack?.(From);
        else if (From !== "" && Type === "response") watcher.response?.(From, Payload ?? new Uint8Array(0));
      };
      const seq = this.#seq + 1;
      this.#follow("query", m.QUERY, body, m.QUERY_RECORD, record, reject).catch(reject);
    });
  }

  /** Answers a query that a stream of this connection reported. */
  async respond(id: number, payload: Uint8Array): Promise<void> {
    await this.#call("respond", m.RESPOND, { ID: id, Payload: payload });
  }

  async stats(): Promise<ReadonlyMap<string, ReadonlyMap<string, string> | null>> {
    return (await this.#ask("stats", null, null, m.STATS)) ?? new Map();
  }

  /** A node's coordinate, in seconds; null if it is unknown. */
  async getCoordinate(node: string): Promise<m.RpcCoordinate | null> {
    const { Coord, Ok } = await this.#ask("get-coordinate", m.GET_COORDINATE, { Node: node }, m.COORDINATE_RESULT);
    return Ok ? Coord : null;
  }

  close(): void {
    this.#fail(new RpcError("the client was closed"));
    this.#socket.destroy();
  }

  async #stop(seq: number): Promise<void> {
    this.#followers.delete(seq);
    await this.#call("stop", m.STOP, { Stop: seq });
  }

  async #call<T>(command: string, request: Codec<T> | null, body: T): Promise<void> {
    await this.#ask(command, request, body, null);
  }

  /** Sends a command and reads the records that follow its answer. Returns its sequence number. */
  async #follow<T, R>(
    command: string,
    request: Codec<T>,
    body: T,
    codec: Codec<R>,
    record: (value: R) => void,
    failed: (error: Error) => void = () => {},
  ): Promise<number> {
    const seq = this.#seq + 1;
    this.#followers.set(seq, { codec, record: (value) => record(value as R), failed });
    try {
      await this.#call(command, request, body);
    } catch (error) {
      this.#followers.delete(seq);
      throw error;
    }
    return seq;
  }

  #ask<T, R>(
    command: string,
    request: Codec<T> | null,
    body: T,
    answer: Codec<R> | null,
    bodyAfterError = false,
  ): Promise<R> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const seq = ++this.#seq;
    const writer = new RpcWriter();
    m.REQUEST_HEADER.write(writer, { Command: command, Seq: seq });
    request?.write(writer, body);
    return new Promise<R>((resolve, reject) => {
      // A leave, a join and the key commands may take longer.
      const patience = command === "leave" || bodyAfterError ? 6 * this.#timeoutMs : this.#timeoutMs;
      const timer = setTimeout(() => {
        this.#waiters.delete(seq);
        reject(new RpcError(`no answer to ${command} within ${patience} ms`));
      }, patience);
      this.#waiters.set(seq, {
        body: answer,
        bodyAfterError,
        answered: (error, value) => {
          clearTimeout(timer);
          if (error === "") resolve(value as R);
          else reject(new RpcError(error, value));
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.write(writer.copy());
    });
  }

  #received(chunk: Uint8Array): void {
    this.#values.add(chunk);
    while (this.#end === null && this.#next());
  }

  /** Reads one header and its body. Returns whether both were complete. */
  #next(): boolean {
    if (this.#header === null) {
      const header = this.#values.takeAs(m.RESPONSE_HEADER);
      if (header === INCOMPLETE) return false;
      if (header === UNREADABLE) return this.#unreadable();
      this.#header = header;
    }
    const { Seq: seq, Error: error } = this.#header;
    const waiter = this.#waiters.get(seq);
    const codec = waiter === undefined ? this.#followers.get(seq)?.codec : waiter.body;
    if (codec === undefined) return this.#strayRecord();
    const hasBody = codec !== null && (error === "" || (waiter?.bodyAfterError === true && !isRefusal(error)));
    const body = hasBody ? this.#values.takeAs(codec) : undefined;
    if (body === INCOMPLETE) return false;
    if (body === UNREADABLE) return this.#unreadable();
    this.#header = null;
    this.#waiters.delete(seq);
    if (waiter !== undefined) waiter.answered(error, body);
    else this.#followers.get(seq)?.record(body);
    return true;
  }

  /** Skips a record of a stream that was stopped meanwhile: any value. */
  #strayRecord(): boolean {
    const skipped = this.#values.take((reader) => reader.skip(1));
    if (skipped === INCOMPLETE) return false;
    if (skipped === UNREADABLE) return this.#unreadable();
    this.#header = null;
    return true;
  }

  #unreadable(): boolean {
    this.#fail(new RpcError("the agent sent what can't be read"));
    this.#socket.destroy();
    return false;
  }

  #fail(error: Error): void {
    if (this.#end !== null) return;
    this.#end = error;
    for (const waiter of this.#waiters.values()) waiter.failed(error);
    for (const follower of this.#followers.values()) follower.failed(error);
    this.#waiters.clear();
    this.#followers.clear();
  }
}

/** Whether the command was refused before its body was read; then no body follows. */
function isRefusal(error: string): boolean {
  return error === "Authentication required" || error === "Handshake required";
}

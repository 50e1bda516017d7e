import { isHearsayError, type KeyReport } from "hearsay";
import { messageOf } from "../../base/message-of.ts";
import { parseFilters } from "../../events/event-filter.ts";
import { logLevel } from "../../log/log-ring.ts";
import type { Codec } from "./codec.ts";
import * as m from "./messages.ts";
import { filteredMembers } from "./rpc-members.ts";
import { type RpcSession, STREAMS_MAX } from "./rpc-session.ts";
import { statsFigures } from "./rpc-stats.ts";
import * as texts from "./rpc-texts.ts";
import type { RpcWriter } from "./rpc-writer.ts";

/** The outcome of a command. */
export interface Reply {
  /** Empty for success. */
  readonly error?: string;
  readonly body?: (writer: RpcWriter) => void;
  /** The rest of the body, in pieces that were encoded a slice at a time. */
  readonly pieces?: readonly Uint8Array[];
  /** Runs once the answer has been sent. */
  readonly afterwards?: () => void;
}

/** The connection ends without an answer. */
export const HANG_UP: unique symbol = Symbol("hang up");

type Outcome = Reply | typeof HANG_UP;

/** A command: the codec of its request, and its action. */
export interface Command {
  /** Null if nothing follows the header. */
  readonly request: Codec<unknown> | null;
  run(session: RpcSession, body: unknown, seq: number): Outcome | Promise<Outcome>;
}

/** The only version of the RPC. */
const IPC_VERSION = 1;

const DONE: Reply = {};

/** Every command (docs/protocol/serf.md, section 23). */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["handshake", command(m.HANDSHAKE, handshake)],
  ["auth", command(m.AUTH, authenticate)],
  ["event", command(m.EVENT, fireEvent)],
  ["force-leave", command(m.FORCE_LEAVE, forceLeave)],
  ["join", command(m.JOIN, join)],
  ["members", bare(members)],
  ["members-filtered", command(m.MEMBERS_FILTERED, membersFiltered)],
  ["stream", command(m.STREAM, stream)],
  ["monitor", command(m.MONITOR, monitor)],
  ["stop", command(m.STOP, stop)],
  ["leave", bare(leave)],
  ["install-key", command(m.KEY, ({ host }, { Key }) => keys(() => host.operations.installKey(Key)))],
  ["use-key", command(m.KEY, ({ host }, { Key }) => keys(() => host.operations.useKey(Key)))],
  ["remove-key", command(m.KEY, ({ host }, { Key }) => keys(() => host.operations.removeKey(Key)))],
  ["list-keys", bare(({ host }) => keys(() => host.operations.listKeys(), true))],
  ["tags", command(m.TAGS, changeTags)],
  ["query", command(m.QUERY, query)],
  ["respond", command(m.RESPOND, respond)],
  ["stats", bare(({ host, usage }) => answer(m.STATS, statsFigures(host.operations.stats(), usage())))],
  ["get-coordinate", command(m.GET_COORDINATE, getCoordinate)],
]);

function command<T>(
  request: Codec<T>,
  run: (session: RpcSession, body: T, seq: number) => Outcome | Promise<Outcome>,
): Command {
  return { request, run: (session, body, seq) => run(session, body as T, seq) } as Command;
}

function bare(run: (session: RpcSession) => Outcome | Promise<Outcome>): Command {
  return { request: null, run };
}

function answer<T>(codec: Codec<T>, value: T): Reply {
  return { body: (writer) => codec.write(writer, value) };
}

function handshake(session: RpcSession, { Version }: m.Handshake): Reply {
  if (Version !== IPC_VERSION) return { error: "Unsupported IPC version" };
  if (session.version !== 0) return { error: "Handshake already performed" };
  session.version = Version;
  return DONE;
}

function authenticate(session: RpcSession, { AuthKey }: m.Auth): Reply {
  if (!texts.isSameSecret(AuthKey, session.host.authKey ?? "")) return { error: "Invalid authentication token" };
  session.isAuthenticated = true;
  return DONE;
}

function fireEvent({ host }: RpcSession, { Name, Payload, Coalesce }: m.EventRequest): Reply {
  try {
    host.operations.event(Name, Payload ?? undefined, { coalesce: Coalesce });
    return DONE;
  } catch (error) {
    return { error: texts.eventError(error, Buffer.byteLength(Name) + (Payload?.length ?? 0)) };
  }
}

async function forceLeave({ host }: RpcSession, { Node, Prune }: m.ForceLeaveRequest): Promise<Reply> {
  await host.operations.forceLeave(Node, { prune: Prune });
  return DONE;
}

async function join({ host }: RpcSession, { Existing, Replay }: m.JoinRequest): Promise<Reply> {
  const num = (value: number): Reply["body"] => answer(m.JOINED, { Num: value }).body;
  try {
    const { contacted } = await host.operations.join(Existing ?? [], { replay: Replay });
    return { body: num(contacted) } as Reply;
  } catch (error) {
    return { error: texts.joinError(error), body: num(0) } as Reply;
  }
}

function members(session: RpcSession): Promise<Outcome> {
  return membersFiltered(session, m.MEMBERS_FILTERED.zero);
}

async function membersFiltered(session: RpcSession, filter: m.MembersFilteredRequest): Promise<Outcome> {
  const { operations } = session.host;
  const found = await filteredMembers((wanted, gone) => operations.members(wanted, gone), filter, session);
  if (found === "invalid" || found === "unwanted") return HANG_UP;
  if (found === "too-costly") return { error: texts.FILTER_TOO_COSTLY };
  return { body: (writer) => m.membersHead(writer, found.count), pieces: found.pieces };
}

function stream(session: RpcSession, { Type }: m.StreamRequest, seq: number): Reply {
  if (session.hasStream(seq)) return { error: "Stream with given sequence exists" };
  if (!session.hasRoom) return { error: `At most ${STREAMS_MAX} streams are possible` };
  const filters = parseFilters(Type);
  if (filters === null) return { error: "Invalid event filter" };
  return { afterwards: () => session.stream(seq, filters) };
}

function monitor(session: RpcSession, { LogLevel }: m.MonitorRequest, seq: number): Reply {
  const level = logLevel(LogLevel);
  if (level === null) return { error: `Unknown log level: ${LogLevel.toUpperCase()}` };
  if (session.hasMonitor) return { error: "Monitor already exists" };
  if (session.hasStream(seq)) return { error: "Stream with given sequence exists" };
  if (!session.hasRoom) return { error: `At most ${STREAMS_MAX} streams are possible` };
  return { afterwards: () => session.monitor(seq, level) };
}

function stop(session: RpcSession, { Stop }: m.StopRequest): Reply {
  session.stop(Stop);
  return DONE;
}

async function leave({ host }: RpcSession): Promise<Reply> {
  await host.operations.leave();
  return DONE;
}

async function changeTags({ host }: RpcSession, { Tags, DeleteTags }: m.TagsRequest): Promise<Reply> {
  try {
    await host.operations.changeTags(Tags ?? new Map(), DeleteTags ?? []);
    return DONE;
  } catch (error) {
    return { error: texts.tagsError(error) };
  }
}

function query(session: RpcSession, request: m.QueryRequest, seq: number): Reply {
  const { FilterNodes, FilterTags, RequestAck, RelayFactor, Timeout, Name, Payload } = request;
  if (!session.hasRoom) return { error: `At most ${STREAMS_MAX} queries are possible at a time` };
  // A negative timeout becomes the shortest one.
  const timeoutMs = Timeout === 0 ? 0 : Math.max(1, Math.ceil(Timeout / 1_000_000));
  try {
    const started = session.host.operations.query(Name, Payload ?? undefined, {
      filters: {
        ...(FilterNodes === null || FilterNodes.length === 0 ? {} : { nodes: FilterNodes }),
        tags: Object.fromEntries(FilterTags ?? []),
      },
      ack: RequestAck,
      relay: RelayFactor,
      ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}),
    });
    return { afterwards: () => void session.followQuery(seq, started) };
  } catch (error) {
    return { error: texts.queryError(error) };
  }
}

function respond(session: RpcSession, { ID, Payload }: m.RespondRequest): Reply {
  const asked = session.pendingQuery(ID);
  if (asked === undefined) return { error: "No pending queries matching ID" };
  try {
    asked.respond(Payload ?? new Uint8Array(0));
    return DONE;
  } catch (error) {
    return { error: texts.respondError(error) };
  }
}

function getCoordinate({ host }: RpcSession, { Node }: m.GetCoordinateRequest): Reply {
  const found = host.operations.coordinate(Node);
  if (found === undefined) return answer(m.COORDINATE_RESULT, { Coord: m.COORDINATE.zero, Ok: false });
  const { vec, error, adjustment, height } = found;
  const coordinate = { Vec: [...vec], Error: error, Adjustment: adjustment, Height: height };
  return answer(m.COORDINATE_RESULT, { Coord: coordinate, Ok: true });
}

/** Changes or lists keys; the result also follows an error. */
async function keys(work: () => Promise<KeyReport>, isList = false): Promise<Reply> {
  try {
    return answer(m.KEY_RESULT, keyResult(await work(), isList));
  } catch (error) {
    const report = isHearsayError(error, "ERR_KEY_REPORT") ? error.data.report : null;
    const result = report === null ? m.KEY_RESULT.zero : keyResult(report, isList);
    return { error: messageOf(error), ...answer(m.KEY_RESULT, result) };
  }
}

function keyResult(report: KeyReport, isList: boolean): m.KeyResult {
  const { nodes, answered, failed, answers, away, keys: counts } = report;
  const messages = new Map<string, string>();
  for (const [node, { message }] of answers) if (message !== "") messages.set(node, message);
  // Serf's agents don't report these; a member that returns without the key is refused.
  for (const node of away) messages.set(node, "away, and didn't hear of it");
  return { Messages: messages, Keys: isList ? counts : null, NumNodes: nodes, NumErr: failed, NumResp: answered };
}

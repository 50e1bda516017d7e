import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MembersPage } from "../members/members-page.ts";

/** The part of `Cluster` that the debug pages show. */
export interface Inspectable {
  readonly clusterName: string | null;
  readonly status: string;
  readonly self: object;
  explain(name: string): readonly unknown[];
  stats(): unknown;
  readonly metrics: { prometheus(): string };
}

/** The members whose names follow `after`, `limit` at most. */
export type ReadMembers = (after: string, limit: number) => MembersPage;

/** Handles requests of `node:http`, Express, Fastify's raw objects and similar. */
export type DebugHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Members on a page: the default, and the maximum. */
export const PAGE_MEMBERS = 500;
export const PAGE_MEMBERS_MAX = 1000;

/** Members written in one turn of the loop: a millisecond or two of work. */
const SLICE_MEMBERS = 50;

const PAGES = new Set(["members", "explain", "self", "stats", "metrics"]);

/**
 * Read-only debug pages: `/members?after=&limit=`, `/explain?name=`, `/self`, `/stats` as JSON and `/metrics` for
 * Prometheus. The last part of the path selects the page, so the handler can be mounted anywhere. It never shows keys.
 * The application controls who may access it.
 */
export function debugHandler(cluster: Inspectable, readMembers: ReadMembers): DebugHandler {
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendText(response, 405, "GET and HEAD only\n");
    }
    const [page, query] = parseTarget(request.url ?? "/");
    if (!PAGES.has(page)) {
      return sendText(response, 404, `no such page; there are ${[...PAGES].join(", ")}\n`);
    }
    const limit = page === "members" ? limitOf(query) : PAGE_MEMBERS;
    if (limit === null) return sendText(response, 400, `limit is a whole number from 1 to ${PAGE_MEMBERS_MAX}\n`);
    const after = page === "members" ? fromCursor(query.get("after") ?? "") : "";
    if (after === null) return sendText(response, 400, "after is what the page before it gave as next\n");
    const type = page === "metrics" ? "text/plain; version=0.0.4" : "application/json";
    response.setHeader("content-type", type).setHeader("cache-control", "no-store");
    if (request.method === "HEAD") response.end();
    else if (page === "metrics") response.end(cluster.metrics.prometheus());
    else if (page === "members") void stream(response, membersText(cluster, readMembers(after, limit)));
    else response.end(`${JSON.stringify(contentOf(cluster, page, query), asJson, 2)}\n`);
  };
}

/**
 * The last part of the path, and the query. Parsed by hand, because `URL` throws for targets that any client may send.
 */
function parseTarget(target: string): [page: string, query: URLSearchParams] {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1));
  return [path.split("/").filter(Boolean).at(-1) ?? "", query];
}

/** Null if it is none. */
function limitOf(query: URLSearchParams): number | null {
  const text = query.get("limit") ?? String(PAGE_MEMBERS);
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= PAGE_MEMBERS_MAX ? limit : null;
}

/**
 * A name in a form that a client can send back unchanged: JSON without the quotes. Bytes of a name that are not UTF-8
 * are lone surrogates (`@hearsay/core`), which a URL can't carry.
 */
function toCursor(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}

/** Null if it is none. */
function fromCursor(cursor: string): string | null {
  try {
    const name: unknown = JSON.parse(`"${cursor}"`);
    return typeof name === "string" ? name : null;
  } catch {
    return null;
  }
}

function contentOf(cluster: Inspectable, page: string, query: URLSearchParams): unknown {
  if (page === "explain") return { name: query.get("name") ?? "", causes: cluster.explain(query.get("name") ?? "") };
  if (page === "stats") return cluster.stats();
  const { clusterName, status, self } = cluster;
  return { clusterName, status, ...self };
}

/** A page of members, a slice at a time, one line per member. */
function* membersText(
  { status }: Inspectable,
  { total, next, members }: MembersPage,
): Generator<string, void, undefined> {
  const cursor = next === null ? null : toCursor(next);
  let text = `{\n  "status": ${JSON.stringify(status)},\n  "total": ${total},\n  "next": ${JSON.stringify(cursor)},\n  "members": [`;
  let count = 0;
  for (const member of members) {
    if (count > 0 && count % SLICE_MEMBERS === 0) {
      yield text;
      text = "";
    }
    text += `${count++ === 0 ? "" : ","}\n    ${JSON.stringify(member, asJson)}`;
  }
  yield `${text}\n  ]\n}\n`;
}

/** Writes each piece in its own turn, and waits for a client that reads slowly. */
async function stream(response: ServerResponse, pieces: Generator<string, void, undefined>): Promise<void> {
  try {
    for (let piece = pieces.next(); ; ) {
      if (piece.done === true) return void response.end();
      const isTaken = response.write(piece.value);
      piece = pieces.next();
      // The last piece needs no wait.
      if (piece.done === true) continue;
      // A socket that accepted everything needs no wait for `drain`.
      if (!isTaken) await drained(response);
      await nextTurn();
      if (response.destroyed) return;
    }
  } catch {
    // Half a page must not look complete: the client sees that it was cut.
    response.destroy();
  }
}

/** Settles when the client has read what was written, or has disconnected. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}

/** Bytes as base64, addresses as text. */
function asJson(key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (key === "from" && typeof value === "object" && value !== null && "key" in value) return value.key;
  return value;
}

function sendText(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain").setHeader("cache-control", "no-store");
  response.end(body);
}

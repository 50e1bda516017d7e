import type { IncomingMessage, ServerResponse } from "node:http";

/** What the debug pages show; a part of `Cluster`. */
export interface Inspectable {
  readonly state: string;
  members(): readonly unknown[];
  explain(name: string): readonly unknown[];
  health(): unknown;
  stats(): unknown;
  readonly metrics: { prometheus(): string };
}

/** Handles a request of `node:http`, Express, Fastify's raw objects and the like. */
export type DebugHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A read-only look inside: `/members`, `/explain?name=`, `/health`, `/stats` as JSON and `/metrics` for Prometheus, by
 * the last part of the path, so that it can be mounted anywhere. It never shows keys. Who may see it is the
 * application's business.
 */
export function debugHandler(cluster: Inspectable): DebugHandler {
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "text/plain", "GET only\n");
    const [page, query] = parseTarget(request.url ?? "/");
    if (page === "metrics") return send(response, 200, "text/plain; version=0.0.4", cluster.metrics.prometheus());
    const content = contentOf(cluster, page, query);
    if (content === undefined) {
      const pages = "members, explain?name=…, health, stats, metrics";
      return send(response, 404, "text/plain", `no such page; there are ${pages}\n`);
    }
    send(response, 200, "application/json", `${JSON.stringify(content, asJson, 2)}\n`);
  };
}

/** The last part of the path, and the query. By hand, because `URL` throws for targets that anybody may send. */
function parseTarget(target: string): [page: string, query: URLSearchParams] {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1));
  return [path.split("/").filter(Boolean).at(-1) ?? "", query];
}

function contentOf(cluster: Inspectable, page: string, query: URLSearchParams): unknown {
  if (page === "members") return { state: cluster.state, members: cluster.members() };
  if (page === "explain") return { name: query.get("name") ?? "", causes: cluster.explain(query.get("name") ?? "") };
  if (page === "health") return cluster.health();
  return page === "stats" ? cluster.stats() : undefined;
}

/** Bytes as base64, addresses as text. */
function asJson(key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (key === "from" && typeof value === "object" && value !== null && "key" in value) return value.key;
  return value;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(body);
}

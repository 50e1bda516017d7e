import assert from "node:assert/strict";
import { createServer, IncomingMessage, request, ServerResponse } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Member } from "../../dist/index.js";
import { type DebugHandler, debugHandler, type ReadMembers } from "../../dist/observe/debug-handler.js";
import { testNetwork } from "../../dist/testing/index.js";

const asked: string[] = [];

const INSPECTABLE = {
  clusterName: "shop",
  status: "joined",
  self: { name: "node-1" },
  explain: (name: string) => {
    asked.push(name);
    return [];
  },
  stats: () => ({}),
  metrics: { prometheus: () => "metrics" },
};

const handler = debugHandler(INSPECTABLE, () => ({ total: 0, next: null, members: [] }));

/** What a request gets, when everything of it can be had at once. */
function answerTo(target: string, method = "GET", handle: DebugHandler = handler): ServerResponse {
  const request = new IncomingMessage(new Socket());
  request.method = method;
  request.url = target;
  const response = new ServerResponse(request);
  handle(request, response);
  assert.ok(response.writableEnded, "the request is answered");
  return response;
}

function statusOf(target: string): number {
  return answerTo(target).statusCode;
}

/** Runs `use` with the port of a server of these pages. */
async function serving(handle: DebugHandler, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

interface Page {
  readonly status: string;
  readonly total: number;
  readonly next: string | null;
  readonly members: readonly Member[];
}

function pageOf(port: number, target: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path: target }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    })
      .on("error", reject)
      .end();
  });
}

const PLACE = { address: "10.0.0.1:7946", host: "10.0.0.1", port: 7946 };
const PLAIN = {
  meta: new Uint8Array(200),
  tags: { role: "web" },
  status: "alive",
  versions: [1, 5, 2, 2, 5, 5],
} as const;

function memberNamed(name: string): Member {
  return { name, incarnation: 1, sinceMs: 0, roundTripMs: null, isSelf: false, ...PLAIN, ...PLACE };
}

/** So many members, and how many of them have been made. */
function crowd(size: number): { readonly read: ReadMembers; made: number } {
  const self = {
    made: 0,
    read: (_after: string, limit: number) => ({
      total: size,
      next: null,
      members: (function* (): Generator<Member> {
        for (let i = 0; i < Math.min(size, limit); i++) {
          self.made++;
          yield memberNamed(`node-${i}`);
        }
      })(),
    }),
  };
  return self;
}

describe("the debug pages", () => {
  it("go by the last part of the path, wherever they are mounted", () => {
    for (const target of ["/members", "/debug/members/", "//members", "http://node:80/members?x=//", "/members?a?b"]) {
      assert.equal(statusOf(target), 200, target);
    }
    assert.equal(statusOf("/explain?name=node%201&x=2"), 200);
    assert.deepEqual(asked, ["node 1"]);
  });

  it("answer every request target, however odd", () => {
    for (const target of ["", "/", "//", "///", "http://[", "*", "?", "/%", "/x?name=%zz"]) {
      assert.equal(statusOf(target), 404, target);
    }
    fc.assert(fc.property(fc.string({ unit: "binary" }), (target) => statusOf(target) > 0));
  });

  it("say which methods they know to whoever comes with another one, and show their heads", () => {
    const refused = answerTo("/members", "POST");
    assert.deepEqual([refused.statusCode, refused.getHeader("allow")], [405, "GET, HEAD"]);
    for (const [page, type] of [
      ["members", "application/json"],
      ["stats", "application/json"],
      ["metrics", "text/plain; version=0.0.4"],
    ]) {
      const head = answerTo(`/${page}`, "HEAD");
      assert.deepEqual([head.statusCode, head.getHeader("content-type")], [200, type]);
    }
    assert.equal(answerTo("/nothing", "HEAD").statusCode, 404);
  });

  it("list members page by page, and nobody twice or never", async () => {
    await using network = await testNetwork({ nodes: 7 });
    await network.until(() => network.converged());
    await serving(network.node("node-3").debugHandler(), async (port) => {
      const names: string[] = [];
      let next: string | null = "";
      let pages = 0;
      while (next !== null) {
        const page: Page = await pageOf(port, `/debug/members?limit=3&after=${encodeURIComponent(next)}`);
        assert.deepEqual([page.status, page.total], ["joined", 7]);
        names.push(...page.members.map(({ name }) => name));
        next = page.next;
        pages++;
      }
      assert.equal(pages, 3);
      assert.deepEqual(
        names,
        network
          .node("node-3")
          .members()
          .map(({ name }) => name),
      );
      const whole = await pageOf(port, "/members");
      assert.deepEqual([whole.next, whole.members.length], [null, 7]);
    });
  });

  it("follow each other whatever the names are, bytes that are no UTF-8 too", async () => {
    const names = [
      "a b",
      'a"b',
      "a\\b",
      "a\\udcff",
      "é",
      "\u{1f600}",
      "\udc80",
      "\udcfe",
      "\udcff",
      "\ue000",
      "\ufffe",
    ];
    const read: ReadMembers = (after, limit) => {
      const rest = names.filter((name) => name > after);
      const listed = rest.slice(0, limit);
      const next = rest.length > limit ? (listed.at(-1) ?? null) : null;
      return { total: names.length, next, members: listed.map(memberNamed) };
    };
    await serving(debugHandler(INSPECTABLE, read), async (port) => {
      const seen: string[] = [];
      for (let next: string | null = ""; next !== null; ) {
        const page: Page = await pageOf(port, `/members?limit=1&${new URLSearchParams({ after: next })}`);
        seen.push(...page.members.map(({ name }) => name));
        next = page.next;
      }
      assert.deepEqual(seen, names);
    });
    for (const after of ["%22", "%5C", "%5Cx", "a%22,%22b"])
      assert.equal(statusOf(`/members?after=${after}`), 400, after);
    assert.equal(statusOf("/self?after=%22"), 200);
  });

  it("have at most a thousand members, 500 unless asked, and refuse a limit that is none", async () => {
    await serving(debugHandler(INSPECTABLE, crowd(5000).read), async (port) => {
      assert.equal((await pageOf(port, "/members")).members.length, 500);
      assert.equal((await pageOf(port, "/members?limit=1000")).members.length, 1000);
    });
    for (const limit of ["0", "1001", "-1", "x", "", "1e3"])
      assert.equal(statusOf(`/members?limit=${limit}`), 400, limit);
  });

  it("are made in slices, between which the loop goes round", async () => {
    const members = crowd(5000);
    await serving(debugHandler(INSPECTABLE, members.read), async (port) => {
      let isDone = false;
      let most = 0;
      const answered = pageOf(port, "/members?limit=1000").finally(() => {
        isDone = true;
      });
      for (let before = 0; !isDone; before = members.made) {
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, members.made - before);
      }
      await answered;
      assert.equal(members.made, 1000);
      assert.ok(most <= 200, `${most} members in one turn`);
    });
  });

  it("stop when the client has gone", async () => {
    const members = crowd(5000);
    const ended: Promise<void>[] = [];
    const handle = debugHandler(INSPECTABLE, members.read);
    const watched: DebugHandler = (incoming, response) => {
      ended.push(new Promise((resolve) => response.once("close", resolve)));
      // A client that reads nothing: what is written waits in the socket.
      response.socket?.cork();
      handle(incoming, response);
    };
    await serving(watched, async (port) => {
      const socket = connect(port, "127.0.0.1");
      socket.write("GET /members?limit=1000 HTTP/1.1\r\nhost: x\r\n\r\n");
      while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      await Promise.all(ended);
      const { made } = members;
      assert.ok(made < 1000, "not all were made");
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(members.made, made);
    });
  });
});

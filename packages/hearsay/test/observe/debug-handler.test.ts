import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { debugHandler } from "../../dist/observe/debug-handler.js";

const asked: string[] = [];

const handler = debugHandler({
  state: "joined",
  members: () => [],
  explain: (name) => {
    asked.push(name);
    return [];
  },
  health: () => ({}),
  stats: () => ({}),
  metrics: { prometheus: () => "" },
});

/** The status that a request target is answered with. */
function statusOf(target: string): number {
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  request.url = target;
  const response = new ServerResponse(request);
  handler(request, response);
  assert.ok(response.writableEnded, "the request is answered");
  return response.statusCode;
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
});

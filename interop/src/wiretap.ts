import { createServer } from "node:net";
import type { CaseRun } from "./case-run.ts";
import type { TestNode } from "./nodes/test-node.ts";
import { expect } from "./until.ts";

/** Message types at the beginning of a stream (docs/protocol/memberlist.md, section 2). */
export const PUSH_PULL_TYPE = 6;
export const COMPRESS_TYPE = 9;

/**
 * The first bytes that each of these nodes writes on a stream. Receivers accept more forms than senders choose, so a
 * working cluster doesn't show what is sent; a listener that never answers does.
 */
export async function firstBytes(run: CaseRun, nodes: readonly TestNode[], count: number): Promise<Uint8Array[]> {
  run.rules.allowGo(["[DEBUG] memberlist: failed to join {addr}: {any}"]);
  const taken: Uint8Array[] = [];
  for (const node of nodes) taken.push(await firstBytesOf(node, count, run.pace.spreadLimitMs));
  return taken;
}

async function firstBytesOf(node: TestNode, count: number, limitMs: number): Promise<Uint8Array> {
  const server = createServer();
  const taken = new Promise<Uint8Array>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`${node.name} has written nothing in ${limitMs} ms`)), limitMs);
    server.on("connection", (socket) => {
      // The node may reset a connection that is closed.
      socket.on("error", () => {});
      let bytes = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < count) return;
        clearTimeout(limit);
        socket.end();
        resolve(new Uint8Array(bytes.subarray(0, count)));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  expect(typeof address === "object" && address !== null, "the listener has no port");
  // The listener is no node, so the join fails.
  const join = node.join(`127.0.0.1:${address.port}`).catch(() => {});
  try {
    return await taken;
  } finally {
    await join;
    server.close();
  }
}

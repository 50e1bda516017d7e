import type { MemberlistOptions } from "hearsay";
import { answerParent, tellParent } from "./nodes/child-answers.ts";
import type { Said } from "./nodes/child-questions.ts";
import { HearsayNode } from "./nodes/hearsay-node.ts";
import { LogRecorder } from "./nodes/log-recorder.ts";
import type { Change, Row } from "./nodes/test-node.ts";

/** The parent's requests to a Hearsay node in a process of its own. */
export type Ask =
  | { readonly id: number; readonly op: "start"; readonly options: MemberlistOptions }
  | { readonly id: number; readonly op: "join"; readonly address: string }
  | { readonly id: number; readonly op: "table" }
  | { readonly id: number; readonly op: "broadcast"; readonly payload: Uint8Array }
  | { readonly id: number; readonly op: "send"; readonly to: string; readonly payload: Uint8Array; reliable: boolean }
  | { readonly id: number; readonly op: "setMeta"; readonly meta: Uint8Array }
  | { readonly id: number; readonly op: "leave" };

/** Unrequested messages of the process. */
type News = { readonly log: string } | { readonly change: Change } | { readonly heard: Uint8Array };

/** Messages of the process: answers with the number of the request, and news. */
export type Tell = Said<Result> | News;

/** The answer: where the node listens for `start`, the rows for `table`, nothing for the others. */
export type Result = { readonly address: string } | { readonly rows: ReadonlyMap<string, Row> } | null;

let node: HearsayNode | null = null;

async function run(ask: Ask): Promise<Result> {
  if (ask.op === "start") return await start(ask.options);
  if (node === null) throw new Error("the node is not started");
  switch (ask.op) {
    case "join":
      await node.join(ask.address);
      return null;
    case "table":
      return { rows: node.rows() };
    case "broadcast":
      await node.broadcast(ask.payload);
      return null;
    case "send":
      await node.send(ask.to, ask.payload, ask.reliable);
      return null;
    case "setMeta":
      await node.setMeta(ask.meta);
      return null;
    case "leave":
      await node.leave();
      return null;
  }
}

async function start(options: MemberlistOptions): Promise<Result> {
  node = await HearsayNode.start(options, new LogRecorder((log) => tell({ log })));
  node.onChange((change) => tell({ change }));
  node.cluster.onRaw(({ payload }) => tell({ heard: payload }));
  return { address: node.address };
}

function tell(words: News): void {
  tellParent(words);
}

// Only in a forked process; importing this module's types or names runs nothing.
if (process.send !== undefined) answerParent(run);

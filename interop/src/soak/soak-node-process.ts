import { type Cluster, createCluster, type HearsayOptions } from "hearsay";
import { answerParent, tellParent } from "../nodes/child-answers.ts";
import type { Said } from "../nodes/child-questions.ts";

/** The parent's requests to the node. */
export type Ask =
  | { readonly id: number; readonly op: "start"; readonly options: HearsayOptions }
  | { readonly id: number; readonly op: "join"; readonly address: string }
  /** A user event whose payload is a number. */
  | { readonly id: number; readonly op: "event"; readonly number: number }
  | { readonly id: number; readonly op: "look" }
  | { readonly id: number; readonly op: "leave" };

/** An observation of a node. */
export interface Look {
  readonly address: string;
  /** Every member as `name status`, in order. */
  readonly view: readonly string[];
  readonly membersRefused: number;
  readonly datagramsIn: number;
  /** Distinct events that it has received; `eventsTwice` counts repetitions. */
  readonly eventsHeard: number;
  readonly eventsTwice: number;
  /** After a garbage collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** Unrequested messages of the process: changes of other members. */
type News = { readonly kind: string; readonly name: string };

/** Messages of the process: answers with the number of the request, and news. */
export type Tell = Said<Look> | News;

/** The kind of a message that stands for changes that the process could not follow, and whose contents are unknown. */
export const MISSED = "missed";

/** Waiting changes: more than a flood of names causes at once. */
const QUEUE_MAX = 1_048_576;

/** The prefix of the names of a flood's members, whose changes are not reported. */
export const FLOOD_NAME = "flood-";

/** Received events are kept as a byte each. */
const EVENTS_MAX = 1_000_000;
const EVENT = "soak";

const heard = new Uint8Array(EVENTS_MAX);
let eventsHeard = 0;
let eventsTwice = 0;
let cluster: Cluster | null = null;

async function run(ask: Ask): Promise<Look> {
  cluster ??= await start(ask);
  if (ask.op === "join") await cluster.join(ask.address);
  if (ask.op === "event") cluster.event(EVENT, String(ask.number), { coalesce: false });
  if (ask.op === "leave") await cluster.leave();
  return lookAt(cluster, ask.op === "look");
}

async function start(ask: Ask): Promise<Cluster> {
  if (ask.op !== "start") throw new Error("the node is not started");
  const node = await createCluster(ask.options);
  node.onEvent(EVENT, ({ payload }) => {
    const number = Number(Buffer.from(payload).toString());
    if (heard[number] === 1) eventsTwice++;
    else eventsHeard++;
    heard[number] = 1;
  });
  void follow(node);
  return node;
}

async function follow(node: Cluster): Promise<void> {
  for await (const item of node.changes({ queueMax: QUEUE_MAX })) {
    if (item.type === "snapshot") {
      if (item.reason === "overflow") tell({ kind: MISSED, name: "changes" });
      continue;
    }
    if (item.member.isSelf || item.member.name.startsWith(FLOOD_NAME)) continue;
    tell({ kind: item.type, name: item.member.name });
  }
}

function notExposed(): never {
  throw new Error("this process needs --expose-gc");
}

function lookAt(node: Cluster, isWhole: boolean): Look {
  if (isWhole) (gc ?? notExposed)();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const { counters } = node.stats();
  const members = isWhole ? node.members({ status: ["alive", "suspect", "failed", "left"] }) : [];
  return {
    address: node.self.address,
    view: members.map(({ name, status }) => `${name} ${status}`).sort(),
    membersRefused: counters.membersRefused,
    datagramsIn: counters.datagramsIn,
    eventsHeard,
    eventsTwice,
    heapBytes: heapUsed + arrayBuffers,
    rssBytes: rss,
  };
}

function tell(words: News): void {
  tellParent(words);
}

// Only in a forked process; importing this module's types or names runs nothing.
if (process.send !== undefined) answerParent(run);

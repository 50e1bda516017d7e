import { performance } from "node:perf_hooks";
import type { MemberReport } from "./reports.ts";
import type { SupervisedNode } from "./supervised-node.ts";
import type { SeenChange, Supervisor } from "./supervisor.ts";
import { causeText, listText, spanText } from "./words.ts";

/** How a step ended. */
export type StepResult =
  | { readonly isTrue: true; readonly tookMs?: number; readonly notes: readonly string[] }
  | { readonly isTrue: false; readonly tookMs?: number; readonly expected: string; readonly seen: readonly string[] };

/** One step of the story, which must come true. */
export interface Step {
  readonly title: string;
  readonly needsPause?: true;
  readonly run: (supervisor: Supervisor) => Promise<StepResult>;
}

/** The story, in order: each step begins in the state that the previous one left. */
export const STEPS: readonly Step[] = [
  { title: "five nodes meet: each sees all five", run: meet },
  { title: "an urgent message from node-1 reaches the other four", run: spread },
  { title: "node-3 is killed: suspected, then failed", run: crash },
  { title: "node-3 is started again and rejoins", run: rejoin },
  { title: "node-4 is paused until it is suspected, and refutes when it goes on", needsPause: true, run: refute },
  {
    title: "node-4 is paused until it has failed, and comes back when it goes on",
    needsPause: true,
    run: comeBack,
  },
  { title: "node-5 leaves: shown as left, never as failed", run: leave },
];

async function meet(supervisor: Supervisor): Promise<StepResult> {
  await supervisor.startAll();
  const allMet = (): boolean => supervisor.running.length === 5 && everybodySees(supervisor, isAliveView);
  if (await supervisor.until(allMet)) {
    return {
      isTrue: true,
      notes: supervisor.nodes.map((node) => `${node.name} at ${node.address}, process ${node.pid}`),
    };
  }
  return failure(supervisor, "five running nodes, each with five alive members");
}

async function spread(supervisor: Supervisor): Promise<StepResult> {
  const delivery = supervisor.publish(supervisor.node("node-1"));
  const isDone = (): boolean => delivery.publishedAtMs !== null && delivery.heardAtMs.size === 4;
  const isTrue = await supervisor.until(isDone);
  const since = delivery.publishedAtMs ?? 0;
  const heard = [...delivery.heardAtMs].map(([name, atMs]) => ({ name, tookMs: atMs - since }));
  const notes = heard.map(({ name, tookMs }) => `${name} ${spanText(tookMs)}`).join(", ");
  if (!isTrue) return failure(supervisor, "four receivers", `heard by ${notes === "" ? "nobody" : notes}`);
  return { isTrue, tookMs: Math.max(...heard.map(({ tookMs }) => tookMs)), notes: [`after ${notes}`] };
}

async function crash(supervisor: Supervisor): Promise<StepResult> {
  const node = supervisor.node("node-3");
  const beganAtMs = performance.now();
  node.crash();
  const isFailed = (): boolean => others(supervisor, node).every((other) => statusSeenBy(other, node) === "failed");
  if (!(await supervisor.until(isFailed))) return failure(supervisor, "node-3 failed in all four views");
  const changes = changesOf(supervisor, node, beganAtMs);
  const suspected = changes.find(({ type }) => type === "suspected");
  const failed = changes.find(({ type }) => type === "failed");
  if (suspected === undefined || failed === undefined) {
    return failure(supervisor, "a suspicion before the death", `changes: ${changeList(changes)}`);
  }
  const notes = [
    `suspected after ${spanText(suspected.atMs - beganAtMs)}, failed after ${spanText(failed.atMs - beganAtMs)}`,
    ...(await explanation(supervisor, supervisor.node(failed.observer), node)),
  ];
  return { isTrue: true, notes };
}

async function rejoin(supervisor: Supervisor): Promise<StepResult> {
  const node = supervisor.node("node-3");
  await supervisor.until(() => node.pid === null);
  supervisor.start(node);
  const isBack = (): boolean => node.state === "running" && everybodySees(supervisor, isAliveView);
  if (!(await supervisor.until(isBack))) return failure(supervisor, "five alive members in five views");
  return { isTrue: true, notes: [`same name, same address, now with incarnation ${incarnationOf(supervisor, node)}`] };
}

async function refute(supervisor: Supervisor): Promise<StepResult> {
  const node = supervisor.node("node-4");
  const beganAtMs = performance.now();
  const before = incarnationOf(supervisor, node);
  node.pause();
  const isSuspected = (): boolean => others(supervisor, node).some((other) => statusSeenBy(other, node) === "suspect");
  const hasBeenSuspected = await supervisor.until(isSuspected);
  const suspectedAtMs = performance.now();
  node.resume();
  if (!hasBeenSuspected) return failure(supervisor, "node-4 suspect in some view");
  const hasRefuted = (): boolean => {
    if (!everybodySees(supervisor, isAliveView)) return false;
    return others(supervisor, node).every((other) => (rowOf(other, node)?.incarnation ?? 0) > before);
  };
  const isTrue = await supervisor.until(hasRefuted);
  const changes = changesOf(supervisor, node, beganAtMs);
  if (!isTrue) return failure(supervisor, `node-4 alive in all views, with an incarnation above ${before}`);
  if (changes.some(({ type }) => type === "failed")) {
    return failure(supervisor, "a suspicion and no death", `changes: ${changeList(changes)}`);
  }
  const refutedMs = performance.now() - suspectedAtMs;
  const suspected = `suspected after ${spanText(suspectedAtMs - beganAtMs)}`;
  const refuted = `refuted everywhere ${spanText(refutedMs)} after it went on, with incarnation ${incarnationOf(supervisor, node)}`;
  return { isTrue, notes: [`${suspected}; ${refuted}`] };
}

async function comeBack(supervisor: Supervisor): Promise<StepResult> {
  const node = supervisor.node("node-4");
  const beganAtMs = performance.now();
  node.pause();
  const isDead = (): boolean => others(supervisor, node).every((other) => statusSeenBy(other, node) === "failed");
  const hasDied = await supervisor.until(isDead);
  const diedAtMs = performance.now();
  node.resume();
  if (!hasDied) return failure(supervisor, "node-4 failed in all four views");
  const isBack = (): boolean => everybodySees(supervisor, isAliveView);
  if (!(await supervisor.until(isBack))) return failure(supervisor, "five alive members in five views");
  const notes = [
    `failed after ${spanText(diedAtMs - beganAtMs)}, back ${spanText(performance.now() - diedAtMs)} after it went on`,
  ];
  return { isTrue: true, notes };
}

async function leave(supervisor: Supervisor): Promise<StepResult> {
  const node = supervisor.node("node-5");
  const beganAtMs = performance.now();
  node.leave();
  const hasLeft = (): boolean => {
    return node.state === "left" && others(supervisor, node).every((other) => statusSeenBy(other, node) === "left");
  };
  const isTrue = await supervisor.until(hasLeft);
  const changes = changesOf(supervisor, node, beganAtMs);
  if (!isTrue) return failure(supervisor, "node-5 left in all four views, and its process ended");
  if (changes.some(({ type }) => type !== "leaving" && type !== "left")) {
    return failure(supervisor, "no change but a departure", `changes: ${changeList(changes)}`);
  }
  return { isTrue, notes: [`${listText(others(supervisor, node).map(({ name }) => name))} see it as left`] };
}

/** The causes of the latest death, with times since the first of them. */
async function explanation(supervisor: Supervisor, by: SupervisedNode, of: SupervisedNode): Promise<string[]> {
  const causes = (await supervisor.explain(by, of.name)) ?? [];
  const start = causes.findLastIndex(({ kind }) => kind === "accused");
  const chain = causes.slice(Math.max(0, start));
  const nameOf = (address: string): string | null =>
    supervisor.nodes.find((node) => node.address === address)?.name ?? null;
  const firstAtMs = chain[0]?.atMs ?? 0;
  const lines = chain.map((cause) => {
    return `  ${`+${spanText(cause.atMs - firstAtMs)}`.padEnd(9)} ${causeText(cause, nameOf)}`;
  });
  return [`${by.name} explains:`, ...lines];
}

function everybodySees(supervisor: Supervisor, isTrue: (members: readonly MemberReport[]) => boolean): boolean {
  return supervisor.running.every(({ view }) => isTrue(view.members));
}

function isAliveView(members: readonly MemberReport[]): boolean {
  return members.length === 5 && members.every(({ status }) => status === "alive");
}

/** The running nodes except one. */
function others(supervisor: Supervisor, node: SupervisedNode): readonly SupervisedNode[] {
  return supervisor.running.filter((other) => other !== node);
}

function rowOf(observer: SupervisedNode, node: SupervisedNode): MemberReport | undefined {
  return observer.view.members.find(({ name }) => name === node.name);
}

function statusSeenBy(observer: SupervisedNode, node: SupervisedNode): string {
  return rowOf(observer, node)?.status ?? "unknown";
}

/** The highest incarnation of a node in any view. */
function incarnationOf(supervisor: Supervisor, node: SupervisedNode): number {
  return Math.max(...supervisor.running.map((observer) => rowOf(observer, node)?.incarnation ?? 0));
}

/** The changes of a node that others have seen since a time. */
function changesOf(supervisor: Supervisor, node: SupervisedNode, sinceMs: number): readonly SeenChange[] {
  return supervisor.changes.filter(
    ({ name, observer, atMs }) => name === node.name && observer !== name && atMs >= sinceMs,
  );
}

function changeList(changes: readonly SeenChange[]): string {
  return changes.map(({ observer, type }) => `${observer}: ${type}`).join(", ");
}

/** A failure, with the view of each node in one line. */
function failure(supervisor: Supervisor, expected: string, ...more: readonly string[]): StepResult {
  const seen = supervisor.nodes.map((node) => {
    const rows = node.view.members.map(({ name, status, incarnation }) => `${name} ${status} (${incarnation})`);
    return `${node.name}, ${node.state}: ${rows.length === 0 ? "sees nobody" : rows.join(", ")}`;
  });
  return { isTrue: false, expected, seen: [...seen, ...more] };
}

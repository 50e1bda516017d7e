import type { MemberStatus } from "hearsay";
import type { TestNode } from "./nodes/test-node.ts";
import { expect } from "./until.ts";

/** What is missing until each of these nodes sees all of them alive, and no other member as present. */
export async function everyoneAlive(nodes: readonly TestNode[]): Promise<string | null> {
  return await sees(
    nodes,
    nodes.map(({ name }) => name),
  );
}

/** What is missing until each of these nodes sees exactly these members as present, and all of them alive. */
export async function sees(nodes: readonly TestNode[], names: readonly string[]): Promise<string | null> {
  const wanted = new Set(names);
  for (const node of nodes) {
    const table = await node.table();
    for (const name of wanted) {
      const status = table.get(name)?.status ?? "unknown";
      if (status !== "alive") return `${node.name} sees ${name} as ${status}`;
    }
    for (const [name, { status }] of table) {
      if (!wanted.has(name) && (status === "alive" || status === "suspect")) {
        return `${node.name} sees ${name}, which should be gone, as ${status}`;
      }
    }
  }
  return null;
}

/** What is missing until each of these nodes gives the member this status. */
export async function seenAs(nodes: readonly TestNode[], name: string, status: MemberStatus): Promise<string | null> {
  for (const node of nodes) {
    const seen = (await node.table()).get(name)?.status ?? "unknown";
    if (seen !== status) return `${node.name} sees ${name} as ${seen}, not as ${status}`;
  }
  return null;
}

/** What is missing until each of these nodes shows this metadata for the member. */
export async function metaSeen(nodes: readonly TestNode[], name: string, meta: Uint8Array): Promise<string | null> {
  for (const node of nodes) {
    const seen = (await node.table()).get(name)?.meta;
    if (seen === undefined || Buffer.compare(seen, meta) !== 0) return `${node.name} has other metadata of ${name}`;
  }
  return null;
}

/** What is missing until each of these nodes has received the message. */
export function heardBy(nodes: readonly TestNode[], payload: Uint8Array): string | null {
  const deaf = nodes.find(({ heard }) => !heard.some((message) => Buffer.compare(message, payload) === 0));
  return deaf === undefined ? null : `${deaf.name} has not heard ${Buffer.from(payload).toString().slice(0, 40)}`;
}

/** Fails the case if one of these nodes has reported a member as gone, except those in `but`. */
export function expectNobodyLost(nodes: readonly TestNode[], but: readonly string[] = []): void {
  for (const { name, departures } of nodes) {
    const lost = departures.filter((member) => !but.includes(member));
    expect(lost.length === 0, `${name} reported ${lost.join(", ")} as gone`);
  }
}

import { type Cluster, createCluster } from "hearsay";
import { expect } from "../../until.ts";
import { KEY, type SerfCase, type SerfRun } from "../serf-run.ts";

interface Talk {
  readonly channels: { readonly news: string };
}

/** Serf's log line for a message type that it doesn't know. */
const UNKNOWN = /unknown (message )?type/i;

/** Channels in a pool where some members don't support them (docs/design/decisions/0003-eager-lane.md). */
export const extensions: SerfCase = {
  name: "extensions",
  shows: "Messages of channels reach Hearsay's nodes, and Serf's agents are sent none of them.",
  async run(run) {
    const { real } = await run.startPool();
    await using one = await node(run, "node-1", real[0].address);
    await using two = await node(run, "node-2", real[1].address);
    await run.until("all see each other", () =>
      one.members().length === 6 && two.members().length === 6 ? null : "some",
    );
    const heard = new Set<string>();
    two.channel("news").on(({ value }) => heard.add(value));
    const channel = one.channel("news");
    await Promise.all(NEWS.map((text) => channel.publish(text)));
    await run.until("all messages are heard", () => {
      const missing = NEWS.filter((text) => !heard.has(text));
      return missing.length === 0 ? null : `never heard: ${missing.join(", ")}`;
    });
    // The rumors continue for some ticks.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    for (const { name, lines } of real) {
      const line = lines.find((text) => UNKNOWN.test(text));
      expect(line === undefined, `${name} was sent something that it doesn't know: ${line}`);
    }
  },
};

const NEWS: readonly string[] = Array.from({ length: 50 }, (_, index) => `message ${index}`);

function node(run: SerfRun, nodeName: string, join: string): Promise<Cluster<Talk>> {
  return createCluster<Talk>({
    nodeName,
    join,
    preset: "local",
    bind: "127.0.0.1:0",
    encryption: run.kind === "encrypted" ? { keys: [KEY] } : "off",
  });
}

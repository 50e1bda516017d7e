import { type Cluster, createCluster } from "hearsay";
import { expect } from "../../until.ts";
import { KEY, type SerfCase, type SerfRun } from "../serf-run.ts";

/** What Serf's agents log about a message that isn't Serf's. */
const UNKNOWN = /unknown (message )?type/i;

/** Channels in a pool where some members don't know what a channel is (docs/decisions/0003-eager-lane.md). */
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
    two.channel<string>("news").on(({ value }) => heard.add(value));
    const missing = (): string[] => NEWS.filter((text) => !heard.has(text));
    for (let round = 0; round < ROUNDS && missing().length > 0; round++) {
      for (const text of missing()) await one.channel<string>("news").publish(text);
      await untilStill(run, heard);
    }
    expect(missing().length === 0, `published ${ROUNDS} times and never heard: ${missing().join(", ")}`);
    // The rumors go on for some ticks.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    for (const { name, lines } of real) {
      const line = lines.find((text) => UNKNOWN.test(text));
      expect(line === undefined, `${name} was sent something that it doesn't know: ${line}`);
    }
  },
};

const NEWS: readonly string[] = Array.from({ length: 50 }, (_, index) => `message ${index}`);

/**
 * Nothing repairs what gossip leaves out. Of so many messages, which more than two packets hold, it leaves some out in about
 * one run of fifty, up to ten together, on the few transmissions of the profile "local": so what was not heard is published
 * again.
 */
const ROUNDS = 3;
const STILL_MS = 1500;

/** Waits until no message has been heard for a time in which each would be sent as often as it is. */
async function untilStill(run: SerfRun, heard: ReadonlySet<string>): Promise<void> {
  let count = heard.size;
  let since = performance.now();
  await run.until("messages stop coming", () => {
    if (heard.size !== count) since = performance.now();
    count = heard.size;
    return performance.now() - since >= STILL_MS ? null : `${count} heard`;
  });
}

function node(run: SerfRun, nodeName: string, join: string): Promise<Cluster> {
  return createCluster({
    nodeName,
    join,
    preset: "local",
    bind: "127.0.0.1:0",
    encryption: run.kind === "encrypted" ? { keys: [KEY] } : "off",
  });
}

import { expect } from "../../until.ts";
import type { Peer } from "../peer.ts";
import type { SerfCase } from "../serf-run.ts";

const EVENTS_EACH = 5;

/**
 * An event that doesn't travel by gossip arrives with a push/pull, which each agent starts every 15 s at the intervals
 * of "local". Gossip needs some ticks of 100 ms, so that a busy machine has enough time.
 */
const MEDIAN_MAX_MS = 5000;

/** User events (docs/protocol/serf.md, sections 10 and 16). */
export const events: SerfCase = {
  name: "events",
  shows:
    "User events of each kind reach every agent once, in the order of their Lamport times; gathered ones as the latest.",
  async run(run) {
    const { all } = await run.startPool();
    // Each event is sent after all have received the previous one, so their Lamport times increase.
    const told: string[] = [];
    const tookMs = new Map(all.map((peer): [Peer, number[]] => [peer, []]));
    for (let i = 0; i < EVENTS_EACH; i++) {
      for (const peer of all) {
        const payload = `${peer.name} ${i}`;
        const toldAt = performance.now();
        await peer.rpc.event("deploy", Buffer.from(payload), false);
        told.push(payload);
        await run.until(`all hear ${payload}`, () => {
          const deaf = all.find((one) => !one.userEvents().some((event) => event.endsWith(payload)));
          return deaf === undefined ? null : `${deaf.name} has not`;
        });
        tookMs.get(peer)?.push(performance.now() - toldAt);
      }
    }
    for (const [{ name }, delays] of tookMs) {
      const words = `the events of ${name} took ${delays.map(Math.round).join(", ")} ms`;
      expect(median(delays) <= MEDIAN_MAX_MS, `${words}: as if by exchanges of states alone`);
    }
    for (const peer of all) {
      const heard = peer.userEvents();
      const times = heard.map((event) => Number(event.split(" ")[0]));
      const payloads = heard.map((event) => event.split(" ").slice(2).join(" "));
      expect(payloads.join() === told.join(), `${peer.name} heard ${heard.join("; ")}`);
      expect(
        times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0)),
        `${peer.name} heard times ${times.join()}`,
      );
    }
    for (const teller of [all[0], all[2]]) {
      for (let i = 0; i < 3; i++) await teller?.rpc.event(`gathered by ${teller.name}`, Buffer.from(`${i}`), true);
    }
    const latest = (name: string): string => `gathered by ${name} 2`;
    await run.until("all hear the latest of the gathered events", () => {
      for (const peer of all) {
        const heard = peer.userEvents().filter((event) => event.includes("gathered"));
        const isDone = ["real-1", "ours-1"].every((name) => heard.some((event) => event.endsWith(latest(name))));
        if (!isDone) return `${peer.name} heard ${heard.join("; ")}`;
      }
      return null;
    });
    for (const peer of all) {
      const heard = peer.userEvents().filter((event) => event.includes("gathered"));
      expect(heard.length === 2, `${peer.name} heard ${heard.join("; ")}`);
    }
  },
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

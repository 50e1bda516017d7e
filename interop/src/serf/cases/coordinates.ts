import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "../../until.ts";
import type { SerfCase } from "../serf-run.ts";

/** On loopback, a larger estimate is wrong. */
const ROUND_TRIP_MAX_MS = 50;

/** Network coordinates (docs/protocol/serf.md, section 14). */
export const coordinates: SerfCase = {
  name: "coordinates",
  shows: "Every agent knows where every other lies, and `serf rtt` estimates the way between any two.",
  async run(run) {
    const { all, real, ours } = await run.startPool();
    await run.until("all know all coordinates, and have moved from where they began", async () => {
      for (const peer of all) {
        for (const { name } of all) {
          const found = await peer.rpc.getCoordinate(name);
          if (found === null) return `${peer.name} doesn't know that of ${name}`;
          if (found.Error >= 1.5) return `${peer.name} has no better one of ${name} than the first`;
        }
      }
      return null;
    });
    const rtt = promisify(execFile);
    for (const peer of [real[0], ours[0]]) {
      for (const one of all) {
        for (const other of all) {
          if (one === other) continue;
          const args = ["rtt", `-rpc-addr=127.0.0.1:${peer.rpcPort}`, one.name, other.name];
          const { stdout } = await rtt(run.serf.command, args);
          const ms = Number(/rtt: ([\d.]+) ms/.exec(stdout)?.[1] ?? Number.NaN);
          expect(ms >= 0 && ms < ROUND_TRIP_MAX_MS, `${peer.name} of ${one.name} and ${other.name}: ${stdout}`);
        }
      }
    }
  },
};

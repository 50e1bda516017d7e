import { join } from "node:path";
import type { Peer } from "../peer.ts";
import type { SerfCase } from "../serf-run.ts";

/** Snapshot files (docs/protocol/serf.md, section 15). */
export const snapshots: SerfCase = {
  name: "snapshots",
  shows: "A snapshot that a real agent wrote brings ours back into the pool, and the other way round.",
  async run(run) {
    const { all, real, ours } = await run.startPool((name) => ({ flags: [`-snapshot=${join(run.folder, name)}`] }));
    const view = all.map(({ name }) => `${name} alive`);
    await real[0].rpc.event("before", Buffer.from("the crash"), false);
    await run.until("all hear the event", () => {
      const deaf = all.find((peer) => peer.userEvents().length === 0);
      return deaf === undefined ? null : `${deaf.name} has not`;
    });
    // Ended by SIGTERM, not killed: a kill would lose what Serf's agent has not flushed, and it flushes no sooner than
    // it writes the next line.
    const dead: readonly Peer[] = [real[1], ours[1]];
    for (const peer of dead) peer.signal("SIGTERM");
    await Promise.all(dead.map((peer) => peer.ended));
    // The same names and addresses, each with the file that the other kind wrote.
    const heirs = await Promise.all(
      dead.map((peer) => {
        const flags = [`-snapshot=${join(run.folder, peer.name)}`];
        return run.start(peer.name, !peer.isOurs, { port: peer.port, flags });
      }),
    );
    await run.untilAllSee([real[0], ours[0], ...heirs], view);
    // Events from before the restart must not be reported again.
    await run.until("half a second passes", halfASecond());
    for (const heir of heirs) {
      if (heir.userEvents().length > 0) throw new Error(`${heir.name} heard ${heir.userEvents().join()} again`);
    }
  },
};

function halfASecond(): () => string | null {
  const start = performance.now();
  return () => (performance.now() - start > 600 ? null : "not yet");
}

import { expect } from "../../until.ts";
import type { Peer } from "../peer.ts";
import type { SerfCase, SerfRun } from "../serf-run.ts";

/** Leaves (docs/protocol/serf.md, sections 7 and 8). */
export const leave: SerfCase = {
  name: "leave",
  shows: "An agent of each kind leaves, is shown as left, and never as failed.",
  async run(run) {
    const { real, ours } = await run.startPool();
    const stayers = [real[0], ours[0]];
    for (const leaver of [real[1], ours[1]]) {
      await leaver.rpc.leave();
      expect((await leaver.ended) === 0, `${leaver.name} has not ended well`);
    }
    await run.untilAllSee(stayers, ["real-1 alive", "real-2 left", "ours-1 alive", "ours-2 left"]);
    await run.untilAllHear(stayers, ["real-2", "ours-2"], "member-leave");
    for (const stayer of stayers) {
      for (const name of ["real-2", "ours-2"]) {
        const events = stayer.memberEvents(name).join();
        expect(events === "member-join,member-leave", `${stayer.name} heard of ${name}: ${events}`);
      }
    }
  },
};

/** Failures, and force-leaves of members that don't come back (sections 8 and 9). */
export const crash: SerfCase = {
  name: "crash",
  shows: "An agent of each kind is killed and shown as failed; it is made to leave by the other kind, and pruned.",
  async run(run) {
    const { real, ours } = await run.startPool();
    const stayers = [real[0], ours[0]];
    await Promise.all([real[1].kill(), ours[1].kill()]);
    await run.untilAllSee(stayers, ["real-1 alive", "real-2 failed", "ours-1 alive", "ours-2 failed"]);
    await run.untilAllHear(stayers, ["real-2", "ours-2"], "member-failed");
    await ours[0].rpc.forceLeave("real-2");
    await real[0].rpc.forceLeave("ours-2");
    await run.untilAllSee(stayers, ["real-1 alive", "real-2 left", "ours-1 alive", "ours-2 left"]);
    await prune(run, ours[0], "ours-2", stayers, ["real-1 alive", "real-2 left", "ours-1 alive"]);
    await prune(run, real[0], "real-2", stayers, ["real-1 alive", "ours-1 alive"]);
  },
};

/** A leave intent about a live member (section 7.2). */
export const refutation: SerfCase = {
  name: "refutation",
  shows: "An agent of each kind that is made to leave while it lives says so, and stays.",
  async run(run) {
    const { all, real, ours } = await run.startPool();
    const view = all.map(({ name }) => `${name} alive`);
    await ours[0].rpc.forceLeave("real-2");
    await real[0].rpc.forceLeave("ours-2");
    await run.untilAllSee(all, view);
    for (const peer of all) {
      for (const name of ["real-2", "ours-2"].filter((one) => one !== peer.name)) {
        const events = peer.memberEvents(name).join();
        expect(events === "member-join", `${peer.name} heard of ${name}: ${events}`);
      }
    }
  },
};

/**
 * In so small a pool Serf sends a message only twice in all, and recently failed members may get both copies; the
 * exchanged states don't contain a prune. So the command is repeated.
 */
async function prune(
  run: SerfRun,
  by: Peer,
  name: string,
  stayers: readonly Peer[],
  view: readonly string[],
): Promise<void> {
  for (let again = 0; ; again++) {
    await by.rpc.forceLeave(name, true);
    try {
      return await run.untilAllSee(stayers, view, 3000);
    } catch (error) {
      if (again === 5) throw error;
    }
  }
}

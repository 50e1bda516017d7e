import type { Case } from "../case-run.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { expectNobodyLost, seenAs } from "../views.ts";

/** A node that leaves has the status `left`, never `dead` (docs/protocol/memberlist.md, sections 12.5 and 20.1). */
export const leave: Case = {
  name: "leave",
  shows: "A node of each kind leaves, and both kinds take it for left and not for failed.",
  async run(run) {
    const { go, hearsay, all } = await startPool(run);
    const leavers = [go[2], hearsay[2]].filter((node) => node !== undefined);
    const stayers = all.filter((node) => !leavers.some((leaver) => leaver === node));
    for (const leaver of leavers) {
      // A probe in flight when the port closes fails, and is logged before the farewell arrives.
      run.rules.allowGo([
        `[INFO] memberlist: Suspect ${leaver.name} has failed, no acks received`,
        "[ERR] memberlist: Failed fallback TCP ping: {any}: connection refused",
      ]);
      await leaver.leave();
      await leaver.close();
      await run.untilSpread(`${leaver.name} has left`, () => seenAs(stayers, leaver.name, "left"));
      for (const { changes, name } of hearsay.filter((node) => node !== leaver)) {
        const seen = changes.filter((change) => change.name === leaver.name).map(({ kind }) => kind);
        expect(seen.includes("left") && !seen.includes("failed"), `${name} saw ${leaver.name} as ${seen.join(", ")}`);
      }
    }
    expectNobodyLost(
      stayers,
      leavers.map(({ name }) => name),
    );
  },
};

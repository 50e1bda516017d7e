import type { Case } from "../case-run.ts";
import { endOf, startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { everyoneAlive, expectNobodyLost } from "../views.ts";

/**
 * Application versions of the Go side that a node without an application can't speak (section 11.3 of the protocol).
 */
const FOREIGN = { min: 3, max: 3, cur: 3 };

export const delegateVersion: Case = {
  name: "delegate-version",
  shows: "A Go cluster of another application version refuses Hearsay, which fails ERR_PROTOCOL_MISMATCH; Go goes on.",
  async run(run) {
    const { all, go } = await startPool(run, { hearsayCount: 0, go: () => ({ delegateVersion: FOREIGN }) });
    // Each side refuses for itself; the Go node only logs that it can't merge what it received.
    run.rules.allowGo(["[ERR] memberlist: Failed push/pull merge: {any} from={addr}"]);
    run.rules.allowHearsay(["[ERROR] the cluster has failed{any}"]);
    for (const { address } of go) {
      const stranger = await run.startHearsay("stranger", { join: [address] });
      const { status, cause } = await endOf(run, stranger);
      expect(status === "failed", `the cluster is ${status}`);
      expect(cause?.code === "ERR_PROTOCOL_MISMATCH", `it failed with ${cause?.code}`);
      await run.untilSpread("the cluster without the stranger", () => everyoneAlive(all));
    }
    expectNobodyLost(all);
  },
};

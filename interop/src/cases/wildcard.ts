import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { privateAddress, runInNamespace } from "../namespace.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";

/**
 * A Go node bound to all addresses advertises the first private one in the 16-byte mapped form, and takes the 4-byte
 * form for a different address (docs/protocol/memberlist.md, section 10). Its peers would log a conflict if Hearsay
 * relayed its address in the other form, and no such line is expected.
 */
export const wildcard: Case = {
  name: "wildcard",
  shows: "Go nodes bound to 0.0.0.0 advertise 16-byte addresses, which Hearsay reaches and passes on as they are.",
  async run(run) {
    const host = privateAddress();
    if (host === null) return await runInNamespace("wildcard", run.pace.name, run.pace.detectLimitMs);
    run.rules.allowHearsay(["[WARN] this node is open to the network without encryption{any}"]);
    const pool = await startPool(run, {
      go: () => ({ bindAddr: "0.0.0.0" }),
      // The machine reaches all of its addresses from any of them.
      hearsay: () => ({ bind: { host, port: 0 }, encryption: "off" }),
    });
    for (const { name, address } of pool.go) {
      const seen = pool.hearsay[0]?.rows().get(name)?.address;
      expect(seen === address, `${name} advertises ${address} and is seen at ${seen}`);
      expect(!address.startsWith("127."), `${name} advertises loopback`);
    }
    await exercise(run, pool);
  },
};

import type { Peer } from "../peer.ts";
import type { SerfCase, SerfRun } from "../serf-run.ts";
import { isInside, runInside, TwoNetworks } from "../two-networks.ts";

const LIMIT_MS = 500_000;

/**
 * A network that is partitioned for less and for more than the reconnect timeout (docs/protocol/serf.md, section 9).
 */
export const partition: SerfCase = {
  name: "partition",
  shows:
    "Halves of one agent of each kind lose each other and meet again by themselves; after more than the reconnect timeout they have forgotten each other, and meet again by one join.",
  async run(run) {
    if (isInside()) await inNetworks(run);
    else await runInside(["serf-inside", "partition", run.serf.label, run.kind], LIMIT_MS);
  },
};

async function inNetworks(run: SerfRun): Promise<void> {
  const networks = await TwoNetworks.make();
  try {
    // In this order the nodes of a half have first joined their own kind.
    const start = (name: string, network: 1 | 2, host: number): Promise<Peer> =>
      run.start(name, name.startsWith("ours"), {
        host: networks.address(network, host),
        wrapper: networks.wrapper(network),
        config: { reconnect_interval: "1s", reconnect_timeout: "15s" },
      });
    const left = [await start("real-1", 1, 10), await start("ours-1", 1, 11)];
    const right = [await start("real-2", 2, 10), await start("ours-2", 2, 11)];
    const all = [...left, ...right];
    for (const peer of all.slice(1)) await peer.rpc.join([all[0]?.address ?? ""]);
    const view = all.map(({ name }) => `${name} alive`);
    await run.untilAllSee(all, view);

    networks.part();
    // Events count from any time of the partition: a fast agent may have reaped the others before a slow one takes them
    // for failed.
    await run.untilAllHear(left, ["real-2", "ours-2"], "member-failed");
    await run.untilAllHear(right, ["real-1", "ours-1"], "member-failed");
    networks.join();
    await run.untilAllSee(all, view);

    networks.part();
    await run.untilAllSee(left, ["real-1 alive", "ours-1 alive"], LIMIT_MS);
    await run.untilAllSee(right, ["real-2 alive", "ours-2 alive"], LIMIT_MS);
    networks.join();
    await right[1]?.rpc.join([left[0]?.address ?? ""]);
    await run.untilAllSee(all, view);
  } finally {
    networks.close();
  }
}

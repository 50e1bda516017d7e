import type { Peer } from "../peer.ts";
import type { SerfCase, SerfRun } from "../serf-run.ts";

/** Tags of every member, seen by every member (docs/protocol/serf.md, section 4). */
export const tags: SerfCase = {
  name: "tags",
  shows: "Tags are seen both ways, and changes and removals arrive while the agents run.",
  async run(run) {
    const { all } = await run.startPool((name) => ({ tags: { role: name, "with space": "a=b, c", zone: "1" } }));
    await untilTags(run, all, (name) => `role=${name},with space=a=b, c,zone=1`);
    for (const peer of all) await peer.rpc.tags({ zone: "2", new: peer.name }, ["with space"]);
    await untilTags(run, all, (name) => `new=${name},role=${name},zone=2`);
    await run.untilAllHear(
      all,
      all.map(({ name }) => name),
      "member-update",
    );
  },
};

/** Compares the tags except the reserved one, by which Hearsay's nodes recognise each other. */
async function untilTags(run: SerfRun, all: readonly Peer[], wanted: (name: string) => string): Promise<void> {
  await run.until("all see the tags", async () => {
    for (const peer of all) {
      for (const { Name, Tags } of await peer.rpc.members()) {
        const pairs = [...(Tags ?? [])].filter(([tag]) => tag !== "_hs").map(([tag, value]) => `${tag}=${value}`);
        const seen = pairs.sort().join();
        if (seen !== wanted(Name)) return `${peer.name} sees ${Name} with ${seen}`;
      }
    }
    return null;
  });
}

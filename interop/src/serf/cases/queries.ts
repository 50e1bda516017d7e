import type { RpcQuery } from "@hearsay/agent/rpc";
import { expect } from "../../until.ts";
import type { Peer } from "../peer.ts";
import type { SerfCase } from "../serf-run.ts";

/** Queries (docs/protocol/serf.md, section 11). */
export const queries: SerfCase = {
  name: "queries",
  shows: "Queries of each kind are acknowledged and answered by those whom the filters match, once, also with relays.",
  async run(run) {
    const { all } = await run.startPool((name) => ({
      tags: { role: name.endsWith("1") ? "web" : "db" },
      flags: [`-event-handler=query:load=printf 'load of ${name}: '; cat`],
    }));
    const everybody = all.map(({ name }) => name);
    for (const asker of all) {
      await expectAnswers(asker, {}, everybody);
      await expectAnswers(asker, { filterNodes: ["real-2", "ours-2"] }, ["ours-2", "real-2"]);
      await expectAnswers(asker, { filterTags: { role: "^w.b$" } }, ["ours-1", "real-1"]);
      await expectAnswers(asker, { filterNodes: ["real-1", "real-2"], filterTags: { role: "db" } }, ["real-2"]);
      await expectAnswers(asker, { filterTags: { role: "(" } }, []);
      await expectAnswers(asker, { relayFactor: 2 }, everybody);
    }
  },
};

async function expectAnswers(asker: Peer, query: Partial<RpcQuery>, from: readonly string[]): Promise<void> {
  const acks: string[] = [];
  const answers: string[] = [];
  const asked = { name: "load", payload: Buffer.from(asker.name), ack: true, timeoutMs: 1000, ...query };
  await asker.rpc.query(asked, {
    ack: (name) => acks.push(name),
    response: (name, payload) => answers.push(`${name}: ${Buffer.from(payload).toString().trim()}`),
  });
  const wanted = [...from].sort();
  const words = `${asker.name} asked ${JSON.stringify({ ...query })}`;
  expect(acks.sort().join() === wanted.join(), `${words}, acknowledged by ${acks.join()}`);
  const expected = wanted.map((name) => `${name}: load of ${name}: ${asker.name}`);
  expect(answers.sort().join() === expected.join(), `${words}, answered ${answers.join("; ")}`);
}

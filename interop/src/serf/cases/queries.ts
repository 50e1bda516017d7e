import type { RpcQuery } from "@hearsay/agent/rpc";
import { expect } from "../../until.ts";
import type { Peer } from "../peer.ts";
import type { SerfCase } from "../serf-run.ts";

/** Within this time at least half of the queries are answered completely, however busy the machine is. */
const TIMEOUT_MS = 1000;

/** A query without an answer within this time counts as unanswered. */
const TIMEOUT_MAX_MS = 32_000;

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
    const asks: number[] = [];
    for (const asker of all) {
      asks.push(
        await expectAnswers(asker, {}, everybody),
        await expectAnswers(asker, { filterNodes: ["real-2", "ours-2"] }, ["ours-2", "real-2"]),
        await expectAnswers(asker, { filterTags: { role: "^w.b$" } }, ["ours-1", "real-1"]),
        await expectAnswers(asker, { filterNodes: ["real-1", "real-2"], filterTags: { role: "db" } }, ["real-2"]),
        await expectAnswers(asker, { relayFactor: 2 }, everybody),
      );
      await expectAnswers(asker, { filterTags: { role: "(" } }, []);
    }
    const atOnce = asks.filter((count) => count === 1).length;
    expect(2 * atOnce >= asks.length, `only ${atOnce} of ${asks.length} queries were answered at the first ask`);
  },
};

/**
 * Checks that exactly these members answer, each once. If answers are missing, as on a busy machine, it asks again with
 * more time. Returns how often it asked.
 */
async function expectAnswers(asker: Peer, query: Partial<RpcQuery>, from: readonly string[]): Promise<number> {
  const wanted = [...from].sort();
  const expected = wanted.map((name) => `${name}: load of ${name}: ${asker.name}`);
  const words = `${asker.name} asked ${JSON.stringify({ ...query })}`;
  let timeoutMs = TIMEOUT_MS;
  for (let asks = 1; ; asks++, timeoutMs *= 2) {
    const acks: string[] = [];
    const answers: string[] = [];
    const asked = { name: "load", payload: Buffer.from(asker.name), ack: true, timeoutMs, ...query };
    await asker.rpc.query(asked, {
      ack: (name) => acks.push(name),
      response: (name, payload) => answers.push(`${name}: ${Buffer.from(payload).toString().trim()}`),
    });
    const isLate = isPartOf(acks, wanted) && isPartOf(answers, expected) && timeoutMs < TIMEOUT_MAX_MS;
    if (isLate && acks.length + answers.length < wanted.length + expected.length) continue;
    expect(acks.sort().join() === wanted.join(), `${words}, acknowledged by ${acks.join()}`);
    expect(answers.sort().join() === expected.join(), `${words}, answered ${answers.join("; ")}`);
    return asks;
  }
}

function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  return new Set(some).size === some.length && some.every((one) => all.includes(one));
}

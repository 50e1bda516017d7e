import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { type ErrorCode, generateKey, isHearsayError, type KeyReport } from "hearsay";
import { type Agent, type AgentOperations, type SearchFilter, SearchRefused } from "../../dist/index.js";
import { eventually, startAgent } from "../support.js";

const SIGNAL = new AbortController().signal;

/** A face of the agent has nothing but the operations: no cluster, no session, no RPC. */
let operations: AgentOperations;
let alpha: Agent;
let beta: Agent;
let folder = "";

const FIRST_KEY = generateKey();
const SECOND_KEY = generateKey();

function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isHearsayError(error, code);
}

/** The names of the members that a filter matches. */
async function found(filter: SearchFilter, signal: AbortSignal = SIGNAL): Promise<string[]> {
  const names: string[] = [];
  for await (const slice of operations.members(filter, signal)) names.push(...slice.map(({ name }) => name));
  return names;
}

/** What the log has said of an operation since `from`. */
function logged(from: number): string[] {
  return alpha.log
    .last("DEBUG")
    .slice(from)
    .flatMap((line) => line.match(/\] agent: (.*)$/)?.[1] ?? [])
    .filter((text) => !text.startsWith("Received event"));
}

describe("the operations of an agent, as a face without the RPC has them", () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearsay-operations-"));
    alpha = await startAgent({ encryptKey: FIRST_KEY, tagsFile: join(folder, "tags.json") });
    beta = await startAgent({ nodeName: "beta", encryptKey: FIRST_KEY, tags: { role: "db" } });
    operations = alpha.operations;
  });

  after(async () => {
    await Promise.all([alpha.shutdown(), beta.shutdown()]);
    await rm(folder, { recursive: true });
  });

  let linesBefore = 0;
  beforeEach(() => {
    linesBefore = alpha.log.last("DEBUG").length;
  });

  it("join by targets and tell how many were reached, or why none was", async () => {
    const { contacted } = await operations.join([beta.cluster.self.address], { replay: true });
    assert.equal(contacted, 1);
    await assert.rejects(operations.join(["127.0.0.1:1"]), hasCode("ERR_JOIN_FAILED"));
    assert.deepEqual(logged(linesBefore), [
      `joining: [${beta.cluster.self.address}] replay: true`,
      "joined: 1 nodes",
      "joining: [127.0.0.1:1] replay: false",
    ]);
  });

  it("find members by status and by expressions, and refuse expressions that are none or cost too much", async () => {
    await eventually(() => alpha.cluster.members().length === 2, "alpha sees beta");
    assert.deepEqual(await found({}), ["alpha", "beta"]);
    assert.deepEqual(await found({ name: "^be" }), ["beta"]);
    assert.deepEqual(await found({ status: ["failed", "left"] }), []);
    assert.deepEqual(await found({ tags: new Map([["role", "d."]]) }), ["beta"]);
    assert.deepEqual(await found({ tags: new Map([["role", "^$"]]), status: ["alive"] }), ["alpha"]);
    const refused = (reason: string) => (error: unknown) => error instanceof SearchRefused && error.reason === reason;
    await assert.rejects(found({ name: "(" }), refused("invalid"));
    await assert.rejects(found({ tags: new Map([["role", "(a{30}){30}(b{30}){30}"]]) }), refused("too-costly"));
    const many = Array.from({ length: 65 }, (_, i): [string, string] => [`tag-${i}`, "a"]);
    await assert.rejects(found({ tags: new Map(many) }), refused("too-costly"));
    await assert.rejects(found({}, AbortSignal.abort(new Error("nobody waits"))), /nobody waits/);
  });

  it("tell the members an event, which says at which Lamport time, and refuse one that is too long", async () => {
    const heard: string[] = [];
    const stop = beta.cluster.onEvent("deploy", ({ lTime, payload }) => heard.push(`${lTime} ${Buffer.from(payload)}`));
    const lTime = operations.event("deploy", Buffer.from("v2"), { coalesce: true });
    await eventually(() => heard.length > 0, "beta hears the event");
    stop();
    assert.deepEqual(heard, [`${lTime} v2`]);
    assert.throws(() => operations.event("deploy", new Uint8Array(600)), hasCode("ERR_MESSAGE_TOO_LARGE"));
    const line = "Requesting user event send: deploy. Coalesced:";
    assert.deepEqual(logged(linesBefore), [`${line} true.`, `${line} false.`]);
  });

  it("ask the members, and refuse names that are Serf's own", async () => {
    const stop = beta.cluster.onQuery("load", () => "0.25");
    const query = operations.query("load", undefined, { filters: { nodes: ["beta"] }, ack: true });
    const answers: string[] = [];
    for await (const { from, payload } of query) answers.push(`${from} ${Buffer.from(payload)}`);
    stop();
    assert.deepEqual(answers, ["beta 0.25"]);
    assert.throws(() => operations.query("_serf_conflict"), hasCode("ERR_CONFIG"));
    assert.throws(() => operations.query("_serf_ping", Buffer.from("x")), hasCode("ERR_CONFIG"));
    const ping = operations.query("_serf_ping", undefined, { ack: true, filters: { nodes: ["beta"] } });
    const acks: string[] = [];
    for await (const from of ping.acks()) {
      acks.push(from);
      ping.cancel();
    }
    assert.deepEqual(acks, ["beta"]);
    assert.equal(logged(linesBefore)[0], "Requesting query send: load.");
  });

  it("change tags, on the node, in the file and for the others, or nowhere", async () => {
    await operations.changeTags(new Map(Object.entries({ role: "web", zone: "a" })));
    await operations.changeTags(new Map([["role", "api"]]), ["zone"]);
    await assert.rejects(operations.changeTags(new Map([["role", "x".repeat(600)]])), hasCode("ERR_TAGS_TOO_LARGE"));
    assert.deepEqual({ ...operations.stats().tags }, { role: "api" });
    assert.deepEqual(JSON.parse(await readFile(join(folder, "tags.json"), "utf8")), { role: "api" });
    await eventually(() => beta.cluster.member("alpha")?.tags["role"] === "api", "beta sees the tags");
  });

  it("change the pool's key, and say of each step what came of it", async () => {
    const outcome = ({ nodes, answered, failed }: KeyReport) => ({ nodes, answered, failed });
    const all = { nodes: 2, answered: 2, failed: 0 };
    assert.deepEqual(outcome(await operations.installKey(SECOND_KEY)), all);
    assert.deepEqual(outcome(await operations.useKey(SECOND_KEY)), all);
    assert.deepEqual(outcome(await operations.removeKey(FIRST_KEY)), all);
    assert.deepEqual([...(await operations.listKeys()).keys], [[SECOND_KEY, 2]]);
    await assert.rejects(operations.removeKey(SECOND_KEY), hasCode("ERR_KEY_REPORT"));
    await assert.rejects(operations.installKey("no key"), hasCode("ERR_KEYRING"));
    assert.deepEqual(logged(linesBefore), [
      "Initiating key installation",
      "Initiating primary key change",
      "Initiating key removal",
      "Initiating key listing",
      "Initiating key removal",
      "Initiating key installation",
    ]);
  });

  it("give the agent's name, members, encryption, awareness and figures", () => {
    const { name, members, isEncrypted, awareness, serf, handlers, figures } = operations.stats();
    assert.deepEqual([name, members, isEncrypted, awareness, handlers], ["alpha", 2, true, 0, []]);
    assert.equal(serf?.failed, 0);
    assert.equal(figures.scripts.eventsWaiting, 0);
    assert.equal(operations.coordinate("nobody"), undefined);
    assert.equal(operations.coordinate("alpha")?.vec.length, 8);
  });

  it("remove a member that has failed, and forget it where that is wanted", async () => {
    await beta.shutdown();
    await eventually(() => alpha.cluster.member("beta")?.status === "failed", "alpha finds beta dead");
    await operations.forceLeave("beta");
    assert.deepEqual(await found({ status: ["left"] }), ["beta"]);
    await operations.forceLeave("beta", { prune: true });
    assert.deepEqual(await found({ name: "beta" }), []);
    assert.deepEqual(logged(linesBefore), ["Force leaving node: beta", "Force leaving node (prune): beta"]);
  });

  it("leave, after which each of them says that the agent has ended", async () => {
    await operations.leave();
    assert.equal((await alpha.ended).status, "closed");
    await assert.rejects(operations.join(["127.0.0.1:1"]), hasCode("ERR_CLOSED"));
    await assert.rejects(operations.changeTags(new Map()), hasCode("ERR_CLOSED"));
    assert.throws(() => operations.event("deploy"), hasCode("ERR_CLOSED"));
    assert.throws(() => operations.query("load"), hasCode("ERR_CLOSED"));
    await assert.rejects(operations.listKeys(), hasCode("ERR_CLOSED"));
    await assert.rejects(operations.forceLeave("beta"), hasCode("ERR_CLOSED"));
  });
});

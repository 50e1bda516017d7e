import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { AgentEvent } from "../../dist/events/agent-event.js";
import { parseHandler } from "../../dist/events/handler-spec.js";
import { SerfRpcClient } from "../../dist/faces/rpc/index.js";
import { LogRing } from "../../dist/log/log-ring.js";
import { scriptEnvironment, scriptInput } from "../../dist/scripts/script-input.js";
import { OUTPUT_BYTES_MAX } from "../../dist/scripts/script-process.js";
import { ScriptRunner, WAITING_EVENTS_MAX } from "../../dist/scripts/script-runner.js";
import { TailBuffer } from "../../dist/scripts/tail-buffer.js";
import { eventually, member, startAgent } from "../support.js";

const folder = mkdtempSync(join(tmpdir(), "hearsay-scripts-"));
after(() => rmSync(folder, { recursive: true }));

const NODE = { name: "alpha", tags: { role: "web", "data-center": "a b" } };

function user(name: string, payload = ""): AgentEvent {
  return { kind: "user", event: { name, payload: Buffer.from(payload), lTime: 7, coalesce: false } };
}

/** A runner of handlers, with the levels and texts of its log. */
function runner(
  handlers: readonly string[],
  limitMs = 60_000,
): { readonly scripts: ScriptRunner; readonly log: string[] } {
  const ring = new LogRing();
  const log: string[] = [];
  ring.follow("TRACE", (line) => log.push(line.replace(/^\S+ \S+ /, "")));
  const scripts = new ScriptRunner({ node: () => NODE, log: ring, limitMs });
  scripts.setHandlers(handlers.map((one) => parseHandler(one) ?? assert.fail(one)));
  return { scripts, log };
}

/** Waits for a file without a timer. */
async function untilThere(file: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!existsSync(file)) {
    assert.ok(performance.now() < end, `${file} is not there`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("handlers of events", () => {
  it("are a script, or filters and a script", () => {
    assert.deepEqual(parseHandler("run.sh --a=b"), null);
    assert.deepEqual(parseHandler("run.sh"), { filters: [{ type: "*", name: "" }], script: "run.sh" });
    assert.deepEqual(parseHandler("user:deploy,query=x=y"), {
      filters: [
        { type: "user", name: "deploy" },
        { type: "query", name: "" },
      ],
      script: "x=y",
    });
  });

  it("know of the event and of the node by their environment", () => {
    assert.deepEqual(scriptEnvironment(user("deploy"), NODE), {
      SERF_EVENT: "user",
      SERF_SELF_NAME: "alpha",
      SERF_SELF_ROLE: "web",
      SERF_TAG_ROLE: "web",
      SERF_TAG_DATA_CENTER: "a b",
      SERF_USER_EVENT: "deploy",
      SERF_USER_LTIME: "7",
    });
  });

  it("read members line by line, and payloads that end in one", () => {
    const text = (event: AgentEvent): string => Buffer.from(scriptInput(event)).toString();
    assert.equal(text(user("x", "v1")), "v1\n");
    assert.equal(text(user("x", "v1\n")), "v1\n");
    assert.equal(text(user("x")), "");
    const gamma = member("ga\tmma", { host: "127.0.0.3", tags: { role: "a\nb", x: "1" } });
    assert.equal(
      text({ kind: "member", type: "member-join", members: [gamma] }),
      "ga\\tmma\t127.0.0.3\ta\\nb\trole=a\\nb,x=1\n",
    );
  });
});

describe("scripts", () => {
  it("run one event at a time, in order, with the payload as input", async () => {
    const file = join(folder, "order");
    const { scripts } = runner([`user=sleep 0.05; cat >> ${file}`, `user=echo $SERF_USER_EVENT >> ${file}`]);
    for (const name of ["a", "b", "c"]) scripts.handle(user(name, `payload of ${name}`));
    await eventually(() => existsSync(file) && readFileSync(file, "utf8").split("\n").length === 7, "six lines");
    const expected = ["a", "b", "c"].map((name) => `payload of ${name}\n${name}\n`).join("");
    assert.equal(readFileSync(file, "utf8"), expected);
  });

  it("answer a query if they succeed and say something", async () => {
    const answers: string[] = [];
    const query = (name: string): AgentEvent => ({
      kind: "query",
      query: {
        name,
        payload: Buffer.from("?"),
        from: "beta",
        lTime: 1,
        deadlineMs: Date.now() + 60_000,
        respond: (payload: Uint8Array | string) => void answers.push(`${name}: ${Buffer.from(payload)}`),
      },
    });
    const { scripts } = runner([
      "query:yes=cat; echo , $SERF_QUERY_NAME",
      "query:silent=true",
      "query:failed=echo no; exit 3",
    ]);
    for (const name of ["yes", "silent", "failed"]) scripts.handle(query(name));
    await eventually(() => scripts.counters.scriptsFailed === 1, "the failure");
    assert.deepEqual(answers, ["yes: ?\n, yes\n"]);
  });

  it("that hang are killed with what they started, and those behind them run", async (t) => {
    const started = join(folder, "started");
    const file = join(folder, "after");
    const hanging = `sleep 1000 & touch ${started}; sleep 1000`;
    // The limit passes when the test says so: the scripts may take their time on a busy machine.
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { scripts, log } = runner([`user:hang=${hanging}`, `user:next=touch ${file}`], 100);
    scripts.handle(user("hang"));
    scripts.handle(user("next"));
    await untilThere(started);
    t.mock.timers.tick(100);
    await untilThere(file);
    assert.equal(scripts.counters.scriptsKilled, 1);
    assert.ok(log.includes(`[ERR] agent: Script '${hanging}' killed after 100 ms`));
  });

  it("that say much leave the end of it", () => {
    const tail = new TailBuffer(OUTPUT_BYTES_MAX);
    for (let i = 0; i < 3000; i++) tail.write(Buffer.from(`${i}\n`));
    assert.equal(tail.bytes().length, OUTPUT_BYTES_MAX);
    assert.ok(tail.bytes().toString().endsWith("2998\n2999\n"));
    assert.ok(tail.dropped > 0);
  });

  it("have no more than so many events waiting for them", () => {
    const { scripts } = runner(["user=sleep 1000"]);
    for (let i = 0; i < WAITING_EVENTS_MAX + 11; i++) scripts.handle(user(`e${i}`));
    // One runs already.
    assert.equal(scripts.counters.eventsDropped, 10);
    scripts.cut();
  });

  it("of which too many wait lose events, which is said once, with their number, when no more wait", async () => {
    const { scripts, log } = runner(["user=true"]);
    for (let i = 0; i < 3000; i++) scripts.handle(user(`e${i}`));
    const lost = 3000 - WAITING_EVENTS_MAX - 1;
    scripts.setHandlers([]);
    const said = `[WARN] agent: ${lost} events for handlers dropped: more than ${WAITING_EVENTS_MAX} waited`;
    await eventually(() => log.includes(said), said);
    assert.equal(log.filter((line) => line.includes("dropped")).length, 1);
    assert.equal(scripts.counters.eventsDropped, lost);
  });

  it("are counted, with the events that they lost, in what clients are told and in the metrics", async () => {
    const agent = await startAgent({ eventHandlers: ["user=exit 1"], handlerTimeout: 0 });
    const client = await SerfRpcClient.connect(agent.rpcAddress);
    for (let i = 0; i < 1100; i++) agent.cluster.event("e");
    await eventually(() => agent.figures.scripts.scriptsFailed > 0, "a failure");
    const told = (await client.stats()).get("scripts");
    const dropped = 1100 - WAITING_EVENTS_MAX - 1;
    assert.equal(told?.get("events_dropped"), String(dropped));
    assert.ok(Number(told?.get("scripts_run")) > 0);
    assert.ok(Number(told?.get("events_waiting")) > 0);
    const metrics = agent.metrics.prometheus();
    assert.match(metrics, new RegExp(`^hearsay_agent_events_dropped_total ${dropped}$`, "m"));
    assert.match(metrics, /^hearsay_agent_scripts_failed_total [1-9]/m);
    assert.match(metrics, /^hearsay_members_alive 1$/m);
    assert.match(metrics, /^hearsay_agent_rpc_connections_total 1$/m);
    client.close();
    await agent.shutdown();
  });
});

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { generateKey } from "hearsay";

const COMMAND = fileURLToPath(new URL("../dist/bin/hearsay.js", import.meta.url));

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-reload-"));
});
after(() => rm(folder, { recursive: true }));

/** `hearsay agent` with a file, on a free port of this machine. */
class FileAgent {
  output = "";
  readonly #file: string;
  readonly #child: ChildProcess;

  private constructor(file: string) {
    this.#file = file;
    const args = [COMMAND, "agent", "--config", file, "--bind", "127.0.0.1:0", "--profile=local"];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  static async start(name: string, content: object): Promise<FileAgent> {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ nodeName: name, ...content }));
    const agent = new FileAgent(file);
    await agent.says("Log data will now stream in");
    return agent;
  }

  get address(): string {
    return /Bind addr: '(.*)'/.exec(this.output)?.[1] ?? "";
  }

  /** Writes the file anew, and tells the agent. */
  async reload(content: object): Promise<void> {
    await writeFile(this.#file, JSON.stringify(content));
    this.#child.kill("SIGHUP");
  }

  async says(text: string): Promise<void> {
    const end = performance.now() + 60_000;
    while (!this.output.includes(text)) {
      assert.ok(performance.now() < end, `it does not say ${JSON.stringify(text)}, but\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

describe("a reload of hearsay agent", () => {
  it("takes tags, handlers, log level, targets and timings, and names what it can't take", {
    timeout: 120_000,
  }, async () => {
    await using stayer = await FileAgent.start("stayer", {});
    await using agent = await FileAgent.start("agent", { packetBytes: 1400 });
    await agent.reload({
      nodeName: "agent",
      join: stayer.address,
      tags: { role: "db" },
      timings: { gossipInterval: "150ms", membersMax: 1000 },
      packetBytes: 1300,
      logLevel: "DEBUG",
    });
    await agent.says("The timings are those of the configuration");
    await agent.says("EventMemberJoin: stayer");
    await stayer.says("EventMemberJoin: agent");
    for (const key of ["timings.membersMax", "packetBytes"]) {
      await agent.says(`[WARN] agent: The new value of ${key} takes effect at the next start`);
    }
    assert.ok(!agent.output.includes("The new value of timings.gossipInterval"));
  });

  it("that has faults changes nothing, and names them all", { timeout: 120_000 }, async () => {
    await using agent = await FileAgent.start("faulty", { tags: { role: "web" } });
    await agent.reload({ nodeName: "faulty", tags: { role: "db" }, timings: { gossipInterval: "soon" }, nope: 1 });
    await agent.says("Failed to reload configs");
    await agent.says("nope: is no setting of the agent");
    await agent.says("timings.gossipInterval: ");
    assert.ok(!agent.output.includes("EventMemberUpdate"));
  });

  it("that only a start can do is refused, and the agent goes on", { timeout: 120_000 }, async () => {
    await using agent = await FileAgent.start("steady", {
      tags: { role: "web" },
      timings: { gossipInterval: "100ms" },
    });
    await agent.reload({ nodeName: "steady", tags: { role: "db" }, timings: { probeInterval: "0" } });
    await agent.says("Failed to reload configs: ");
    await agent.reload({ nodeName: "steady", enabled: false });
    await agent.says("takes effect at the next start");
    assert.ok(!agent.output.includes("EventMemberUpdate"), agent.output);
    const key = generateKey();
    const later = {
      encryption: { keys: [key] },
      rpc: { bind: "127.0.0.1:0" },
      leaveOnTerminate: false,
      handlerTimeout: "3s",
      timings: { streamTimeout: "20s" },
    };
    await agent.reload({ nodeName: "steady", tags: { role: "db" }, ...later });
    await agent.says("EventMemberUpdate: steady");
    for (const name of ["encryption", "rpc", "leaveOnTerminate", "handlerTimeout", "timings.streamTimeout"]) {
      await agent.says(`The new value of ${name} takes effect at the next start`);
    }
    assert.ok(!agent.output.includes(key));
  });

  it("changes the key of a pool, and nobody is lost", { timeout: 120_000 }, async () => {
    const [old, next] = [generateKey(), generateKey()];
    const sealed = (...keys: string[]): object => ({ encryption: { keys } });
    await using first = await FileAgent.start("first", sealed(old));
    const joining = { join: [first.address] };
    await using second = await FileAgent.start("second", { ...sealed(old), ...joining });
    await first.says("EventMemberJoin: second");
    // However a key is written, it is one key.
    for (const [step, keys] of [[`${old}\n`, next], [next, old], [next]].entries()) {
      await Promise.all([
        first.reload({ nodeName: "first", ...sealed(...keys), tags: { step: String(step) } }),
        second.reload({ nodeName: "second", ...sealed(...keys), ...joining, tags: { step: String(step) } }),
      ]);
      // Each hears of the other's new tags by the keys of this step.
      await eventually(() => count(first.output, "EventMemberUpdate: second") > step);
      await eventually(() => count(second.output, "EventMemberUpdate: first") > step);
    }
    for (const { output } of [first, second]) assert.ok(!output.includes("EventMemberFailed"), output);
    // Who has the old key only is a stranger now.
    await using stranger = await FileAgent.start("stranger", { ...sealed(old), ...joining });
    await first.says("message authentication failed");
    assert.ok(!stranger.output.includes("EventMemberJoin: first"));
  });
});

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

async function eventually(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < end, "not within a minute");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

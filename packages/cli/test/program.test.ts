import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type CommandResult, runCommand } from "./run-command.ts";

const MANIFEST = new URL("../package.json", import.meta.url);

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-command-"));
});
after(() => rm(folder, { recursive: true }));

describe("the command hearsay", () => {
  it("--version gives the package's version", async () => {
    const { code, stdout } = await runCommand(["--version"]);
    assert.equal(code, 0);
    assert.equal(stdout, `${JSON.parse(await readFile(MANIFEST, "utf8")).version}\n`);
  });

  it("--help names every command and exit code", async () => {
    const { code, stdout } = await runCommand(["--help"]);
    assert.equal(code, 0);
    for (const word of ["agent", "dev", "keygen", "config", "Exit codes: 0 success"])
      assert.ok(stdout.includes(word), word);
  });

  it("says what is wrong with its arguments, and ends with 2", async () => {
    for (const [args, said] of [
      [["agnt"], "hearsay: unknown command 'agnt'\n(Did you mean agent?)\n"],
      [["--fast"], "hearsay: unknown option '--fast'\n"],
      [["dev", "--twice"], "hearsay: unknown option '--twice'\n"],
      [["dev", "twice"], "hearsay: too many arguments for 'dev'. Expected 0 arguments but got 1.\n"],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(args);
      assert.deepEqual([code, stdout, stderr], [2, "", said], args.join(" "));
    }
    const bare = await runCommand([]);
    assert.deepEqual([bare.code, bare.stdout], [2, ""]);
    assert.match(bare.stderr, /^Usage: hearsay/);
  });

  it("keygen makes a new key of 32 bytes in base64 each time", async () => {
    const keys = await Promise.all([runCommand(["keygen"]), runCommand(["keygen"])]);
    for (const { code, stdout } of keys) {
      assert.equal(code, 0);
      assert.match(stdout, /^[A-Za-z0-9+/]{43}=\n$/);
      assert.equal(Buffer.from(stdout, "base64").length, 32);
    }
    assert.notEqual(keys[0]?.stdout, keys[1]?.stdout);
  });
});

describe("hearsay config", () => {
  it("check ends with 0 or 1, and says why", async () => {
    const [sound, faulty] = [join(folder, "sound.yaml"), join(folder, "faulty.yaml")];
    await writeFile(sound, "nodeName: api-1\njoin: 127.0.0.1:7000\n");
    await writeFile(faulty, "nodename: api-1\n");
    const good = await runCommand(["config", "check", sound, "--profile", "local"]);
    assert.deepEqual([good.code, good.stdout], [0, "profile local, as --profile says; 0 faults\n"]);
    const bad = await runCommand(["config", "check", sound, faulty]);
    const line = `${faulty}:1:1: nodename: is no setting of the agent; did you mean nodeName?\n`;
    assert.deepEqual([bad.code, bad.stdout], [1, `${line}profile lan, as nothing says otherwise; 1 fault\n`]);
    const json = await runCommand(["config", "check", "--json", faulty]);
    const { version, profile, faults } = JSON.parse(json.stdout);
    assert.deepEqual([json.code, version, profile.name, faults.length], [1, 1, "lan", 1]);
    assert.deepEqual(faults[0].origin, { kind: "file", path: faulty, key: "nodename", line: 1, column: 1 });
    const missing = await runCommand(["config", "check", join(folder, "missing.yaml")]);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /missing\.yaml:1:1: can't be read: ENOENT/);
  });

  it("show --effective prints every value with its origin, also as JSON", async () => {
    const { code, stdout } = await runCommand(["config", "show", "--effective", "--profile=edge"]);
    assert.equal(code, 0);
    assert.match(stdout, /^timings\.probeInterval: 10s +# profile edge$/m);
    const json = JSON.parse((await runCommand(["config", "show", "--json", "--profile=edge"])).stdout);
    assert.equal(json.version, 1);
    const interval = json.values.find(({ key }: { key: string }) => key === "timings.probeInterval");
    assert.deepEqual(interval, { key: "timings.probeInterval", value: "10s", origin: "profile edge" });
    const faulty = await runCommand(["config", "show", "--json", "--profile=space"]);
    assert.deepEqual([faulty.code, JSON.parse(faulty.stdout).faults.length], [1, 1]);
  });

  it("convert prints a file of Serf's agent in Hearsay's names, and says what it is not made of", async () => {
    const [serf, own] = [join(folder, "serf.json"), join(folder, "own.yaml")];
    await writeFile(serf, JSON.stringify({ node_name: "api-1", bind: "127.0.0.1:7000", retry_interval: "5s" }));
    const { code, stdout, stderr } = await runCommand(["config", "convert", serf]);
    assert.equal(code, 0);
    assert.match(stdout, /^nodeName: api-1$/m);
    assert.match(stderr, /^not converted: retry_interval has no counterpart: /);
    await writeFile(own, stdout);
    assert.equal((await runCommand(["config", "check", own])).code, 0);
    const refused = await runCommand(["config", "convert", own]);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /own\.yaml: it has no key of OpenGSLB/);
  });

  it("schema prints the JSON Schema of the agent's files", async () => {
    const { code, stdout } = await runCommand(["config", "schema"]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).properties.nodeName.type, "string");
  });
});

/** Runs an agent that gets one signal once it has started. */
function runUntilStarted(signal: NodeJS.Signals, ...flags: readonly string[]): Promise<CommandResult> {
  let isTold = false;
  const onOutput = (stdout: string, kill: (signal: NodeJS.Signals) => void): void => {
    if (isTold || !stdout.includes("Log data will now stream in")) return;
    isTold = true;
    kill(signal);
  };
  return runCommand(["agent", ...flags], onOutput);
}

describe("hearsay agent", () => {
  it("runs a node until it is told to leave, and says which profile it has and why", async () => {
    const file = join(folder, "agent.yaml");
    await writeFile(file, "nodeName: api-1\nbind: 127.0.0.1:0\nrpc: { bind: '127.0.0.1:0' }\n");
    const { code, stdout, stderr } = await runUntilStarted("SIGTERM", "--config", file, "--profile", "local");
    assert.deepEqual([code, stderr], [0, ""], stdout);
    for (const line of [
      "Node name: 'api-1'",
      "RPC addr: '127.0.0.1:",
      "Profile: local, as --profile says",
      "EventMemberLeave: api-1",
    ]) {
      assert.ok(stdout.includes(line), `${line} is not in\n${stdout}`);
    }
  });

  it("takes a configuration from a pipe, once", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const written = writeFile(pipe, "nodeName: piped\nbind: 127.0.0.1:0\n");
    const { code, stdout, stderr } = await runUntilStarted("SIGTERM", "--config", pipe, "--profile=local");
    await written;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /Node name: 'piped'/);
  });

  it("has no RPC unless it is told to", async () => {
    const { code, stdout } = await runUntilStarted("SIGINT", "--bind", "127.0.0.1:0", "--profile=local");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("RPC addr"), stdout);
  });

  it("ends with 1 and every fault if its configuration has any, and with 0 if gossip is switched off", async () => {
    const faulty = await runCommand(["agent", "--bind=x y", "--profile=space", "-tag", "a=b"]);
    assert.equal(faulty.code, 1);
    for (const part of ["--bind: ", "--profile: ", "-tag: is a flag of Serf's agent"]) {
      assert.ok(faulty.stderr.includes(part), `${part} is not in\n${faulty.stderr}`);
    }
    const off = await runCommand(["agent", "--enabled", "false"]);
    assert.deepEqual([off.code, off.stdout], [0, "==> Gossip is switched off (enabled: false): nothing to run\n"]);
  });

  it("--help lists its flags", async () => {
    const { code, stdout } = await runCommand(["agent", "--help"]);
    assert.equal(code, 0);
    for (const flag of ["--config <file>", "--timings-probe-interval", "--join"]) assert.ok(stdout.includes(flag));
    assert.ok(!stdout.includes("--encryption-keys"));
  });
});

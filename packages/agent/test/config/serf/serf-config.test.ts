import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigError } from "../../../dist/config/config-error.js";
import { readConfigPaths, readConfigText, readFlags } from "../../../dist/config/serf/read-config.js";
import { mergeSerfConfig, SERF_CONFIG_DEFAULTS } from "../../../dist/config/serf/serf-config.js";
import { endpoint, serfSettings } from "../../../dist/config/serf/settings.js";
import { SerfRpcClient } from "../../../dist/faces/rpc/index.js";
import type { AgentSettings, SerfConfigLayer } from "../../../dist/index.js";
import { startAgent } from "../../support.js";

const folder = mkdtempSync(join(tmpdir(), "hearsay-config-"));
after(() => rmSync(folder, { recursive: true }));

describe("an agent's flags", () => {
  it("are written as Go's programs take them", () => {
    const args = [
      "-node=alpha",
      "--tag",
      "role=web",
      "-tag=zone=a=b",
      "-replay",
      "-retry-interval=2s",
      "-log-level",
      "debug",
    ];
    const { layer } = readFlags([
      ...args,
      "-join=10.0.0.1",
      "-join",
      "10.0.0.2",
      "-disable-compression",
      "-rejoin=false",
    ]);
    assert.deepEqual(layer, {
      nodeName: "alpha",
      tags: { role: "web", zone: "a=b" },
      replayOnJoin: true,
      retryInterval: 2000,
      logLevel: "DEBUG",
      startJoin: ["10.0.0.1", "10.0.0.2"],
      enableCompression: false,
      rejoinAfterLeave: false,
    });
  });

  it("are refused where there are no such ones, and where a value is none", () => {
    const wrong = ["-nosuch", "stray", "-node", "-tag=x", "-retry-interval=1ms", "-log-level=loud", "-profile=moon"];
    for (const flag of [...wrong, "-retry-max=x", "-replay=perhaps"])
      assert.throws(() => readFlags([flag]), ConfigError);
  });
});

describe("what Serf's agent can be told", () => {
  /** The flags of Serf 0.8.2 to 0.11.0, by `serf agent -h` and its source. */
  const FLAGS = [
    ...[
      "bind",
      "iface",
      "advertise",
      "config-file",
      "config-dir",
      "discover",
      "encrypt",
      "keyring-file",
      "event-handler",
    ],
    ...["join", "log-level", "node", "profile", "protocol", "rejoin", "retry-join", "retry-interval", "retry-max"],
    ...[
      "disable-compression",
      "role",
      "rpc-addr",
      "snapshot",
      "tag",
      "tags-file",
      "syslog",
      "broadcast-timeout",
      "replay",
    ],
    ...["mdns-iface", "mdns-disable-ipv4", "mdns-disable-ipv6"],
  ];
  const KEYS = [
    "discover",
    "mdns",
    "enable_syslog",
    "syslog_facility",
    "statsite_addr",
    "statsd_addr",
    "validate_node_names",
  ];

  it("is taken, or refused with a reason: no flag is merely unknown", () => {
    const values: Readonly<Record<string, string>> = {
      ...{ protocol: "5", profile: "lan", "log-level": "info", tag: "a=b", "retry-max": "1" },
      ...{ "retry-interval": "1s", "broadcast-timeout": "5s" },
    };
    const refused = FLAGS.filter((flag) => {
      try {
        readFlags([`-${flag}=${values[flag] ?? (/^(rejoin|replay|disable)/.test(flag) ? "true" : "x")}`]);
        return false;
      } catch (error) {
        assert.match(String(error), new RegExp(`-${flag} is not supported: \\w+`));
        return true;
      }
    });
    assert.deepEqual(refused, ["discover", "syslog", "mdns-iface", "mdns-disable-ipv4", "mdns-disable-ipv6"]);
  });

  it("and is not there is refused in files, too, unless it is switched off", () => {
    for (const key of KEYS) {
      assert.throws(() => readConfigText(`{"${key}": "x"}`, "agent.json"), /is not supported: /);
      assert.deepEqual(readConfigText(`{"${key}": false}`, "agent.json"), {});
    }
    assert.deepEqual(readConfigText('{"protocol": 5}', "agent.json"), { protocol: 5 });
    assert.throws(() => readFlags(["-protocol=4"]), /-protocol is 5/);
  });
});

describe("an agent's configuration files", () => {
  it("are read in order, folders by the names of their files, and lists and tags add up", () => {
    const files = join(folder, "files");
    mkdirSync(files);
    writeFileSync(join(files, "b.json"), '{"node_name": "b", "start_join": ["two"], "tags": {"x": "2", "y": "2"}}');
    writeFileSync(
      join(files, "a.json"),
      '{"node_name": "a", "start_join": ["one"], "tags": {"x": "1"}, "role": "web"}',
    );
    writeFileSync(join(files, "ignored.txt"), "no JSON");
    const config = mergeSerfConfig([...readConfigPaths([files]), { startJoin: ["three"] }]);
    assert.deepEqual(config, {
      ...SERF_CONFIG_DEFAULTS,
      nodeName: "b",
      startJoin: ["one", "two", "three"],
      tags: { x: "2", y: "2", role: "web" },
    });
  });

  it("are refused with what is wrong and where", () => {
    const faults = [
      ['{"nosuch": 1}', /there is no setting "nosuch"/],
      ['{"node_name": 1}', /node_name is a text/],
      ['{"tags": {"a": 1}}', /tags is an object of texts/],
      ['{"retry_interval": "10ms"}', /retry_interval is a duration .* from 1000 ms to 2147483647 ms/],
      ['{"start_join": "one"}', /start_join is a list of texts/],
      ["[]", /must be a JSON object/],
      ["{", /agent\.json/],
    ] as const;
    for (const [text, what] of faults) assert.throws(() => readConfigText(text, "agent.json"), what);
    assert.throws(() => readConfigPaths([join(folder, "missing.json")]), /can't be read/);
  });
});

describe("the node of an agent", () => {
  const optionsOf = (layer: SerfConfigLayer): AgentSettings["cluster"] => serfSettings(layer).cluster;

  it("keeps to loopback unless it has a key, or is told where to listen", () => {
    const key = Buffer.alloc(32, 1).toString("base64");
    assert.deepEqual(optionsOf({}).bind, { host: "127.0.0.1", port: 7946 });
    assert.deepEqual(optionsOf({ encryptKey: key }).bind, { host: "0.0.0.0", port: 7946 });
    assert.deepEqual(optionsOf({ bind: "[::1]:1" }).bind, { host: "::1", port: 1 });
    assert.equal(optionsOf({ bind: "10.0.0.1" }).encryption, "off");
    assert.deepEqual(optionsOf({ bind: "pod.example", advertise: "pod.example:9000" }).advertise, {
      host: "pod.example",
      port: 9000,
    });
    // Of an interface and an address, one checks the other.
    const loopback = (infos: readonly { address: string }[] = []): boolean =>
      infos.some(({ address }) => address === "127.0.0.1");
    const [lo = ""] = Object.entries(networkInterfaces()).find(([, infos]) => loopback(infos)) ?? [];
    assert.deepEqual(optionsOf({ interface: lo, bind: "127.0.0.1:1" }).bind, { host: "127.0.0.1", port: 1 });
    assert.throws(() => optionsOf({ interface: lo, bind: "10.0.0.1" }), /hasn't the address 10\.0\.0\.1/);
    assert.deepEqual(endpoint(":7373", "rpc_addr"), { host: "", port: 7373 });
  });

  it("needs a keyring file with a key in it, and one source of keys and of tags", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "[]");
    assert.throws(() => optionsOf({ keyringFile: empty }), /holds no key/);
    assert.throws(() => optionsOf({ keyringFile: join(folder, "missing") }), /can't be read/);
    assert.throws(() => optionsOf({ keyringFile: empty, encryptKey: "x" }), /together/);
    await assert.rejects(startAgent({ tags: { a: "b" }, tagsFile: empty }), /together/);
  });
});

describe("a file of tags", () => {
  it("gives the tags at the start, and keeps those that are changed", async () => {
    const tagsFile = join(folder, "tags.json");
    writeFileSync(tagsFile, '{"role": "web", "old": "1"}');
    const agent = await startAgent({ tagsFile });
    assert.deepEqual({ ...agent.cluster.self.tags }, { role: "web", old: "1" });
    const client = await SerfRpcClient.connect(agent.rpcAddress);
    await client.tags({ zone: "a" }, ["old"]);
    assert.deepEqual({ ...agent.cluster.self.tags }, { role: "web", zone: "a" });
    assert.equal(readFileSync(tagsFile, "utf8"), '{\n  "role": "web",\n  "zone": "a"\n}');
    assert.equal(statSync(tagsFile).mode & 0o777, 0o600);
    client.close();
    await agent.leave();
  });

  it("is another one after the configuration names another, and one that can't be used changes nothing", async () => {
    const [first, second] = [join(folder, "first.json"), join(folder, "second.json")];
    writeFileSync(first, '{"role": "web"}');
    const agent = await startAgent({ tagsFile: first });
    const client = await SerfRpcClient.connect(agent.rpcAddress);
    const handlers = async () => Object.fromEntries((await client.stats()).get("event_handlers") ?? []);
    const before = await handlers();
    const tags = { a: "b" };
    await assert.rejects(
      agent.reload(serfSettings({ tagsFile: join(folder, "none", "tags.json"), tags, eventHandlers: ["user=true"] })),
    );
    assert.deepEqual(await handlers(), before);
    writeFileSync(second, '{"role": "db"}');
    await agent.reload(serfSettings({ tagsFile: second }));
    assert.deepEqual({ ...agent.cluster.self.tags }, { role: "db" });
    await client.tags({ zone: "a" }, []);
    assert.deepEqual(JSON.parse(readFileSync(second, "utf8")), { role: "db", zone: "a" });
    assert.equal(readFileSync(first, "utf8"), '{"role": "web"}');
    client.close();
    await agent.leave();
  });

  it("and the node have every change of those that come at once", async () => {
    const tagsFile = join(folder, "at-once.json");
    const agent = await startAgent({ tagsFile });
    const clients = await Promise.all([1, 2, 3, 4, 5, 6].map(() => SerfRpcClient.connect(agent.rpcAddress)));
    await Promise.all(clients.map((client, i) => client.tags({ [`tag-${i}`]: String(i) })));
    const expected = Object.fromEntries(clients.map((_, i) => [`tag-${i}`, String(i)]));
    assert.deepEqual({ ...agent.cluster.self.tags }, expected);
    assert.deepEqual(JSON.parse(readFileSync(tagsFile, "utf8")), expected);
    for (const client of clients) client.close();
    await agent.leave();
  });

  it("and the node stay as they were when a change is refused, and the agent starts with it again", async () => {
    const tagsFile = join(folder, "refused.json");
    const agent = await startAgent({ tagsFile });
    const client = await SerfRpcClient.connect(agent.rpcAddress);
    await client.tags({ role: "web" });
    await assert.rejects(client.tags({ long: "x".repeat(700) }), /exceeds limit/);
    assert.deepEqual({ ...agent.cluster.self.tags }, { role: "web" });
    assert.deepEqual(JSON.parse(readFileSync(tagsFile, "utf8")), { role: "web" });
    client.close();
    await agent.leave();
    const again = await startAgent({ tagsFile });
    assert.deepEqual({ ...again.cluster.self.tags }, { role: "web" });
    await again.leave();
  });

  it("that can't be written leaves the node's tags as they were, and the agent says why", async () => {
    const gone = join(folder, "gone");
    mkdirSync(gone);
    const agent = await startAgent({ tagsFile: join(gone, "tags.json") });
    rmSync(gone, { recursive: true });
    const client = await SerfRpcClient.connect(agent.rpcAddress);
    await assert.rejects(client.tags({ role: "web" }), /ENOENT/);
    assert.deepEqual({ ...agent.cluster.self.tags }, {});
    client.close();
    await agent.leave();
  });

  it("with tags that no node can have keeps an agent from starting, which says what is wrong and where", async () => {
    const tagsFile = join(folder, "long.json");
    writeFileSync(tagsFile, JSON.stringify({ long: "x".repeat(700) }));
    await assert.rejects(startAgent({ tagsFile }), /tags_file .*long\.json holds tags that can't be used/);
  });
});

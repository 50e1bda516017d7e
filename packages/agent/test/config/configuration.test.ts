import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateKey } from "hearsay";
import { effectiveValue } from "../../dist/config/configuration.js";
import { PROFILE_NAMES } from "../../dist/config/profile-names.js";
import { VALUE_KEYS } from "../../dist/config/schema/keys.js";
import { originText } from "../../dist/config/sources/origin.js";
import { configured, faultsOf, type Written } from "./configured.js";

/** A key's value and origin, in one text. */
function effective(key: string, written: Written): string {
  const { text, origin } = effectiveValue(key, configured(written));
  return `${text} # ${originText(origin)}`;
}

describe("the sources of a configuration", () => {
  const INTERVAL = "timings.probeInterval";

  it("come in order: flag, environment, file, profile, default", () => {
    const files = ["profile: edge", "timings: { probeInterval: 3s }", "timings: { probeInterval: 4s }"];
    const environment = { HEARSAY_TIMINGS_PROBE_INTERVAL: "5s" };
    const flags = ["--timings-probe-interval", "6s"];
    assert.equal(effective(INTERVAL, { files, environment, flags }), "6s # --timings-probe-interval");
    assert.equal(effective(INTERVAL, { files, environment }), "5s # HEARSAY_TIMINGS_PROBE_INTERVAL");
    assert.equal(effective(INTERVAL, { files }), "4s # c.yaml:1:27: timings.probeInterval");
    assert.equal(effective(INTERVAL, { files: files.slice(0, 2) }), "3s # b.yaml:1:27: timings.probeInterval");
    assert.equal(effective(INTERVAL, { files: files.slice(0, 1) }), "10s # profile edge");
    assert.equal(effective(INTERVAL, {}), "1s # profile lan");
    assert.equal(effective("rpc.handshakeTimeout", {}), "10s # default");
  });

  it("replace the whole value of a key, and no other key's", () => {
    const files = ["join: [a, b]\nbind: 127.0.0.1:7001\ntags: { role: api }", "join: [c]\nbind: { port: 7002 }"];
    const { node } = configured({ files });
    assert.deepEqual([node.join, node.bind, node.tags], [["c"], { host: "127.0.0.1", port: 7002 }, { role: "api" }]);
  });

  it("replace a value as a whole by its parts, and the other way round", () => {
    const key = generateKey();
    const [sealed, open] = [`encryption: { keys: [${key}] }`, 'encryption: "off"'];
    assert.deepEqual(configured({ files: [open, sealed] }).node.encryption, { keys: [key] });
    assert.equal(configured({ files: [sealed, open] }).node.encryption, "off");
  });

  it("have text for every kind of value", () => {
    const environment = {
      HEARSAY_BIND: "[::1]:7000",
      HEARSAY_JOIN: "a:1, b:2,",
      HEARSAY_TAGS: "role=api,zone=b=c",
      HEARSAY_COMPRESSION: "False",
      HEARSAY_PACKET_BYTES: "1200",
      HEARSAY_TIMINGS_GOSSIP_INTERVAL: "1m30s",
      HEARSAY_ENCRYPTION: "off",
    };
    const { node, faults } = configured({ environment });
    assert.deepEqual(faults, []);
    assert.deepEqual(node, {
      bind: { host: "::1", port: 7000 },
      join: ["a:1", "b:2"],
      tags: { role: "api", zone: "b=c" },
      compression: false,
      packetBytes: 1200,
      timings: { gossipInterval: "1m30s" },
      encryption: "off",
      preset: "lan",
    });
    const flags = ["--join=a:1", "--join", "b:2", "--tags", "role=api", "--tags=zone=b", "--compression", "false"];
    const { join, tags, compression } = configured({ flags: [...flags, "--skip-inbound-label-check"] }).node;
    assert.deepEqual([join, tags, compression], [["a:1", "b:2"], { role: "api", zone: "b" }, false]);
    assert.equal(configured({ flags: ["--skip-inbound-label-check"] }).node.skipInboundLabelCheck, true);
  });

  it("give every key a variable of its own, and a flag unless it is secret", () => {
    const styled = (path: string, between: string): string =>
      path.replaceAll(/[A-Z]/g, (letter) => `${between}${letter.toLowerCase()}`).replaceAll(".", between);
    // Taken for a value or refused for it, but not unknown.
    const isKnown = (written: Written): boolean => !faultsOf(written).some((line) => line.includes("is no setting"));
    assert.ok(VALUE_KEYS.length > 50);
    for (const { path, row } of VALUE_KEYS) {
      const name = `HEARSAY_${styled(path, "_").toUpperCase()}`;
      assert.ok(isKnown({ environment: { [name]: "x" } }), name);
      const lines = faultsOf({ flags: [`--${styled(path, "-")}=x`] }).filter((line) => line.includes("is no flag"));
      assert.equal(lines.length, row.form.isSecret === true ? 1 : 0, `${path}: ${lines.join()}`);
    }
  });
});

describe("a configuration with faults", () => {
  it("reports them all at once, each with line, column, key, value and remedy", () => {
    const file = [
      "nodeName: api-1",
      "timings:",
      "  probeInterval: 500",
      '  gossipInterval: "soon"',
      "  probeTimout: 1s",
      "bind: 127.0.0.1:99999",
      "compression: maybe",
      "join:",
      "probe_interval: 1s",
    ].join("\n");
    assert.deepEqual(faultsOf(file), [
      'a.yaml:3:18: timings.probeInterval: 500 has no unit: write "500ms" or "500s"',
      "a.yaml:5:3: timings.probeTimout: is no setting of the agent; did you mean timings.probeTimeout?",
      'a.yaml:6:7: bind: "127.0.0.1:99999" is not allowed: host:port; 99999 is no port; ports are 1 to 65535',
      "a.yaml:8:6: join: has no value; leave the line out for the default",
      "a.yaml:9:1: probe_interval: is no setting of the agent; did you mean timings.probeInterval?",
      'a.yaml:7:14: compression: "maybe" is not allowed: true or false',
      'a.yaml:4:19: timings.gossipInterval: "soon" is not allowed: a duration from 0, or 1ms to 1h: text such as "5s", "1m30s", "500ms"',
    ]);
  });

  it("is refused where two spellings of one key in one source differ", () => {
    const file = 'gossip:\n  protocolPeriod: "1s"\n  interval: "2s"\ntimings: { probeInterval: 1s }\nprofile: lan';
    assert.deepEqual(faultsOf(file), [
      "a.yaml:3:13: gossip.interval: means the same as gossip.protocolPeriod in a.yaml:2, which says something else",
    ]);
  });

  it("loses no wrong value when another source gives a part of it", () => {
    const files = ['bind: "10.0.0.1:99999"'];
    assert.equal(faultsOf({ files, flags: ["--bind-port", "8000"] }).length, 1);
    assert.equal(faultsOf({ files: ["bind: 5"], flags: ["--bind-port", "8000"] }).length, 1);
    const { node } = configured({ files: ["snapshot: /tmp/snap"], flags: ["--snapshot-rejoin-after-leave"] });
    assert.deepEqual(node.snapshot, { path: "/tmp/snap", rejoinAfterLeave: true });
  });

  it("never takes an empty map for the default", () => {
    for (const text of ["encryption: {}", "profile: consul\nencryption: {}"]) {
      assert.match(faultsOf(text)[0] ?? "", /encryption: has no parts; leave it out for the default$/);
    }
  });

  it("names the place and the element that is wrong, not another part or source", () => {
    assert.match(faultsOf("bind:\n  port: 8000\n  host: 10.0.0.1")[0] ?? "", /^a\.yaml:3:9: bind\.host: "10\.0\.0\.1"/);
    const wan = faultsOf("profile: wan\nbind: 10.0.0.1").find((line) => line.includes("10.0.0.1"));
    assert.match(wan ?? "", /^a\.yaml:2:7: bind: "10\.0\.0\.1" is not allowed: a loopback address/);
    assert.deepEqual(
      faultsOf("join: [127.0.0.1, 10.0.0.1, 10.0.0.2]").map((line) => line.slice(0, 29)),
      ['a.yaml:1:7: join: "10.0.0.1" i', 'a.yaml:1:7: join: "10.0.0.2" i'].map((line) => line.slice(0, 29)),
    );
    assert.match(faultsOf("join: [a, b c]")[0] ?? "", /join: "b c" is not allowed \(element 2\): /);
    const key = generateKey();
    assert.match(faultsOf(`encryption: { keys: ["${key}", "x"] }`)[0] ?? "", /\(element 2\)$/);
  });

  it("takes a list of handlers as it is written, and checks each", () => {
    const handlers = ["member-leave,member-failed=./h.sh", "user:deploy=./d.sh --env a,b"];
    const flags = handlers.flatMap((one) => ["--event-handlers", one]);
    assert.deepEqual(configured({ flags }).own.eventHandlers, handlers);
    const environment = { HEARSAY_EVENT_HANDLERS: handlers.join("\n") };
    assert.deepEqual(configured({ environment }).own.eventHandlers, handlers);
    assert.match(faultsOf("eventHandlers: ['member-jion=x']")[0] ?? "", /"member-jion=x" is not allowed \(element 1\)/);
  });

  it("gives RPC and gossip addresses of their own", () => {
    const [line, ...others] = faultsOf("bind: 127.0.0.1:7001\nrpc: { bind: '127.0.0.1:7001' }");
    assert.match(line ?? "", /^a\.yaml:2:14: rpc\.bind: "127\.0\.0\.1:7001" is the gossip's own address/);
    assert.deepEqual(others, []);
    assert.deepEqual(faultsOf("bind: 127.0.0.1:0\nrpc: { bind: '127.0.0.1:0' }"), []);
  });

  it("says what leads to itself", () => {
    for (const text of ["join: &b [*b]", "rpc: &b { bind: *b }", "tags: &t { a: *t }"]) {
      assert.match(faultsOf(text)[0] ?? "", /has an alias that leads nowhere, to itself, or to too much$/, text);
    }
    const { node } = configured({ files: ["advertise: &here { host: 127.0.0.1, port: 7001 }\nbind: *here"] });
    assert.deepEqual(node.bind, { host: "127.0.0.1", port: 7001 });
  });

  it("finds the meant key elsewhere", () => {
    for (const [written, meant] of [
      [{ files: ["cluster: { gossip: { join: [a] } }"] }, "cluster.join"],
      [{ files: ["cluster: { encryption_key: x }"] }, "cluster.gossip.encryption_key"],
      [{ environment: { HEARSAY_PROBE_INTERVAL: "1s" } }, "HEARSAY_TIMINGS_PROBE_INTERVAL"],
      [{ flags: ["--probe-interval", "1s"] }, "--timings-probe-interval"],
    ] satisfies [Written, string][]) {
      const lines = faultsOf({ ...written, flags: ["--profile=lan", ...(written.flags ?? [])] });
      assert.ok(lines[0]?.endsWith(`did you mean ${meant}?`), lines.join("\n"));
    }
  });

  it("never shows a key, whatever is wrong with it", () => {
    const key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";
    for (const file of [
      `encryption: { keys: [${key}] }`,
      `encryption: { keys: ${key} }`,
      `encryption: ${key}`,
      `encryption: { key: ${key} }`,
      `encryption: { keyFile: [${key}] }`,
      `cluster: { gossip: { encryption_key: [${key}] } }`,
      `gossip: { encryptionKey: ${key}, encryption_key: ${key} }`,
      `rpc: { authKey: [${key}] }`,
      `rpc: ${key}`,
      `cluster: { gossip: ${key} }`,
      `compatibility: { shortKeys: ${key}= }`,
      `encryption: { keys: [*${key}] }`,
      `encryption: { keys: !${key} [] }`,
    ]) {
      const lines = faultsOf(file);
      assert.ok(lines.length > 0 && !lines.join("\n").includes("c2Vjc"), lines.join("\n"));
    }
    const environment = { HEARSAY_ENCRYPTION_KEYS: key, HEARSAY_ENCRYPTION: key };
    const lines = faultsOf({ environment, flags: ["--encryption-keys", key, `-encrypt=${key}`, "-encrypt", key] });
    assert.ok(lines.length > 0 && !lines.join("\n").includes("c2Vjc"), lines.join("\n"));
  });

  it("takes keys of 32 bytes, and shorter ones only where it is told to", () => {
    const of = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
    const told = (bytes: number, more = ""): string[] => faultsOf(`encryption: { keys: ["${of(bytes)}"] }\n${more}`);
    assert.deepEqual(told(32), []);
    for (const bytes of [16, 24]) {
      const [line = "", ...others] = told(bytes);
      assert.match(line, /a key is 32 random bytes in base64.*make one with `hearsay keygen`.*it has \d+ bytes/);
      assert.deepEqual(others, []);
      assert.deepEqual(told(bytes, "compatibility: { shortKeys: true }"), []);
    }
    for (const bytes of [0, 15, 31, 33, 64]) assert.equal(told(bytes, "compatibility: { shortKeys: true }").length, 1);
  });

  it("is no document of another kind, too long, or with a key twice", () => {
    assert.deepEqual(faultsOf("- 1\n- 2"), ["a.yaml:1:1: the document is no map of keys"]);
    assert.match(faultsOf("join: [a\nbind: x")[0] ?? "", /^a\.yaml:\d+:\d+: /);
    assert.match(faultsOf("nodeName: a\nnodeName: b")[0] ?? "", /^a\.yaml:2:1: nodeName: stands here a second time$/);
    assert.match(faultsOf("nodeName: !secret a")[0] ?? "", /^a\.yaml:1:11: .*tag/);
    assert.match(faultsOf("nodeName: a\n---\nnodeName: b")[0] ?? "", /^a\.yaml:2:1: a second document begins/);
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [name, of] of [..."bcdefghi"].map((letter, i) => [letter, "abcdefgh"[i]])) {
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(",")}]`);
    }
    assert.match(faultsOf(`${bomb.join("\n")}\njoin: *i`).at(-1) ?? "", /alias/i);
  });

  it("has no stray arguments, and no flags of Serf's, of nobody's, and of secrets", () => {
    assert.deepEqual(faultsOf({ flags: ["-bind=x", "stray", "--joins", "x", "--rpc-auth-key=x", "--node-name"] }), [
      "-bind: is a flag of Serf's agent, which hearsay-agent takes; flags here begin with --, see hearsay agent --help",
      "stray: is no flag, and the agent takes nothing else",
      "--joins: is no flag; did you mean --join?",
      "--rpc-auth-key: is no flag, since every process of this machine can read it; use a file or the environment",
      "--node-name: needs a value",
    ]);
  });

  it("names variables with Hearsay's prefixes that nobody reads, and leaves Kubernetes its own", () => {
    const environment = {
      HEARSAY_BIN: "x",
      HEARSAY_SERVICE_HOST: "10.0.0.1",
      HEARSAY_PORT: "tcp://10.0.0.1:7946",
      HEARSAY_PORT_7946_UDP_ADDR: "10.0.0.1",
      LONGBOW_SERVICE_PORT: "7946",
      LONGBOW_PORT: "udp://10.0.0.1:7946",
    };
    const line = "HEARSAY_BIN: is no setting of the agent; did you mean HEARSAY_BIND?";
    assert.deepEqual(faultsOf({ environment }), [line]);
    const [told = ""] = faultsOf({ environment: { LONGBOW_GOSSIP_PORT: "tcp://10.0.0.1:7946" } });
    assert.match(told, /^LONGBOW_GOSSIP_PORT: "tcp:.*Kubernetes sets under this name.*enableServiceLinks: false/);
  });
});

describe("a profile", () => {
  const ALL_KEYS: Written = { files: [`encryption: { keys: ["${generateKey()}"] }`] };

  it("is lan unless something says otherwise", () => {
    const { profile } = configured({});
    assert.deepEqual([profile.name, profile.why], ["lan", "as nothing says otherwise"]);
  });

  it("follows from the names that are used, or from the key profile", () => {
    const chosen = (written: Written): string => {
      const { profile } = configured(written);
      return `${profile.name}, ${profile.why}`;
    };
    const [opengslb, longbow] = ["cluster: { gossip: {} }", "gossip: { port: 7946 }"];
    const environment = { LONGBOW_GOSSIP_ENABLED: "true" };
    assert.equal(chosen({ files: [opengslb] }), "opengslb, as cluster in a.yaml:1 is OpenGSLB's");
    assert.equal(chosen({ files: [longbow] }), "longbow, as gossip in a.yaml:1 is Longbow's");
    assert.equal(chosen({ environment }), "longbow, as LONGBOW_GOSSIP_ENABLED is Longbow's");
    assert.equal(chosen({ files: [longbow, "profile: wan"], environment }), "wan, as profile in b.yaml:1 says");
    assert.equal(chosen({ files: [opengslb], flags: ["--profile", "consul"] }), "consul, as --profile says");
    for (const written of [{ files: [opengslb, longbow] }, { files: [opengslb], environment }]) {
      assert.match(faultsOf(written)[0] ?? "", /^a\.yaml:1:1: cluster: is OpenGSLB's and .* is Longbow's/);
      assert.deepEqual(faultsOf({ ...written, flags: ["--profile=lan"] }), []);
    }
  });

  it("whose behaviour is missing is refused with what is missing, and the others are not", () => {
    for (const name of PROFILE_NAMES) {
      const lines = faultsOf({ ...ALL_KEYS, flags: ["--profile", name, "--discovery-provider=static"] });
      const isMissing = name === "opengslb" || name === "longbow";
      assert.equal(lines.length, isMissing ? 1 : 0, `${name}: ${lines.join("\n")}`);
      if (isMissing) assert.match(lines[0] ?? "", /needs .*, which this version lacks; with `profile: lan` the gossip/);
    }
  });

  it("demands a key where its documents do", () => {
    for (const name of PROFILE_NAMES) {
      const lines = faultsOf({ flags: ["--profile", name] }).filter((line) => line.includes("demands encryption.keys"));
      assert.equal(lines.length, name === "wan" || name === "go-gossip" ? 1 : 0, name);
    }
  });

  it("has the values of the documents that it is named after", () => {
    const value = (profile: string, key: string): string =>
      effectiveValue(key, configured({ ...ALL_KEYS, flags: ["--profile", profile] })).text;
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ["opengslb", ["7947", "1s", "500ms", "3", "4", "0", "200ms", "3", "30s"]],
      ["longbow", ["7946", "200ms", "100ms", "3", "4", "5s", "200ms", "3", "30s"]],
      ["consul", ["8301", "1s", "500ms", "3", "4", "0", "200ms", "3", "30s"]],
      ["go-gossip", ["7946", "1s", "500ms", "3", "4", "5s", "1s", "1", "5s"]],
      ["classic", ["7946", "1s", "500ms", "2", "4", "5s", "1s", "3", "1s"]],
      ["wan", ["8302", "5s", "3s", "3", "6", "0", "500ms", "4", "1m"]],
      ["conservative", ["7946", "5s", "3s", "3", "8", "0", "500ms", "4", "1m"]],
      ["edge", ["7946", "10s", "5s", "3", "6", "0", "2s", "2", "5m"]],
    ];
    const keys = [
      ...["bind.port", "timings.probeInterval", "timings.probeTimeout", "timings.indirectChecks"],
      ...["timings.suspicionMult", "timings.suspicionTimeout", "timings.gossipInterval", "timings.gossipNodes"],
      "timings.pushPullInterval",
    ];
    for (const [name, expected] of rows)
      assert.deepEqual(
        keys.map((key) => value(name, key)),
        expected,
        name,
      );
  });

  it("gives way to another way of timing suspicions, and to nothing more", () => {
    const kept = configured({ flags: ["--profile=conservative", "--timings-suspicion-max-timeout-mult=4"] });
    assert.equal(kept.node.timings?.suspicionMult, 8);
    const timed = (flags: readonly string[]): unknown => configured({ flags }).node.timings?.suspicionTimeout;
    assert.equal(timed(["--profile", "classic", "--timings-suspicion-mult", "4"]), undefined);
    assert.equal(timed(["--profile", "classic", "--timings-suspicion-timeout", "10s"]), "10s");
    const both = ["--timings-suspicion-timeout", "10s", "--timings-suspicion-mult", "4"];
    assert.match(faultsOf({ flags: both })[0] ?? "", /^--timings-suspicion-timeout: "10s" is not allowed/);
  });
});

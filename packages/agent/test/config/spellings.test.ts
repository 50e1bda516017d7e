import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LONGBOW } from "../../dist/config/spellings/longbow.js";
import { OPENGSLB } from "../../dist/config/spellings/opengslb.js";
import { configured, faultsOf, type Written } from "./configured.js";

/** The node's options of one line in OpenGSLB's or Longbow's names, with the gossip alone. */
function nodeOf(...lines: readonly string[]): object {
  const { node, faults } = configured({ files: ["profile: lan\nencryption: 'off'", ...lines] });
  assert.deepEqual(faults, []);
  const { preset: _, join: __, encryption: ___, ...rest } = node;
  return rest;
}

function joinOf(written: Written): unknown {
  return configured(written).node.join;
}

describe("OpenGSLB's names", () => {
  it("tell the node's name and addresses: the hosts of Raft, with ports of the gossip's own", () => {
    assert.deepEqual(nodeOf('cluster: { mode: cluster, node_name: "gslb-node-1" }'), { nodeName: "gslb-node-1" });
    assert.deepEqual(nodeOf('cluster: { bind_address: "10.0.1.10:7946", gossip: { bind_port: 7947 } }'), {
      bind: { host: "10.0.1.10", port: 7947 },
    });
    assert.deepEqual(nodeOf('cluster: { advertise_address: "192.0.2.1:7946", gossip: { advertise_port: 7950 } }'), {
      advertise: { host: "192.0.2.1", port: 7950 },
    });
    assert.deepEqual(nodeOf('cluster: { advertise_address: "2001:db8::1" }'), { advertise: { host: "2001:db8::1" } });
  });

  it("tell the timings", () => {
    const gossip = [
      'probe_interval: "2s"',
      'probe_timeout: "600ms"',
      'gossip_interval: "100ms"',
      'push_pull_interval: "1m30s"',
    ];
    assert.deepEqual(nodeOf(`cluster: { gossip: { ${gossip.join(", ")} } }`), {
      timings: { probeInterval: "2s", probeTimeout: "600ms", gossipInterval: "100ms", pushPullInterval: "1m30s" },
    });
    assert.deepEqual(nodeOf("cluster: { gossip: { suspicion_mult: 5, gossip_nodes: 2 } }"), {
      timings: { suspicionMult: 5, gossipNodes: 2 },
    });
  });

  it("join the hosts of Raft's addresses at the gossip's port", () => {
    const hosts = 'cluster: { join: ["10.0.1.11:7946", "gslb-2.example.org:7946", "[2001:db8::2]:7946", "10.0.1.12"] }';
    assert.deepEqual(joinOf({ files: [hosts] }), ["10.0.1.11", "gslb-2.example.org", "[2001:db8::2]", "10.0.1.12"]);
    assert.match(
      faultsOf("profile: lan\ncluster: { join: 10.0.1.11 }")[0] ?? "",
      /a\.yaml:2:18: cluster\.join: .* no list/,
    );
    assert.match(faultsOf("profile: lan\ncluster: { join: [a b] }")[0] ?? "", /cluster\.join: "a b" is no host:port/);
  });

  it("demand another port than Raft's", () => {
    const both = 'cluster: { bind_address: "127.0.0.1:7946", gossip: { bind_port: 7946 } }';
    assert.deepEqual(faultsOf(`profile: lan\n${both}`), [
      "a.yaml:2:65: cluster.gossip.bind_port: 7946 is Raft's port (cluster.bind_address in a.yaml:2): gossip needs one of its own",
    ]);
  });

  it("compare the port with the gossip's where nobody tells that one, and forget Raft's when a later file has none", () => {
    assert.match(faultsOf('profile: lan\ncluster: { bind_address: "127.0.0.1:7946" }')[0] ?? "", /7946 is Raft's port/);
    const files = [
      'profile: lan\ncluster: { bind_address: "127.0.0.1:7947" }',
      'cluster: { bind_address: "127.0.0.1", gossip: { bind_port: 7947 } }',
    ];
    assert.deepEqual(faultsOf({ files }), []);
  });

  it("can be switched on again by a later file, and off within a cluster", () => {
    const isEnabled = (...files: string[]): boolean => configured({ files }).own.enabled;
    assert.equal(isEnabled("cluster: { mode: standalone }", "cluster: { mode: cluster }"), true);
    assert.equal(isEnabled("cluster: { mode: cluster, gossip: { enabled: false } }"), false);
  });

  it("need nothing of their profile where the gossip is switched off", () => {
    for (const text of [
      "cluster: { mode: standalone }",
      "cluster: { gossip: { enabled: false } }",
      "gossip: { enabled: false }",
    ]) {
      const faults = faultsOf(text).filter((line) => !line.includes("finds peers by"));
      assert.deepEqual(faults, [], text);
    }
  });

  it("switch the gossip off, where it is not a cluster or is disabled", () => {
    const isEnabled = (text: string): boolean => configured({ files: [text] }).own.enabled;
    assert.equal(isEnabled("cluster: { mode: cluster }"), true);
    assert.equal(isEnabled("cluster: { mode: standalone }"), false);
    assert.equal(isEnabled("cluster: { gossip: { enabled: false } }"), false);
    assert.equal(isEnabled("cluster: { gossip: { bind_port: 7947 } }"), true);
    assert.match(
      faultsOf("profile: lan\ncluster: { mode: solo }")[0] ?? "",
      /"solo" is neither "cluster" nor "standalone"/,
    );
  });

  it("give the key, and refuse the placeholder of the documentation with what makes one", () => {
    const key = "xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI=";
    const { node } = configured({ files: [`cluster: { gossip: { encryption_key: "${key}" } }`] });
    assert.deepEqual(node.encryption, { keys: [key] });
    const [line = ""] = faultsOf('profile: lan\ncluster: { gossip: { encryption_key: "your-base64-encoded-key" } }');
    assert.match(
      line,
      /^a\.yaml:2:38: cluster\.gossip\.encryption_key: .*`hearsay keygen` or `head -c 32 \/dev\/urandom \| base64`/,
    );
    assert.ok(!line.includes("your-base64"));
  });
});

describe("Longbow's names", () => {
  const FILE = [
    "gossip:",
    "  enabled: true",
    "  port: 7950",
    '  protocolPeriod: "300ms"',
    '  ackTimeout: "200ms"',
    '  suspicionTimeout: "10s"',
    '  advertiseAddr: "192.0.2.1:7950"',
    "  discovery:",
    '    provider: "static"',
    '    staticPeers: "longbow-0.longbow:7946, longbow-1.longbow:7946,"',
  ].join("\n");

  it("tell port, timings and peers in a file", () => {
    assert.deepEqual(nodeOf(FILE), {
      bind: { port: 7950 },
      advertise: { host: "192.0.2.1", port: 7950 },
      timings: { probeInterval: "300ms", probeTimeout: "200ms", suspicionTimeout: "10s" },
    });
    assert.deepEqual(joinOf({ files: [FILE] }), ["longbow-0.longbow:7946", "longbow-1.longbow:7946"]);
    assert.deepEqual(joinOf({ files: ["gossip: { discovery: { provider: static, staticPeers: '' } }"] }), []);
  });

  it("tell the same in the environment", () => {
    const environment = {
      LONGBOW_GOSSIP_ENABLED: "true",
      LONGBOW_GOSSIP_PORT: "7950",
      LONGBOW_GOSSIP_PROTOCOL_PERIOD: "300ms",
      LONGBOW_GOSSIP_ACK_TIMEOUT: "200ms",
      LONGBOW_GOSSIP_SUSPICION_TIMEOUT: "10s",
      LONGBOW_GOSSIP_ADVERTISE_ADDR: "192.0.2.1:7950",
      LONGBOW_GOSSIP_DISCOVERY_PROVIDER: "static",
      LONGBOW_GOSSIP_DISCOVERY_STATIC_PEERS: "longbow-0.longbow:7946, longbow-1.longbow:7946,",
    };
    const [file, variables] = [configured({ files: [FILE] }), configured({ environment })];
    assert.deepEqual([variables.node, variables.own], [file.node, file.own]);
    // The profile is refused, and nothing else.
    assert.deepEqual(variables.faults.length, 1);
    assert.equal(configured({ environment: { LONGBOW_GOSSIP_ENABLED: "false" } }).own.enabled, false);
  });

  it("have variables for every setting of discovery", () => {
    const environment = {
      LONGBOW_GOSSIP_DISCOVERY_NAMESPACE: "prod",
      LONGBOW_GOSSIP_DISCOVERY_LABEL_SELECTOR: "app=longbow",
      LONGBOW_GOSSIP_DISCOVERY_DNS_RECORD: "_gossip._udp.example.org",
      LONGBOW_GOSSIP_DISCOVERY_STATIC_PEERS: "",
      LONGBOW_GOSSIP_DISCOVERY_PROVIDER: "static",
    };
    assert.deepEqual(configured({ environment }).own.discovery, {
      provider: "static",
      staticPeers: "",
      dnsRecord: "_gossip._udp.example.org",
      namespace: "prod",
      labelSelector: "app=longbow",
    });
  });

  it("tell a wrong provider of peers, and what a provider does not use", () => {
    const told = (discovery: string): string[] => faultsOf(`profile: lan\ngossip: { discovery: ${discovery} }`);
    assert.match(
      told("{ provider: consul }")[0] ?? "",
      /provider: "consul" is not allowed: one of "static", "dns", "k8s"/,
    );
    assert.match(told("{ provider: dns }")[0] ?? "", /^a\.yaml:2:34: .*finds peers by DNS, which this version lacks/);
    const both = told("{ provider: k8s, staticPeers: 'a:1' }");
    assert.match(both[1] ?? "", /staticPeers: "a:1" is used by the provider "static" alone/);
    assert.match(told("{ provider: static, staticPeers: 'a:1, b c' }")[0] ?? "", /staticPeers: "b c" is not allowed/);
    const foreign = told("{ provider: static, staticPeers: '10.0.0.5:7946' }")[0] ?? "";
    assert.match(
      foreign,
      /staticPeers: "10\.0\.0\.5:7946" is not allowed: loopback addresses, as there is no encryption/,
    );
  });

  it("call the time between two probes an interval, which OpenGSLB calls that of gossip", () => {
    assert.deepEqual(nodeOf('gossip: { interval: "2s" }'), { timings: { probeInterval: "2s" } });
    assert.deepEqual(nodeOf('gossip: { gossipInterval: "2s" }'), { timings: { gossipInterval: "2s" } });
  });
});

describe("the names of other programs", () => {
  it("lie below one root each, with parts or a value, never both", () => {
    for (const { root, names } of [OPENGSLB, LONGBOW]) {
      const paths = [...names.keys()];
      for (const path of paths) {
        assert.ok(path.startsWith(`${root}.`), path);
        assert.ok(!paths.some((other) => other.startsWith(`${path}.`)), path);
      }
    }
  });

  it("that nobody has are faults, with the nearest known one", () => {
    assert.deepEqual(faultsOf("profile: lan\ncluster: { gosip: {}, gossip: { bindport: 1 } }"), [
      "a.yaml:2:12: cluster.gosip: is no setting of the agent; did you mean cluster.gossip?",
      "a.yaml:2:33: cluster.gossip.bindport: is no setting of the agent; did you mean cluster.gossip.bind_port?",
    ]);
    assert.match(faultsOf("profile: lan\ngossip: 5")[0] ?? "", /^a\.yaml:2:9: gossip: has parts: /);
  });
});

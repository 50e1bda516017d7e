import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import { SERF_DEFAULTS, type SerfConfig } from "@hearsay/core/serf";
import { CLUSTER_OPTIONS, readRows } from "hearsay/options";
import { ConfigError } from "../../dist/config/config-error.js";
import { convertConfig } from "../../dist/config/convert.js";
import { readConfigText } from "../../dist/config/serf/read-config.js";
import { serfSettings } from "../../dist/config/serf/settings.js";
import { settingsOf } from "../../dist/config/settings.js";
import type { AgentSettings } from "../../dist/index.js";
import { configured } from "./configured.js";

describe("a converted configuration", () => {
  it("of Serf's agent starts the same node", () => {
    for (const content of [
      {},
      { node_name: "api-1", bind: "127.0.0.1:7000", tags: { role: "api" } },
      { profile: "wan", encrypt_key: "xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI=", advertise: "[2001:db8::1]:7000" },
      { profile: "local", start_join: ["127.0.0.1:1"], retry_join: ["127.0.0.2"], event_handlers: ["user=true"] },
      { snapshot_path: "/tmp/serf", rejoin_after_leave: true, leave_on_terminate: true, skip_leave_on_interrupt: true },
      { reconnect_interval: "1m", reconnect_timeout: "48h", tombstone_timeout: "1h30m", broadcast_timeout: "7s" },
      { disable_name_resolution: true, disable_coordinates: true, enable_compression: false, log_level: "debug" },
      { query_size_limit: 2048, query_response_size_limit: 512, user_event_size_limit: 256, handler_timeout: "3s" },
      { rpc_addr: "[::1]:7374", rpc_auth: "open-sesame", rpc_bytes_max: 131_072, rpc_handshake_timeout: "500ms" },
      { tags_file: "/tmp/tags.json" },
      { encrypt_key: "MTIzNDU2Nzg5MDEyMzQ1Ng==" },
    ]) {
      const text = JSON.stringify(content);
      const converted = configured({
        files: [convertConfig(text === "{}" ? '{"profile":"lan"}' : text, "serf.json").document],
      });
      assert.deepEqual(converted.faults, [], text);
      assert.deepEqual(
        comparable(settingsOf(converted)),
        comparable(serfSettings(readConfigText(text, "serf.json"))),
        text,
      );
    }
  });

  it("of OpenGSLB and Longbow reads as the original does", () => {
    for (const text of [
      "cluster: { mode: standalone, gossip: { enabled: true } }",
      "cluster: { mode: cluster, gossip: { enabled: false } }",
      'cluster: { mode: cluster, bind_address: "10.0.0.1:7946", join: ["10.0.0.2:7946"], gossip: { bind_port: 7947 } }',
      'cluster: { gossip: { encryption_key: "xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI=", probe_interval: 2s } }',
      "gossip: { enabled: false, port: 7950, protocolPeriod: 1s, discovery: { provider: static, staticPeers: '127.0.0.1:1' } }",
    ]) {
      const [original, converted] = [
        configured({ files: [text] }),
        configured({ files: [convertConfig(text, "a").document] }),
      ];
      assert.deepEqual(converted.node, original.node);
      assert.deepEqual({ ...converted.own, profile: "" }, { ...original.own, profile: "" });
      assert.equal(converted.profile.name, original.profile.name);
    }
  });

  it("names what it leaves out", () => {
    const serf = convertConfig('{"node_name":"a","retry_interval":"10s","replay_on_join":true}', "serf.json");
    assert.deepEqual(
      serf.notes.map((note) => note.split(":")[0]),
      ["retry_interval has no counterpart", "replay_on_join has no counterpart"],
    );
    const opengslb = convertConfig("cluster: { mode: cluster, raft: { data_dir: /x } }\ndns: { port: 53 }", "o.yaml");
    assert.deepEqual(opengslb.notes, [
      "o.yaml:1:27: cluster.raft: is no setting of the agent",
      "o.yaml:2:1: dns: is no setting of the agent",
    ]);
    const raft = convertConfig('cluster: { bind_address: "127.0.0.1:7946" }', "o.yaml");
    assert.deepEqual(raft.notes, ["Raft's port, 7946, which is not the gossip's"]);
    const { notes } = convertConfig('{"profile":"wan","start_join":["127.0.0.1"]}', "serf.json");
    assert.match(notes.join("\n"), /start_join has no counterpart.*\n.*the profile wan demands a key/);
    assert.throws(() => convertConfig("cluster: { mode: [", "o.yaml"), /o\.yaml:1:/);
  });

  it("is made of nothing else", () => {
    for (const text of ["nodeName: a", "{}", "[1]", '{"nope":1}', ""]) {
      assert.throws(() => convertConfig(text, "a"), ConfigError, text);
    }
  });
});

/** Settings as far as both ways to write them can tell: values in milliseconds, and joins as targets. */
function comparable({
  profile: _,
  reloadsCluster: __,
  startJoin,
  retryJoin,
  replayOnJoin: ___,
  ...settings
}: AgentSettings): unknown {
  const { cluster, ...rest } = settings;
  const { join = [], ...node } = cluster;
  const targets = [...(typeof join === "string" ? [join] : join), ...startJoin, ...retryJoin.targets];
  const read = readRows(CLUSTER_OPTIONS, { ...node, nodeName: node.nodeName ?? hostname() }, []);
  return { ...rest, targets, node: { ...read, serf: { ...SERF_DEFAULTS, ...(read["serf"] as Partial<SerfConfig>) } } };
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { addressFromBytes, addressFromText, presetConfig, SETTINGS } from "@hearsay/core";
import { type HearsayError, isHearsayError } from "../../dist/base/errors.js";
import { cidrContains } from "../../dist/options/cidr.js";
import type { ClusterOptions } from "../../dist/options/cluster-options.js";
import { parseOptions } from "../../dist/options/table.js";

const KEY = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
const SEALED: ClusterOptions = { encryption: { keys: [KEY] } };

/** Options as a caller without types may give them. */
function parse(input: unknown): ReturnType<typeof parseOptions> {
  return Reflect.apply(parseOptions, undefined, [input]);
}

function faults(input: unknown): HearsayError<"ERR_CONFIG"> {
  try {
    parse(input);
  } catch (error) {
    assert.ok(isHearsayError(error, "ERR_CONFIG"), String(error));
    return error;
  }
  assert.fail("the options were accepted");
}

function faultyKeys(input: unknown): string[] {
  return faults(input).data.faults.map(({ key }) => key);
}

describe("options without a fault", () => {
  it("need not be given at all: then the node speaks Serf's protocol and Hearsay's extensions, on loopback", () => {
    const parsed = parseOptions({});
    assert.equal(parsed.flavour, "hearsay");
    assert.deepEqual(parsed.bind, { host: "127.0.0.1", port: 7946 });
    assert.equal(parsed.keys, null);
    assert.equal(parsed.wire.label.length, 0);
    assert.equal(parsed.protocolVersion, 2);
    assert.equal(parsed.wire.packetBytes, 1400);
    assert.deepEqual(parsed.timings, presetConfig("lan"));
    assert.deepEqual(parsed.limits, {
      changesMax: 1024,
      messagesMax: 1024,
      inboundConnectionsMax: 1024,
      streamBytesMax: 134_217_728,
    });
    assert.equal(parsed.metrics.prefix, "hearsay");
  });

  it("bind to every interface once there are keys", () => {
    assert.deepEqual(parseOptions(SEALED).bind, { host: "0.0.0.0", port: 7946 });
  });

  it("make the cluster's name the label, unless a label is given", () => {
    const label = (options: ClusterOptions) => Buffer.from(parseOptions(options).wire.label).toString();
    assert.equal(label({ clusterName: "shop" }), "shop");
    assert.equal(label({ clusterName: "shop", label: "other" }), "other");
    assert.equal(label({ clusterName: "shop", label: "" }), "");
  });

  it("take the address in one text or in parts", () => {
    const bind = (value: NonNullable<ClusterOptions["bind"]>) => parseOptions({ ...SEALED, bind: value }).bind;
    assert.deepEqual(bind("10.1.2.3:8000"), { host: "10.1.2.3", port: 8000 });
    assert.deepEqual(bind("10.1.2.3"), { host: "10.1.2.3", port: 7946 });
    assert.deepEqual(bind("[::1]:0"), { host: "::1", port: 0 });
    assert.deepEqual(bind({ port: 0 }), { host: "0.0.0.0", port: 0 });
    assert.deepEqual(bind({ host: "::FFFF:10.0.0.1", port: 1 }), { host: "10.0.0.1", port: 1 });
    assert.deepEqual(bind("localhost:1"), { host: "127.0.0.1", port: 1 });
    assert.deepEqual(bind("pod.example:1"), { host: "pod.example", port: 1 });
    assert.deepEqual(bind({ host: "pod", port: 1 }), { host: "pod", port: 1 });
  });

  it("advertise what they say, and the bound parts where they say nothing", () => {
    const advertise = (value: NonNullable<ClusterOptions["advertise"]>) => parseOptions({ advertise: value }).advertise;
    assert.deepEqual(advertise("203.0.113.9"), { host: "203.0.113.9", port: null });
    assert.deepEqual(advertise("203.0.113.9:80"), { host: "203.0.113.9", port: 80 });
    assert.deepEqual(advertise({ port: 80 }), { host: null, port: 80 });
    assert.deepEqual(advertise("pod.example:80"), { host: "pod.example", port: 80 });
    assert.deepEqual(parseOptions({}).advertise, { host: null, port: null });
  });

  it("name whom to join by in one text or in a list", () => {
    assert.deepEqual(parseOptions({ join: "127.0.0.2" }).join, ["127.0.0.2"]);
    const join = ["10.0.0.5", "api-1/b.example.org:7"];
    assert.deepEqual(parseOptions({ ...SEALED, join }).join, join);
  });

  it("take durations for every time of the protocol, and numbers for the rest", () => {
    const { timings } = parseOptions({
      preset: "wan",
      timings: { probeInterval: "1m30s", probeTimeout: 250, retransmitMult: 7 },
    });
    assert.deepEqual(timings, {
      ...presetConfig("wan"),
      probeIntervalMs: 90_000,
      probeTimeoutMs: 250,
      retransmitMult: 7,
    });
    for (const { key, unit, max } of SETTINGS) {
      const name = key.replace(/Ms$/, "");
      assert.equal(parse({ timings: { [name]: unit === "ms" ? `${max}ms` : max } }).timings[key], max);
    }
  });

  it("keep metadata as bytes of their own", () => {
    const meta = Uint8Array.of(1, 2);
    const parsed = parseOptions({ flavour: "memberlist", meta });
    meta.fill(9);
    assert.deepEqual(parsed.meta, Uint8Array.of(1, 2));
    assert.equal(parseOptions({ flavour: "memberlist", meta: "ä" }).meta.length, 2);
  });

  it("keep keys without duplicates, the primary one first", () => {
    const bytes = new Uint8Array(16).fill(7);
    const { keys, wire } = parseOptions({ encryption: { keys: [bytes, KEY, KEY], verifyIncoming: false } });
    assert.deepEqual(keys, [bytes, Uint8Array.from(Buffer.from(KEY, "base64"))]);
    assert.deepEqual([wire.verifyIncoming, wire.verifyOutgoing], [false, true]);
  });

  it("may leave keys to a file", () => {
    const { keys, keyFile, bind } = parseOptions({ encryption: { keyFile: "keys.json" } });
    assert.deepEqual([keys, keyFile, bind.host], [[], "keys.json", "0.0.0.0"]);
  });

  it("limit members to networks, whichever form an address has", () => {
    const [v4, v6, all] =
      parseOptions({ allowedCidrs: ["10.1.0.0/15", "2001:db8::/33", "0.0.0.0/0"] }).allowedCidrs ?? [];
    assert.ok(v4 && v6 && all);
    const isIn = (cidr: typeof v4, host: string) => {
      const address = addressFromText(host, 1);
      assert.ok(address);
      return cidrContains(cidr, address);
    };
    const isIn4 = ["10.0.255.255", "10.1.0.0", "10.2.0.0"].map((host) => isIn(v4, host));
    assert.deepEqual(isIn4, [true, true, false]);
    const mapped = addressFromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3), 1);
    assert.ok(mapped && cidrContains(v4, mapped));
    assert.deepEqual(
      ["2001:db8::1", "2001:db8:8000::1", "10.1.1.1"].map((host) => isIn(v6, host)),
      [true, false, false],
    );
    assert.deepEqual(
      ["255.1.1.1", "::1"].map((host) => isIn(all, host)),
      [true, false],
    );
  });
});

describe("options that would be unsafe are refused", () => {
  it("another interface than loopback without encryption", () => {
    for (const bind of ["0.0.0.0:7946", "10.0.0.1", "[::]:1", { host: "192.168.1.1" }]) {
      assert.deepEqual(faultyKeys({ bind }), ["bind"]);
      assert.equal(parse({ bind, encryption: "off" }).keys, null);
    }
    for (const bind of ["127.8.0.1", "[::1]:1", "localhost"]) parse({ bind });
  });

  it("another target than loopback without encryption, since it can't be reached from there", () => {
    assert.deepEqual(faultyKeys({ join: ["127.0.0.1", "10.0.0.5"] }), ["join"]);
    parse({ join: "10.0.0.5", bind: "10.0.0.1", encryption: "off" });
  });

  for (const encryption of [
    { keys: [] },
    { keys: undefined },
    { keys: [undefined] },
    { keys: [KEY, undefined] },
    { keys: [""] },
    { keys: KEY },
    { keys: null },
    { keys: new Array(1) },
    { keys: [], keyFile: "keys.json" },
    { keys: undefined, keyFile: "keys.json" },
    { keyFile: undefined },
    {},
    undefined,
    null,
    false,
    "none",
    KEY,
    [KEY],
  ]) {
    it(`encryption ${inspect(encryption, { breakLength: Infinity })} is never taken for none`, () => {
      assert.ok(faultyKeys({ encryption }).every((key) => key.startsWith("encryption")));
    });
  }

  it("a key is required where encryption is asked for", () => {
    for (const encryption of [{}, { keys: [] }, { verifyIncoming: false }]) {
      assert.deepEqual(faultyKeys({ encryption }), ["encryption.keys"]);
    }
    assert.equal(parse({ encryption: { keys: [KEY] } }).keys?.length, 1);
  });

  it("and no message shows a key, wherever it was put", () => {
    const bad = `${KEY.slice(0, 20)}!${KEY.slice(21)}`;
    for (const input of [
      { encryption: KEY },
      { encryption: { keys: KEY } },
      { encryption: { keys: [bad] } },
      { encryption: { keys: [KEY.slice(0, 40)] } },
      { encryption: { key: KEY } },
      { encryption: { keyFile: [KEY] } },
      { encryptionKey: KEY },
      { keys: [KEY] },
      KEY,
    ]) {
      const error = faults(input);
      const shown = inspect(error, { depth: null }) + JSON.stringify(error.data);
      assert.ok(!shown.includes(KEY.slice(0, 8)), shown);
    }
  });

  it("a wrong key is named by its index and its length", () => {
    const [fault] = faults({ encryption: { keys: [KEY, Buffer.alloc(20).toString("base64")] } }).data.faults;
    assert.equal(fault?.key, "encryption.keys[1]");
    assert.match(fault?.allowed ?? "", /16, 24 or 32 bytes.*it has 20 bytes/);
  });

  it("takes 64 keys and no more", () => {
    const keys = Array.from({ length: 65 }, (_, i) => new Uint8Array(16).fill(i));
    assert.equal(parseOptions({ encryption: { keys: keys.slice(1) } }).keys?.length, 64);
    const [fault] = faults({ encryption: { keys } }).data.faults;
    assert.deepEqual([fault?.key, fault?.allowed], ["encryption.keys", "at most 64 keys, not 65"]);
  });
});

describe("an interval", () => {
  it("is 0 or a millisecond at least, since one of nanoseconds would be a loop", () => {
    for (const probeInterval of ["1ns", "999us", 0.5]) {
      assert.deepEqual(faultyKeys({ timings: { probeInterval } }), ["timings.probeInterval"]);
    }
    for (const probeInterval of [0, "0", "1ms", "1500us"]) parse({ timings: { probeInterval } });
  });
});

describe("the time of a suspicion", () => {
  it("is fixed or computed, and not both", () => {
    assert.equal(parse({ timings: { suspicionTimeout: "5s" } }).timings.suspicionTimeoutMs, 5000);
    parse({ timings: { suspicionTimeout: 0, suspicionMult: 4 } });
    for (const other of [{ suspicionMult: 4 }, { suspicionMaxTimeoutMult: 6 }]) {
      const [fault, ...more] = faults({ timings: { suspicionTimeout: "5s", ...other } }).data.faults;
      assert.deepEqual([fault?.key, fault?.value, more], ["timings.suspicionTimeout", 5000, []]);
      assert.equal(fault?.allowed, "0, or no suspicionMult and no suspicionMaxTimeoutMult beside it");
    }
  });
});

describe("options of another flavour", () => {
  const allowed = (input: unknown): string[] =>
    faults(input).data.faults.map((fault) => `${fault.key}: ${fault.allowed}`);

  it("are refused as a whole, whatever else is wrong with them", () => {
    const serf = 'nothing in the flavour "memberlist"';
    assert.deepEqual(allowed({ flavour: "memberlist", tags: 5, snapshot: {}, serf: { nope: 1 } }), [
      `tags: ${serf}`,
      `snapshot: ${serf}`,
      `serf: ${serf}`,
    ]);
    const meta = 'nothing in the flavour "serf", where the metadata are the tags';
    assert.deepEqual(allowed({ flavour: "serf", meta: 5, extensions: 5 }), [
      'extensions: "none" in the flavour "serf"',
      `meta: ${meta}`,
    ]);
    parse({ flavour: "memberlist", snapshot: undefined });
  });
});

describe("options with faults", () => {
  it("are refused with every fault at once", () => {
    const input = {
      preset: "space",
      bind: { port: 70_000, hots: "x" },
      advertise: "0.0.0.0:1",
      join: ["", 5],
      timings: { probeInterval: "soon", gossipNodes: 1.5, probeIntervalMs: 5 },
      allowedCidrs: ["10.0.0.0/33"],
      compression: "yes",
      packetBytes: 1,
      protocolVersion: 6,
      logger: {},
      transport: { open: 1 },
      meta: new Uint8Array(513),
      nodeName: "a\nb",
      label: "x".repeat(256),
      limits: { changesMax: 0 },
      metrics: { prefix: "1a" },
    };
    assert.deepEqual(
      faultyKeys(input).sort(),
      [
        ...["preset", "bind.port", "bind.hots", "advertise", "join[0]", "join[1]", "timings.probeInterval"],
        ...["timings.gossipNodes", "timings.probeIntervalMs", "allowedCidrs[0]", "compression", "packetBytes"],
        ...[
          "protocolVersion",
          "logger",
          "transport",
          "meta",
          "nodeName",
          "label",
          "limits.changesMax",
          "metrics.prefix",
        ],
      ].sort(),
    );
  });

  it("refuse text that has no form in UTF-8, lest the others get another name than was given", () => {
    assert.deepEqual(faultyKeys({ clusterName: "\uDC00", nodeName: "\uD800x", label: "x\uD83D" }).sort(), [
      "clusterName",
      "label",
      "nodeName",
    ]);
    assert.equal(parse({ nodeName: "\u{1F600}" }).nodeName, "\u{1F600}");
  });

  it("say what is allowed and what stood there", () => {
    const { message } = faults({ preset: "space", timings: { probeInterval: "2h" } });
    assert.match(message, /2 options or arguments are wrong/);
    assert.match(message, /preset: one of "lan", "wan", "local"; got "space"/);
    assert.match(message, /timings\.probeInterval: a duration from 0, or 1ms to 1h: .*; got "2h"/);
  });

  it("with an unknown name hear of the nearest known one", () => {
    assert.match(faults({ nodename: "a" }).message, /did you mean nodeName\?/);
    assert.match(faults({ timings: { probeIntervall: 1 } }).message, /did you mean timings\.probeInterval\?/);
    assert.match(faults({ cluster: "shop" }).message, /did you mean clusterName\?/);
    assert.match(faults({ xyzzy: 1 }).message, /known are clusterName, nodeName/);
  });

  it("don't take null for the default", () => {
    const names = [
      "preset",
      "compression",
      "packetBytes",
      "bind",
      "advertise",
      "join",
      "timings",
      "logger",
      "meta",
      "clusterName",
    ];
    for (const name of names) assert.deepEqual(faultyKeys({ [name]: null }), name === "join" ? ["join"] : [name], name);
  });

  it("are no object", () => {
    for (const input of [undefined, null, 5, "x", []]) assert.deepEqual(faultyKeys(input), ["options"]);
  });

  const keysOf = (input: unknown): string[] => faults(input).data.faults.map(({ key }) => key);

  it("from a prototype are refused, and those that every object inherits don't count", () => {
    const named = keysOf(Object.create({ flavour: "serf", limits: { changesMax: 5 } }));
    assert.deepEqual(named, ["flavour", "limits"]);
    assert.deepEqual(keysOf({ limits: Object.create({ changesMax: 5 }) }), ["limits.changesMax"]);
    assert.equal(parse(Object.create({ other: 1 })).flavour, "hearsay");
    Object.defineProperty(Object.prototype, "flavour", { value: "space", configurable: true, writable: true });
    try {
      assert.equal(parse({}).flavour, "hearsay");
    } finally {
      Reflect.deleteProperty(Object.prototype, "flavour");
    }
  });
});

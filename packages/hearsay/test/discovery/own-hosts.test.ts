import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../dist/base/clock.js";
import { openCluster } from "../../dist/create-cluster.js";
import { ownHost } from "../../dist/discovery/own-hosts.js";
import type { ClusterOptions } from "../../dist/index.js";
import { rejection } from "../cluster/support.js";

const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  "self.example": ["127.0.0.1"],
  "elsewhere.example": ["203.0.113.7"],
  "many.example": ["2001:db8::1", "203.0.113.9", "203.0.113.7", "10.9.9.9", "10.1.1.1"],
  "six.example": ["2001:db8::2", "2001:db8::1"],
};

async function lookup(name: string): Promise<readonly string[]> {
  const found = ANSWERS[name];
  if (found !== undefined) return found;
  throw Object.assign(new Error(`there is no ${name}`), { code: "ENOTFOUND" });
}

const { after } = systemClock;

/** A node on real sockets, in a world with a resolver of ours. */
function open(options: ClusterOptions): ReturnType<typeof openCluster> {
  const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  return openCluster({ nodeName: "one", ...options }, { clock: systemClock, randomBytes, lookup });
}

describe("a name in bind or advertise", () => {
  it("is looked up at the start: the node listens there, and tells the others that address", async () => {
    await using bound = await open({ bind: "self.example:0" });
    assert.match(bound.self.boundAddress, /^127\.0\.0\.1:\d+$/);
    await using told = await open({ bind: { host: "self.example", port: 0 }, advertise: "elsewhere.example:9000" });
    assert.equal(told.self.address, "203.0.113.7:9000");
    assert.match(told.self.boundAddress, /^127\.0\.0\.1:\d+$/);
  });

  it("that is not known is a fault of the option, which may pass", async () => {
    const error = await rejection(open({ bind: "nowhere.example:0" }), "ERR_CONFIG");
    assert.deepEqual([error.data.faults[0]?.key, error.retryable], ["bind", true]);
    assert.match(error.message, /there is no nowhere\.example/);
  });

  it("that leads off this machine can't be bound without encryption, as an address can't", async () => {
    const error = await rejection(open({ bind: "elsewhere.example:0" }), "ERR_CONFIG");
    assert.match(error.message, /elsewhere\.example \(203\.0\.113\.7\)/);
  });

  it("means the same whatever the order of the answer: this machine's own to bind to, else IPv4 first, else the lowest", async () => {
    const local = new Set(["10.9.9.9"]);
    const choose = (name: string, own = local, family: "any" | "ipv6" = "any"): Promise<string> =>
      ownHost("bind", name, { lookup, after, family, local: own });
    const told = (name: string, own: ReadonlySet<string>): Promise<string> =>
      ownHost("advertise", name, { lookup, after, family: "any", local: own });
    const six = new Set(["2001:db8::1"]);
    assert.deepEqual([await choose("many.example", six), await told("many.example", six)], ["2001:db8::1", "10.1.1.1"]);
    assert.equal(await told("many.example", local), "10.9.9.9");
    assert.equal(await choose("many.example"), "10.9.9.9");
    assert.equal(await choose("many.example", new Set()), "10.1.1.1");
    assert.equal(await choose("many.example", new Set(), "ipv6"), "2001:db8::1");
    assert.equal(await choose("six.example"), "2001:db8::1");
    assert.equal(await choose("192.0.2.1"), "192.0.2.1");
  });
});

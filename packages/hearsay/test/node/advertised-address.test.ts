import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { describe, it } from "node:test";
import { type Address, addressFromText } from "@hearsay/core";
import { advertisedAddress } from "../../dist/node/advertised-address.js";
import type { Interfaces, LocalNetwork } from "../../dist/node/local-network.js";
import { thrown } from "../cluster/support.js";

const NONE = { host: null, port: null };

function bound(host: string): Address {
  return addressFromText(host, 7946) ?? assert.fail(host);
}

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, netmask: "", mac: "", internal, cidr: null };
  return address.includes(":") ? { ...rest, family: "IPv6", scopeid: 0 } : { ...rest, family: "IPv4" };
}

const HOST: Interfaces = {
  lo: [info("127.0.0.1", true), info("::1", true)],
  wan0: [info("203.0.113.9"), info("2001:db8::9"), info("fe80::1")],
  eth0: [info("fd00::5"), info("192.168.7.5")],
  eth1: [info("10.1.2.3")],
};

function machine(interfaces: Interfaces, ipv4: string | null = null): LocalNetwork {
  return { interfaces, routeSources: { ipv4, ipv6: null } };
}

/** What a node bound to every interface tells. */
function guess(wildcard: string, interfaces: Interfaces, ipv4: string | null = null) {
  return advertisedAddress(bound(wildcard), NONE, machine(interfaces, ipv4));
}

describe("the address that others are told", () => {
  it("is the bound one, whatever it is, unless another is configured", () => {
    assert.equal(advertisedAddress(bound("203.0.113.9"), NONE, machine(HOST)).address.key, "203.0.113.9:7946");
    assert.equal(advertisedAddress(bound("127.0.0.1"), NONE, machine(HOST)).address.key, "127.0.0.1:7946");
    assert.equal(advertisedAddress(bound("::1"), NONE, machine(HOST)).address.key, "[::1]:7946");
    assert.equal(
      advertisedAddress(bound("10.1.2.3"), { host: null, port: 80 }, machine(HOST)).address.key,
      "10.1.2.3:80",
    );
    assert.equal(
      advertisedAddress(bound("0.0.0.0"), { host: "198.51.100.1", port: 80 }, machine(HOST)).address.key,
      "198.51.100.1:80",
    );
  });

  it("of a node on every interface is the private one of the default route, and the others are named", () => {
    const host: Interfaces = { docker0: [info("172.17.0.1")], eth0: [info("10.20.30.5")], eth1: [info("10.1.2.3")] };
    const found = guess("0.0.0.0", host, "10.20.30.5");
    assert.equal(found.address.key, "10.20.30.5:7946");
    assert.deepEqual(found.others, ["10.1.2.3", "172.17.0.1"]);
    assert.deepEqual(guess("0.0.0.0", { eth0: [info("10.20.30.5")] }, "10.20.30.5").others, [], "that is no guess");
  });

  it("without such a route is the lowest private one that leads to no containers, in whatever order they are listed", () => {
    assert.equal(guess("0.0.0.0", HOST).address.key, "10.1.2.3:7946");
    assert.equal(guess("::", HOST).address.key, "10.1.2.3:7946");
    assert.equal(guess("::", { eth0: [info("fd00::5")] }).address.key, "[fd00::5]:7946");
    assert.equal(
      guess("0.0.0.0", { "br-1": [info("10.0.0.1")], eth0: [info("192.168.1.1")] }).address.host,
      "192.168.1.1",
    );
    for (const address of ["10.0.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1"]) {
      assert.equal(guess("0.0.0.0", { eth0: [info(address)] }).address.host, address);
    }
  });

  it("is the default route's public one rather than a bridge's to containers, and a private one rather than that", () => {
    const bridge = { docker0: [info("172.17.0.1")], wan0: [info("203.0.113.9")] };
    assert.equal(guess("0.0.0.0", bridge, "203.0.113.9").address.host, "203.0.113.9");
    assert.equal(guess("0.0.0.0", { ...bridge, eth0: [info("10.1.2.3")] }, "203.0.113.9").address.host, "10.1.2.3");
    assert.equal(guess("0.0.0.0", bridge).address.host, "172.17.0.1");
  });

  it("must be configured if there is no private address to tell", () => {
    for (const address of ["203.0.113.9", "172.32.0.1", "100.128.0.1", "169.254.1.1", "fd00::5"]) {
      const found = () => guess("0.0.0.0", { eth0: [info(address)], gone: undefined });
      assert.equal(thrown(found, "ERR_CONFIG").faults[0]?.key, "advertise");
    }
    thrown(() => guess("::", { lo: [info("127.0.0.1", true)] }), "ERR_CONFIG");
  });
});

import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { describe, it } from "node:test";
import { type Address, addressFromText } from "@hearsay/core";
import { advertisedAddress, type Interfaces } from "../../dist/node/advertised-address.js";
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

describe("the address that others are told", () => {
  it("is the bound one, whatever it is, unless another is configured", () => {
    assert.equal(advertisedAddress(bound("203.0.113.9"), NONE, HOST).key, "203.0.113.9:7946");
    assert.equal(advertisedAddress(bound("127.0.0.1"), NONE, HOST).key, "127.0.0.1:7946");
    assert.equal(advertisedAddress(bound("::1"), NONE, HOST).key, "[::1]:7946");
    assert.equal(advertisedAddress(bound("10.1.2.3"), { host: null, port: 80 }, HOST).key, "10.1.2.3:80");
    assert.equal(advertisedAddress(bound("0.0.0.0"), { host: "198.51.100.1", port: 80 }, HOST).key, "198.51.100.1:80");
  });

  it("of a node on every interface is the first private address", () => {
    assert.equal(advertisedAddress(bound("0.0.0.0"), NONE, HOST).key, "192.168.7.5:7946");
    assert.equal(advertisedAddress(bound("::"), NONE, HOST).key, "192.168.7.5:7946");
    assert.equal(advertisedAddress(bound("::"), NONE, { eth0: [info("fd00::5")] }).key, "[fd00::5]:7946");
    for (const address of ["10.0.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1"]) {
      assert.equal(advertisedAddress(bound("0.0.0.0"), NONE, { eth0: [info(address)] }).host, address);
    }
  });

  it("must be configured if there is no private address to tell", () => {
    for (const address of ["203.0.113.9", "172.32.0.1", "100.128.0.1", "169.254.1.1", "fd00::5"]) {
      const found = () => advertisedAddress(bound("0.0.0.0"), NONE, { eth0: [info(address)], gone: undefined });
      assert.equal(thrown(found, "ERR_CONFIG").faults[0]?.key, "advertise");
    }
    thrown(() => advertisedAddress(bound("::"), NONE, { lo: [info("127.0.0.1", true)] }), "ERR_CONFIG");
  });
});

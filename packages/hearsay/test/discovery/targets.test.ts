import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseTarget } from "../../dist/discovery/targets.js";

describe("join targets", () => {
  for (const [text, name, host, port] of [
    ["10.0.0.5", null, "10.0.0.5", 7946],
    ["10.0.0.5:80", null, "10.0.0.5", 80],
    ["api-1/10.0.0.5:80", "api-1", "10.0.0.5", 80],
    ["db.example.org", null, "db.example.org", 7946],
    ["a_b-c.svc:1", null, "a_b-c.svc", 1],
    ["::1", null, "::1", 7946],
    ["[::1]", null, "::1", 7946],
    ["[2001:db8::1]:65535", null, "2001:db8::1", 65_535],
    ["n/[::1]:9", "n", "::1", 9],
  ] as const) {
    it(`${text} is ${host}, port ${port}`, () => {
      assert.deepEqual(parseTarget(text, 7946), { text, name, host, port });
    });
  }

  for (const [text, problem] of [
    ["", /host is empty/],
    ["/10.0.0.5", /name before the slash is empty/],
    ["n/", /host is empty/],
    [":80", /host is empty/],
    ["10.0.0.5:", /port is missing/],
    ["10.0.0.5:0", /port 0/],
    ["10.0.0.5:65536", /65536 is no port/],
    ["10.0.0.5:8x", /8x is no port/],
    ["10.0.0.256", /no IPv4 address/],
    ["1.2.3", /no IPv4 address/],
    ["2001:db8::1:7946:1:2:3:4:5", /written \[address\]:port/],
    ["[::1", /closing bracket/],
    ["[10.0.0.1]:80", /no IPv6 address in the brackets/],
    ["[::1]80", /80 is no port/],
    ["fe80::1%eth0", /zone/],
    [" host", /space/],
    ["a b", /neither an IP address nor a host name/],
    ["http://host", /port|slash|neither/],
    ["-host", /neither/],
  ] as const) {
    it(`"${text}" is none`, () => assert.match(String(parseTarget(text, 7946)), problem));
  }

  it("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const target = parseTarget(text, 7946);
        assert.ok(typeof target === "string" || (target.port > 0 && target.host !== ""));
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateKey } from "hearsay";
import { adviceOn } from "../../dist/config/advice.js";
import { checkText, effectiveLines } from "../../dist/config/report.js";
import { configured, type Written } from "./configured.js";

function advice(written: Written): string[] {
  return adviceOn(configured({ files: ["join: 10.0.0.1", ...(written.files ?? [])], flags: written.flags ?? [] }));
}

describe("advice on a configuration", () => {
  it("is none on one that is sound and wise", () => {
    assert.deepEqual(advice({}), []);
    assert.deepEqual(advice({ flags: ["--profile", "edge"] }), []);
    assert.deepEqual(advice({ flags: ["--profile", "consul"] }), []);
    const key = generateKey();
    assert.deepEqual(advice({ files: [`encryption: { keys: ["${key}"] }\nbind: 0.0.0.0`] }), []);
  });

  it("names the place of each value that is allowed and unwise", () => {
    assert.deepEqual(advice({ flags: ["--timings-probe-timeout", "1s"] }), [
      "--timings-probe-timeout: 1000 ms is no shorter than the 1000 ms between probes, so probes overlap",
    ]);
    assert.deepEqual(advice({ files: ["timings: { suspicionTimeout: 2999ms }"] }), [
      "b.yaml:1:30: timings.suspicionTimeout: 2999 ms are fewer than 3 probe intervals: a slow node is marked as failed " +
        "before it can refute",
    ]);
    assert.deepEqual(advice({ flags: ["--timings-suspicion-timeout", "3s"] }), []);
    assert.match(advice({ flags: ["--timings-push-pull-interval", "0"] })[0] ?? "", /never hears it$/);
    assert.match(advice({ flags: ["--encryption", "off", "--bind", "10.0.0.1"] })[0] ?? "", /^--encryption: whoever/);
    assert.deepEqual(advice({ flags: ["--encryption", "off", "--bind", "127.0.0.1"] }), []);
    const printed = 'encryption: { keys: ["xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI="] }';
    assert.match(advice({ files: [printed] })[0] ?? "", /^b\.yaml:1:21: encryption\.keys: this key is printed/);
    assert.deepEqual(adviceOn(configured({})), [
      "join: there is nothing to join, so this node waits for others to join it",
    ]);
  });

  it("is given by a check that finds no fault, with the profile and why it was chosen", () => {
    assert.equal(
      checkText(configured({ flags: ["--profile=local"] })),
      "advice: join: there is nothing to join, so this node waits for others to join it\nprofile local, as --profile says; 0 faults\n",
    );
    assert.equal(
      checkText(configured({ flags: ["--profile=local", "--bind=x y"] })),
      '--bind: "x y" is not allowed: host:port; that is neither an IP address nor a host name\nprofile local, as --profile says; 1 fault\n',
    );
  });
});

describe("the values that an agent would have", () => {
  it("are shown with their origins, each key once, and secrets hidden", () => {
    const key = generateKey();
    const files = [`encryption: { keys: ["${key}"] }\ntimings: { probeInterval: 2s }\nrpc: { authKey: open-sesame }`];
    const text = effectiveLines(configured({ files, environment: { HEARSAY_NODE_NAME: "api-1" } }));
    assert.ok(!text.includes(key) && !text.includes("open-sesame"));
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => line.replaceAll(/ +/g, " "));
    for (const line of [
      "nodeName: api-1 # HEARSAY_NODE_NAME",
      "encryption.keys: (hidden) # a.yaml:1:21: encryption.keys",
      "rpc.authKey: (hidden) # a.yaml:3:17: rpc.authKey",
      "timings.probeInterval: 2s # a.yaml:2:27: timings.probeInterval",
      "timings.probeTimeout: 500ms # profile lan",
      "logLevel: INFO # default",
    ]) {
      assert.ok(lines.includes(line), `${line} is not in\n${text}`);
    }
    const open = effectiveLines(configured({ flags: ["--profile=consul", "--snapshot=/tmp/snap"] }));
    for (const part of ["encryption: off", "snapshot.path: /tmp/snap", "bind.host: 127.0.0.1", "bind.port: 8301"]) {
      assert.ok(open.includes(`${part} `), open);
    }
    assert.ok(!open.includes("encryption.keys"), open);
    const keys = lines.map((line) => line.split(":")[0]);
    assert.equal(new Set(keys).size, keys.length);
  });
});

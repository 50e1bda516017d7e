import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { type Lookup, type ResolveOptions, resolveTargets } from "../../dist/discovery/resolve.js";
import { parseTarget } from "../../dist/discovery/targets.js";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "two.test": ["10.0.0.1", "10.0.0.2"],
  "both.test": ["10.0.0.1", "2001:db8::1"],
  "six.test": ["2001:db8::2"],
  "empty.test": [],
};

const lookup: Lookup = async (host) => {
  const found = NAMES[host];
  if (found !== undefined) return found;
  throw Object.assign(new Error(`no ${host}`), { code: host === "broken.test" ? "EAI_AGAIN" : "ENOTFOUND" });
};

async function resolve(texts: readonly string[], options: ResolveOptions = {}) {
  const targets = texts.map((text) => {
    const target = parseTarget(text, 7946);
    assert.ok(typeof target !== "string", text);
    return target;
  });
  const { addresses, failures } = await resolveTargets(targets, { lookup, ...options });
  return {
    addresses: addresses.map(({ name, address }) => [name, address.key]),
    failures: failures.map(({ target, reason }) => [target.text, reason]),
  };
}

describe("resolving targets", () => {
  it("asks nobody about IP literals", async () => {
    const asked: string[] = [];
    const spy: Lookup = async (host) => {
      asked.push(host);
      return [];
    };
    const { addresses } = await resolve(["10.0.0.5", "n/[::1]:9"], { lookup: spy });
    assert.deepEqual(addresses, [
      [null, "10.0.0.5:7946"],
      ["n", "[::1]:9"],
    ]);
    assert.deepEqual(asked, []);
  });

  it("makes a target of every address of a name, and of the same address only one", async () => {
    const { addresses } = await resolve(["two.test:1", "10.0.0.1:1", "n/two.test:1"]);
    assert.deepEqual(addresses, [
      [null, "10.0.0.1:1"],
      [null, "10.0.0.2:1"],
      ["n", "10.0.0.1:1"],
      ["n", "10.0.0.2:1"],
    ]);
  });

  it("takes only the family that is wanted", async () => {
    const texts = ["both.test", "six.test", "[::1]"];
    const ipv4 = await resolve(texts, { family: "ipv4" });
    assert.deepEqual(ipv4.addresses, [[null, "10.0.0.1:7946"]]);
    assert.deepEqual(ipv4.failures, [
      ["six.test", "family"],
      ["[::1]", "family"],
    ]);
    assert.equal((await resolve(texts, { family: "ipv6" })).addresses.length, 3);
  });

  it("reports each name that fails, with the reason, and keeps the others", async () => {
    const { addresses, failures } = await resolve(["none.test", "two.test", "broken.test", "empty.test"]);
    assert.equal(addresses.length, 2);
    assert.deepEqual(failures, [
      ["none.test", "not-found"],
      ["broken.test", "failed"],
      ["empty.test", "not-found"],
    ]);
  });

  it("says in words which of three things is wrong with a name: unknown, without addresses, of the other family", async () => {
    const details = async (...texts: string[]): Promise<string[]> => {
      const targets = texts.map((text) => ({ text, name: null, host: text, port: 1 }));
      const { failures } = await resolveTargets(targets, { lookup, family: "ipv4" });
      return failures.map(({ detail }) => detail);
    };
    assert.deepEqual(await details("none.test", "empty.test", "six.test", "two.test"), [
      "none.test can't be resolved: no none.test",
      "empty.test has no addresses",
      "six.test has no IPv4 address",
    ]);
  });

  it("doesn't wait for a resolver that is silent", async () => {
    const silent: Lookup = () => new Promise(() => {});
    assert.deepEqual((await resolve(["x.test"], { lookup: silent, timeoutMs: 5 })).failures, [["x.test", "timeout"]]);
  });

  it("can be aborted, before and meanwhile", async () => {
    const silent: Lookup = () => new Promise(() => {});
    const aborted = await resolve(["x.test"], { lookup: silent, signal: AbortSignal.abort() });
    assert.deepEqual(aborted.failures, [["x.test", "aborted"]]);
    const controller = new AbortController();
    const waiting = resolve(["x.test"], { lookup: silent, signal: controller.signal });
    controller.abort();
    assert.deepEqual((await waiting).failures, [["x.test", "aborted"]]);
  });

  it("listens once to a signal, however many names wait for it, and not at all afterwards", async () => {
    const silent: Lookup = () => new Promise(() => {});
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, "abort").length;
    const names = Array.from({ length: 12 }, (_, i) => `name-${i}.test`);
    const options = { lookup: silent, timeoutMs: 5, signal };
    // More than ten listeners on one signal make Node warn.
    const together = resolve(names, options);
    const apart = names.map((name) => resolve([name], options));
    assert.equal(listeners(), 1);
    const results = await Promise.all([together, ...apart]);
    assert.equal(results.flatMap(({ failures }) => failures).length, 24);
    assert.equal(listeners(), 0);
  });

  it("is aborted for every name at once", async () => {
    const silent: Lookup = () => new Promise(() => {});
    const controller = new AbortController();
    const options = { lookup: silent, signal: controller.signal };
    const waiting = [resolve(["x.test", "y.test"], options), resolve(["z.test"], options)];
    controller.abort();
    const results = await Promise.all(waiting);
    assert.deepEqual(
      results.flatMap(({ failures }) => failures),
      ["x.test", "y.test", "z.test"].map((name) => [name, "aborted"]),
    );
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("leaves no rejection behind when a name fails after the wait is over", async () => {
    let fail: (error: Error) => void = () => {};
    const late: Lookup = () => new Promise((_resolve, reject) => (fail = reject));
    const { failures } = await resolve(["x.test"], { lookup: late, timeoutMs: 1 });
    fail(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(failures, [["x.test", "timeout"]]);
  });

  it("finds localhost by the system's resolver", async () => {
    const target = parseTarget("localhost:1", 7946);
    assert.ok(typeof target !== "string");
    const { addresses } = await resolveTargets([target]);
    assert.ok(addresses.some(({ address }) => ["127.0.0.1:1", "[::1]:1"].includes(address.key)));
  });
});

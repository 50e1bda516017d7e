import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, it } from "node:test";
import { type Cluster, createCluster, generateKey, type HearsayOptions } from "../../dist/index.js";
import { eventually, rejection } from "./support.js";

const LOCAL: HearsayOptions = { bind: "127.0.0.1:0", preset: "local" };

/** What the debug pages have in them, taken together. */
interface Page {
  readonly status: string;
  readonly members: readonly { readonly name: string; readonly status: string; readonly tags: object }[];
  readonly causes: readonly { readonly kind: string }[];
  readonly counters: { readonly pushPulls: number; readonly pushPullsServed: number };
}

interface Talk {
  readonly channels: { readonly news: string };
  readonly requests: { readonly greet: (name: string) => string };
}

/** Two clusters on real sockets, the second of which joins the first. */
async function couple(first: HearsayOptions, second: HearsayOptions = first): Promise<[Cluster<Talk>, Cluster<Talk>]> {
  const one = await createCluster<Talk>({ ...LOCAL, ...first, nodeName: "one" });
  const two = await createCluster<Talk>({ ...LOCAL, ...second, nodeName: "two", join: one.self.address });
  await Promise.all([one, two].map((cluster) => cluster.ready({ members: 2, signal: AbortSignal.timeout(60_000) })));
  return [one, two];
}

describe("clusters on sockets", () => {
  it("find each other on free ports, talk, and see one that leaves as left", async () => {
    const [one, two] = await couple({ extensions: "all" });
    assert.match(one.self.address, /^127\.0\.0\.1:[1-9]\d*$/);
    assert.notEqual(one.self.address, two.self.address);
    two.onRequest("greet", (name: string) => `hello ${name}`);
    assert.equal(await one.request("two", "greet", "world"), "hello world");
    const heard: string[] = [];
    two.channel("news").on(({ value }) => heard.push(value));
    await one.channel("news").publish("now", { urgency: "now" });
    await eventually(() => heard.length === 1, "the message");
    await two.leave();
    await eventually(() => one.member("two")?.status === "left", "the goodbye");
    await one.close();
  });

  it("a closed one is found to have failed, and its port is free again", async () => {
    const timings = { probeInterval: "100ms", probeTimeout: "50ms", suspicionMult: 1 } as const;
    const [one, two] = await couple({ timings });
    const { address } = two.self;
    await two.close();
    await eventually(() => one.member("two")?.status === "failed", "the failure");
    const again = await createCluster({ ...LOCAL, bind: address, nodeName: "two", join: one.self.address, timings });
    await eventually(() => one.member("two")?.status === "alive", "the return");
    await Promise.all([one.close(), again.close()]);
  });

  it("let the loop go round while a handler answers itself", async () => {
    const one = await createCluster(LOCAL);
    const channel = one.channel("echo");
    const last = 3000;
    let count = 0;
    let countAtTurn = -1;
    channel.on(() => {
      if (++count < last) void channel.publish(count);
    });
    setImmediate(() => {
      countAtTurn = count;
    });
    await channel.publish(0);
    await eventually(() => count === last, "the last of them");
    assert.ok(countAtTurn >= 0 && countAtTurn < last, `${countAtTurn} in one turn`);
    await one.close();
  });

  it("speak over IPv6", async () => {
    const [one, two] = await couple({ bind: "[::1]:0" });
    assert.match(one.self.address, /^\[::1\]:\d+$/);
    assert.equal(two.member("one")?.host, "::1");
    await Promise.all([one.close(), two.close()]);
  });

  it("listen on every interface and are reached at the address that they advertise", async () => {
    const [one, two] = await couple({
      bind: "0.0.0.0:0",
      advertise: "127.0.0.1",
      encryption: { keys: [generateKey()] },
    });
    assert.match(one.self.address, /^127\.0\.0\.1:\d+$/);
    assert.equal(two.member("one")?.address, one.self.address);
    await eventually(() => one.member("two")?.roundTripMs != null, "an answered ping");
    await Promise.all([one.close(), two.close()]);
  });

  it("tell the advertised port and not the bound one", async () => {
    const one = await createCluster({ ...LOCAL, nodeName: "one" });
    const two = await createCluster({ ...LOCAL, nodeName: "two", advertise: { port: 9 }, join: one.self.address });
    await two.ready({ members: 2, signal: AbortSignal.timeout(60_000) });
    await eventually(() => one.member("two") !== undefined, "the member");
    assert.equal(two.self.address, "127.0.0.1:9");
    assert.equal(one.member("two")?.port, 9);
    await Promise.all([one.close(), two.close()]);
  });

  it("several live in one process without knowing of each other", async () => {
    const [shop, bank] = await Promise.all([couple({ clusterName: "shop" }), couple({ clusterName: "bank" })]);
    for (const cluster of [...shop, ...bank]) assert.equal(cluster.members().length, 2);
    await rejection(shop[0].join(bank[0].self.address), "ERR_JOIN_SILENT");
    await Promise.all([...shop, ...bank].map((cluster) => cluster.close()));
  });

  it("a taken port is ERR_BIND with the port, and may be tried again", async () => {
    const holder = createTcpServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as AddressInfo;
    const error = await rejection(createCluster({ bind: `127.0.0.1:${port}` }), "ERR_BIND");
    assert.deepEqual(error.data, { host: "127.0.0.1", port });
    assert.equal(error.retryable, true);
    await new Promise((resolve) => holder.close(resolve));
    await (await createCluster({ bind: `127.0.0.1:${port}` })).close();
  });

  it("show themselves to a browser and to Prometheus", async () => {
    const [one, two] = await couple({ tags: { role: "shown" } });
    const server: Server = createServer(one.debugHandler());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug`;
    const json = async (page: string): Promise<Page> => JSON.parse(await (await fetch(`${base}/${page}`)).text());
    const { status, members } = await json("members");
    assert.equal(status, "joined");
    assert.deepEqual(
      members.map(({ name, status, tags }) => [name, status, tags]),
      [
        ["one", "alive", { role: "shown" }],
        ["two", "alive", { role: "shown" }],
      ],
    );
    assert.equal((await json("explain?name=two")).causes[0]?.kind, "announced");
    assert.equal((await json("self")).status, "joined");
    const { pushPulls, pushPullsServed } = (await json("stats")).counters;
    assert.ok(pushPulls + pushPullsServed > 0, "they have met");
    const metrics = await fetch(`${base}/metrics`);
    assert.match(metrics.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.match(await metrics.text(), /^hearsay_members_alive 2$/m);
    assert.equal((await fetch(`${base}/keys`)).status, 404);
    assert.equal((await fetch(`${base}/members`, { method: "POST" })).status, 405);
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    await Promise.all([one.close(), two.close()]);
  });
});

const LIBRARY = new URL("../../dist/index.js", import.meta.url).href;

/** Starts two clusters with readers of every kind and ends them; only what they left behind could keep it running. */
const CHILD = `
import { createCluster } from ${JSON.stringify(LIBRARY)};
process.on("unhandledRejection", (reason) => { console.log("unhandled", reason); process.exit(3); });
const options = { bind: "127.0.0.1:0", preset: "local" };
const one = await createCluster({ ...options, nodeName: "one" });
const two = await createCluster({ ...options, nodeName: "two", join: [one.self.address, "127.0.0.1:1", "nowhere.invalid"] });
const drain = async (items) => { for await (const _ of items); };
const readers = [drain(one.changes()), drain(one.changes({ batch: 3600000 })), drain(one.channel("x").messages())];
await Promise.all([one.ready({ members: 2 }), two.ready({ members: 2 })]);
two.onRequest("hang", () => new Promise(() => {}));
const pending = one.request("two", "hang", 1, { timeout: 3600000 }).catch((error) => error.code);
one.ready({ members: 99 }).catch(() => {});
one.join("127.0.0.1:1").catch(() => {});
one.leaveOn("SIGTERM");
await one.setTags({ role: "one" });
await ENDING;
await Promise.all(readers);
console.log("ended", one.status, two.status, await pending);
`;

describe("nothing runs on after the end", () => {
  for (const [how, ending] of [
    // In this order, or the request might end with the farewell of the one who was asked.
    ["leave", "one.leave().then(() => two.leave())"],
    ["close", "Promise.all([one.close(), two.close()])"],
    ["a signal", "(process.kill(process.pid, 'SIGTERM'), one.closed.then(() => two.leave()))"],
  ] as const) {
    it(`a process whose clusters ended by ${how} ends by itself`, async () => {
      const code = CHILD.replace("ENDING", ending);
      const output = await new Promise<string>((resolve, reject) => {
        const args = ["--input-type=module", "--eval", code];
        execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
        );
      });
      assert.equal(output, "ended closed closed ERR_CLOSED\n");
    });
  }
});

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  type ClusterOptions,
  createCluster,
  generateKey,
  MemoryNetwork,
  memoryTransport,
  udpTcp,
} from "../../dist/index.js";
import { recorder } from "./support.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearsay-"));
});
after(() => rm(folder, { recursive: true }));

/** The warnings of a node with these options, from its start to its end. */
async function warnings(options: ClusterOptions): Promise<string[]> {
  const { logger, lines } = recorder();
  const cluster = await createCluster({ ...options, logger });
  await cluster.close();
  return lines.filter(({ level }) => level === "warn").map(({ text }) => text);
}

describe("what is risky in the options is said once, at the start", () => {
  it("no encryption where others than this machine reach the node", async () => {
    for (const options of [{ bind: "0.0.0.0:0" }, { transport: udpTcp({ host: "0.0.0.0", port: 0 }) }]) {
      const told = await warnings({ ...options, advertise: "127.0.0.1", encryption: "off" });
      assert.equal(told.length, 1);
      assert.match(told[0] ?? "", /open to the network without encryption/);
    }
  });

  it("but not on loopback, in memory, or with a key", async () => {
    const inMemory = memoryTransport(new MemoryNetwork(), "10.0.0.1");
    const keys = [generateKey()];
    assert.deepEqual(await warnings({ bind: "127.0.0.1:0", encryption: "off" }), []);
    assert.deepEqual(await warnings({ transport: inMemory, encryption: "off" }), []);
    assert.deepEqual(await warnings({ bind: "0.0.0.0:0", advertise: "127.0.0.1", encryption: { keys } }), []);
  });

  it("probes that overlap, since their timeout is no shorter than their interval", async () => {
    const inMemory = (): ClusterOptions => ({ transport: memoryTransport(new MemoryNetwork(), "10.0.0.1") });
    const timed = (probeInterval: number, probeTimeout: number): Promise<string[]> =>
      warnings({ ...inMemory(), encryption: "off", timings: { probeInterval, probeTimeout } });
    const [told, ...more] = await timed(200, 200);
    assert.match(told ?? "", /probeTimeout \(200 ms\) isn't below probeInterval \(200 ms\): probes overlap/);
    assert.deepEqual(more, []);
    assert.deepEqual(await timed(200, 199), []);
    assert.deepEqual(await timed(0, 200), [], "a node that doesn't probe");
  });

  it("a key file that everybody can read or change, but not one of its owner and group", async () => {
    const keyFile = join(folder, "keys.json");
    const transport = () => memoryTransport(new MemoryNetwork(), "10.0.0.1");
    await writeFile(keyFile, JSON.stringify([generateKey()]));
    for (const [mode, count] of [
      [0o644, 1],
      [0o602, 1],
      [0o640, 0],
      [0o600, 0],
    ] as const) {
      await chmod(keyFile, mode);
      const told = await warnings({ transport: transport(), encryption: { keyFile } });
      assert.equal(told.length, count, `mode ${mode.toString(8)}`);
      for (const text of told) assert.ok(text.includes(`key file ${keyFile}`));
    }
  });
});

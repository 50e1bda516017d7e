import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION, BULK, URGENT } from "@hearsay/core";
import { isFault, PacketCodec, USER, wireOptions } from "@hearsay/core/wire";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";
import type { SimNode } from "@hearsay/testkit/cluster/sim-node";
import { RelayLayer, type RelayRules } from "./relay-layer.ts";

const EXTENSION = 0xee;
const PLAIN = 0x11;

/** A pool of which only some nodes understand extensions; passes every application message on, as messaging does. */
class MixedPool {
  readonly cluster: SimCluster;
  /** By first byte of a message and node. */
  readonly #layers = new Map<string, RelayLayer>();
  /** By first byte and number of a message, who has it. */
  readonly heard = new Map<string, Set<number>>();
  /** Packets with an extension for somebody who can't read it. */
  strayPackets = 0;

  constructor(nodes: number, seed: number, isCapable: (index: number) => boolean) {
    this.cluster = new SimCluster({
      nodes,
      seed,
      isCapable,
      layers: (index) => [this.#newLayer(index, EXTENSION), this.#newLayer(index, PLAIN)],
    });
    const byKey = new Map(this.cluster.nodes.map((node) => [node.address.key, node]));
    const codec = new PacketCodec(wireOptions({ compression: false }));
    this.cluster.observe({
      datagram: (_from, to, bytes) => {
        const target = byKey.get(to.key);
        if (target === undefined || isCapable(target.index)) return;
        codec.unpack(bytes.slice(), {
          message: (message) => {
            if (message.type === USER && message.payload[0] === EXTENSION) this.strayPackets++;
          },
          fault: (fault) => assert.ok(!isFault(fault)),
        });
      },
    });
  }

  tell(node: SimNode, payload: Uint8Array): void {
    node.call((now, out) => this.#layers.get(`${payload[0]} ${node.index}`)?.tell(now, payload, out));
  }

  heardBy(kind: number, number: number): number[] {
    return [...(this.heard.get(`${kind} ${number}`) ?? [])].sort((a, b) => a - b);
  }

  #newLayer(index: number, kind: number): RelayLayer {
    const rules: RelayRules = {
      kind,
      isEager: true,
      isExtension: kind === EXTENSION,
      rumorClass: (payload) => [URGENT, APPLICATION, BULK][(payload[1] ?? 0) % 3] as 0 | 3 | 4,
    };
    const layer = new RelayLayer(rules, (payload) => {
      const key = `${payload[0]} ${payload[1]}`;
      this.heard.set(key, (this.heard.get(key) ?? new Set()).add(index));
    });
    this.#layers.set(`${kind} ${index}`, layer);
    return layer;
  }
}

function indices(count: number, isWanted: (index: number) => boolean = () => true): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(isWanted);
}

describe("in a pool where some members don't understand extensions", () => {
  for (const [what, nodes, isCapable] of [
    ["half of them", 20, (index: number) => index % 2 === 0],
    ["all but three", 60, (index: number) => index % 20 === 0],
    ["one of them", 12, (index: number) => index !== 5],
  ] as const) {
    it(`${what}: extensions reach all who do and go to nobody else; other messages reach nearly everybody`, () => {
      let missed = 0;
      for (let seed = 1; seed <= 5; seed++) {
        const pool = new MixedPool(nodes, seed, isCapable);
        const { cluster } = pool;
        cluster.run(2000);
        for (let number = 0; number < 6; number++) {
          pool.tell(cluster.node(0), Uint8Array.of(EXTENSION, number, 1, 2, 3));
          pool.tell(cluster.node(0), Uint8Array.of(PLAIN, number, 1, 2, 3));
          cluster.run(100);
          // The eager lane and its ring lead past all capable members within the time that one tick takes.
          assert.deepEqual(pool.heardBy(EXTENSION, number), indices(nodes, isCapable), `extension, seed ${seed}`);
        }
        cluster.run(10_000);
        for (let number = 0; number < 6; number++) {
          missed += nodes - pool.heardBy(PLAIN, number).length;
        }
        assert.equal(pool.strayPackets, 0);
        assert.ok(cluster.nodes.every(({ swim }) => swim.occupancy.rumors === 0));
      }
      // No ring leads past those who wait for ticks: as among agents of Serf, chance leaves some of them out.
      assert.ok(missed <= (5 * 6 * nodes) / 100, `${missed} missed`);
    });
  }

  it("a flood of extensions takes nothing from what is told of failures", () => {
    const pool = new MixedPool(30, 1, (index) => index % 2 === 0);
    const { cluster } = pool;
    cluster.run(2000);
    for (let number = 0; number < 256; number++) {
      const payload = new Uint8Array(300).fill(number);
      payload[0] = EXTENSION;
      pool.tell(cluster.node(0), payload);
    }
    cluster.crash(cluster.node(7));
    const sees = (node: SimNode): boolean => node.swim.member("n7")?.status !== "alive";
    const others = cluster.nodes.filter(({ index }) => index !== 7);
    assert.ok(cluster.runUntil(() => others.every(sees), 30_000));
  });

  it("an extension that nobody else understands is dropped within a minute", () => {
    const pool = new MixedPool(10, 1, (index) => index === 0);
    const { cluster } = pool;
    cluster.run(2000);
    pool.tell(cluster.node(0), Uint8Array.of(EXTENSION, 1));
    cluster.run(1000);
    assert.equal(cluster.node(0).swim.occupancy.rumors, 1);
    cluster.run(61_000);
    assert.equal(cluster.node(0).swim.occupancy.rumors, 0);
    assert.equal(pool.strayPackets, 0);
  });

  it("who learns to understand them is told from then on, and who forgets it no more", () => {
    const pool = new MixedPool(8, 1, (index) => index < 4);
    const { cluster } = pool;
    cluster.run(2000);
    cluster.node(3).setMeta(new Uint8Array(0));
    cluster.run(5000);
    pool.tell(cluster.node(0), Uint8Array.of(EXTENSION, 1));
    cluster.run(5000);
    assert.deepEqual(pool.heardBy(EXTENSION, 1), [0, 1, 2]);
  });
});

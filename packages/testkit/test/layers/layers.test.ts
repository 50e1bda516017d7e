import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Counters, presetConfig, Sfc32, Swim } from "@hearsay/core";
import {
  type AnyLayer,
  type Call,
  deadlineSubject,
  Layer,
  LayerStack,
  SECTIONS_BYTES_MAX,
} from "@hearsay/core/internal";
import { Messaging } from "@hearsay/core/messaging";
import { Serf } from "@hearsay/core/serf";
import { PacketCodec, wireOptions } from "@hearsay/core/wire";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";
import { Notes, type NotesEvent } from "./notes.ts";

/** A pool whose nodes have the layers that `others` gives each, and on top of them a board for notes. */
class Pool {
  readonly cluster: SimCluster;
  readonly notes: Notes[] = [];
  readonly events: NotesEvent[] = [];

  constructor(nodes: number, keptMs = 3_600_000, others: (index: number) => AnyLayer[] = () => []) {
    const newNotes = (index: number): Notes => {
      this.notes[index] = new Notes(keptMs);
      return this.notes[index];
    };
    const layers = (index: number): AnyLayer[] => [...others(index), newNotes(index)];
    this.cluster = new SimCluster({ nodes, seed: 1, layers });
    this.cluster.observe({
      event: ({ index }, event) => {
        const told = this.notes[index]?.eventOf(event);
        if (told !== undefined) this.events.push(told);
      },
    });
    this.cluster.run(30_000);
  }

  put(index: number, text: string): void {
    this.cluster.node(index).call((now, out) => this.notes[index]?.put(now, text, out));
  }

  ask(index: number, other: number): void {
    const { address } = this.cluster.node(other);
    this.cluster.node(index).call((now, out) => this.notes[index]?.ask(now, address, out));
  }

  get texts(): string[] {
    return [...new Set(this.notes.map(({ text }) => text))];
  }
}

describe("a layer of one's own", () => {
  it("is what docs/guides/layers.md shows", () => {
    const root = new URL("../../../../", import.meta.url);
    const source = readFileSync(new URL("packages/testkit/test/layers/notes.ts", root), "utf8");
    const page = readFileSync(fileURLToPath(new URL("docs/guides/layers.md", root)), "utf8");
    assert.ok(page.includes(`\`\`\`ts\n${source}\`\`\`\n`), "copy the file into the page");
  });

  it("reaches everybody at once, tells the application, and has copies that come back end the telling", () => {
    const pool = new Pool(40);
    pool.put(3, "hello");
    pool.cluster.run(10);
    assert.deepEqual(pool.texts, ["hello"]);
    assert.deepEqual(pool.events, new Array(40).fill({ text: "hello" }));
    pool.cluster.run(5000);
    const known = pool.cluster.nodes.reduce((sum, { swim }) => sum + swim.counters.rumorsKnown, 0);
    assert.ok(known > 0, "no rumor ended early");
  });

  it("has a part of the states that nodes exchange, beside those of others", () => {
    const serf = (): AnyLayer[] => [new Serf({ matcher: { isFound: () => true } })];
    for (const others of [(): AnyLayer[] => [], serf]) {
      const pool = new Pool(5, 3_600_000, others);
      const { cluster } = pool;
      cluster.crash(cluster.node(4));
      pool.put(0, "said while one was away");
      cluster.run(20_000);
      cluster.restart(cluster.node(4));
      cluster.run(5000);
      assert.equal(pool.notes[4]?.text, "said while one was away");
    }
  });

  it("asks one member over a stream and gets the answer, or hears that there is none", () => {
    const pool = new Pool(3);
    pool.put(2, "mine");
    pool.cluster.run(1000);
    pool.events.length = 0;
    pool.ask(0, 2);
    pool.cluster.run(1000);
    pool.cluster.crash(pool.cluster.node(1));
    pool.ask(0, 1);
    pool.cluster.run(6000);
    assert.deepEqual(pool.events, [{ answer: "mine" }, { answer: null }]);
  });

  it("hears that a member without the layer has no answer", () => {
    const notes = new Notes(1);
    const cluster = new SimCluster({ nodes: 2, seed: 1, layers: (index) => (index === 0 ? [notes] : []) });
    const answers: unknown[] = [];
    cluster.observe({ event: (_node, event) => answers.push(notes.eventOf(event)) });
    cluster.run(1000);
    cluster.node(0).call((now, out) => notes.ask(now, cluster.node(1).address, out));
    cluster.run(1000);
    assert.deepEqual(
      answers.filter((answer) => answer !== undefined),
      [{ answer: null }],
    );
  });

  it("has deadlines of its own", () => {
    const pool = new Pool(4, 60_000);
    pool.put(0, "short");
    pool.cluster.run(30_000);
    pool.put(1, "longer");
    pool.cluster.run(50_000);
    assert.deepEqual(pool.texts, ["longer"]);
    pool.cluster.run(20_000);
    assert.deepEqual(pool.texts, [""]);
  });
});

describe("layers of one node", () => {
  function node(...layers: AnyLayer[]): Swim {
    const { address } = new SimCluster({ nodes: 1, seed: 1 }).node(0);
    const packets = new PacketCodec(wireOptions({}));
    return new Swim({ name: "n", address, config: presetConfig("lan"), packets, random: new Sfc32(1), layers });
  }

  class Other extends Layer {
    override readonly name: string;
    override readonly prefixes: readonly Uint8Array[];
    override readonly state: Layer["state"];

    constructor(name: string, prefix: readonly number[], section: number | null = null) {
      super();
      this.name = name;
      this.prefixes = [Uint8Array.from(prefix)];
      const none = new Uint8Array(0);
      this.state = { section, local: () => none, merge: () => ({ end: 0, rest: null }) };
    }
  }

  it("read no more sections than any node writes, each number once, and those of nobody in no time", () => {
    const merged: number[] = [];
    class Counting extends Other {
      override readonly state: Layer["state"] = {
        section: 7,
        local: () => new Uint8Array(0),
        merge: (_call, bytes) => {
          merged.push(bytes.length);
          return { end: bytes.length, rest: null };
        },
      };
    }
    const counters = { sectionsLeftOut: 0 } as Counters;
    const stack = new LayerStack([new Counting("counting", [1], 7)], counters);
    const section = (number: number, length: number): number[] => [
      0xc1,
      0x48,
      0x53,
      number,
      0,
      0,
      length >> 8,
      length & 255,
      ...new Array<number>(length).fill(0),
    ];
    const merge = (sections: number[][]): number => {
      merged.length = 0;
      const more = stack.mergeState({} as Call, Uint8Array.from(sections.flat()), false);
      let turns = 0;
      while (more !== null && !more({} as Call)) assert.ok(++turns < 10);
      return turns;
    };
    merge([section(9, 0), section(7, 3), section(7, 4), section(8, 300)]);
    assert.deepEqual(merged, [3]);
    merge([...new Array<number[]>(300).fill(section(9, 0)), section(7, 3)]);
    assert.deepEqual(merged, [], "it stands behind 255 others");
    merge([section(7, 3).slice(0, -1)]);
    assert.deepEqual(merged, [], "it is not all there");
  });

  it("put into a state what there is room for, and count the rest", () => {
    const counters = { sectionsLeftOut: 0 } as Counters;
    class Large extends Other {
      override readonly state: Layer["state"];
      readonly merged: number[] = [];

      constructor(section: number, length: number) {
        super(`large ${section}`, [section]);
        this.state = {
          section,
          local: () => new Uint8Array(length),
          merge: (_call, bytes) => {
            this.merged.push(bytes.length);
            return { end: bytes.length, rest: null };
          },
        };
      }
    }
    const half = SECTIONS_BYTES_MAX / 2;
    const layers = [new Large(1, half), new Large(2, half), new Large(3, half - 16)];
    const state = new LayerStack(layers, counters).localState(false);
    assert.equal(state.length, SECTIONS_BYTES_MAX, "the first and the third, headers included");
    assert.equal(counters.sectionsLeftOut, 1);
    // A peer that writes more is read no further than that.
    const beyond = new Uint8Array(state.length + 8);
    beyond.set(state);
    beyond.set([0xc1, 0x48, 0x53, 2], state.length);
    const more = new LayerStack(layers, counters).mergeState({} as Call, beyond, false);
    for (let turns = 0; more !== null && !more({} as Call); turns++) assert.ok(turns < 10);
    assert.deepEqual(
      layers.map(({ merged }) => merged),
      [[half], [], [half - 16]],
    );
  });

  it("have no more kinds of deadlines than they may", () => {
    assert.throws(() => deadlineSubject(0, 256), /0 to 255/);
    assert.throws(() => deadlineSubject(1, -1), /0 to 255/);
    assert.notEqual(deadlineSubject(0, 255), deadlineSubject(1, 0));
  });

  it("have each a name, prefixes and a section of their own", () => {
    const messaging = new Messaging({ name: "n", bootId: new Uint8Array(8) });
    const notes = new Notes(1);
    node(messaging, notes, new Other("other", [0xc1, 0x48, 0x53, 201], 201));
    assert.throws(() => node(notes, new Other("notes", [1], 1)), /a name of its own/);
    assert.throws(() => node(notes, new Other("other", [0xc1, 0x48, 0x53, 200], 1)), /the same prefix/);
    assert.throws(() => node(notes, new Other("other", [1], 200)), /each section/);
    assert.throws(() => node(notes, new Other("other", [1], 256)), /1 to 255/);
    assert.throws(() => node(new Other("one", [1]), new Other("other", [2])), /bare/);
  });
});

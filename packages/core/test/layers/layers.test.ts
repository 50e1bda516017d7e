import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvariantError } from "@hearsay/core";
import { Layer, type LayerState, SECTIONS_BYTES_MAX } from "@hearsay/core/internal";
import { PING } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "../support/lone-node.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");
const HOUR_MS = 3_600_000;

class Plain extends Layer {
  override readonly name: string;
  override readonly state: LayerState | null;

  constructor(name: string, section: number | null = null) {
    super();
    this.name = name;
    const none = new Uint8Array(0);
    this.state = section === null ? null : { section, local: () => none, merge: () => ({ end: 0, rest: null }) };
  }
}

function named(count: number): Layer[] {
  return Array.from({ length: count }, (_, i) => new Plain(`layer ${i}`));
}

describe("the layers of a node", () => {
  it("are 32 at the most", () => {
    quiet({ layers: named(32) });
    assert.throws(() => quiet({ layers: named(33) }), InvariantError);
  });

  it("have sections with numbers that a byte holds, and a mebibyte of them together", () => {
    for (const section of [1, 255]) quiet({ layers: [new Plain("one", section)] });
    for (const section of [0, 256, 1.5]) {
      assert.throws(() => quiet({ layers: [new Plain("one", section)] }), InvariantError);
    }
    assert.equal(SECTIONS_BYTES_MAX, 2 ** 20);
  });

  it("have lost members looked for through a day, unless one of them says otherwise", () => {
    const node = new LoneNode(
      { streamPings: false },
      { gossipIntervalMs: 0, pushPullIntervalMs: 0, healIntervalMs: HOUR_MS / 4 },
    );
    node.receive(A, alive("a", "10.0.0.2"), dead("a", "b")).until(23 * HOUR_MS);
    assert.ok(
      node
        .clear()
        .until(23.9 * HOUR_MS)
        .messages(PING).length > 0,
    );
    assert.equal(node.swim.occupancy.lost, 1);
    node.until(25 * HOUR_MS);
    assert.equal(node.swim.occupancy.lost, 0);
    assert.deepEqual(
      node
        .clear()
        .until(30 * HOUR_MS)
        .messages(PING),
      [],
    );
  });
});

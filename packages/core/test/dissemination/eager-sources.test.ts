import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALIVE } from "@hearsay/core/wire";
import { address, alive, LoneNode } from "../support/lone-node.ts";

describe("news of several sources that leaves in one turn", () => {
  it("goes to each of them without what it told itself", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, gossipIntervalMs: 60_000, pushPullIntervalMs: 0 });
    const sources = ["a", "b", "c"].map((name, i) => ({ name, at: address(`10.0.0.${i + 2}`) }));
    for (const { name, at } of sources) node.receive(at, alive(name, at.host));
    node.until(5_000).clear();
    // Each tells of the next one, who has been restarted.
    const toldBy = (index: number): string => sources[(index + 1) % sources.length]?.name ?? "";
    for (const [index, { at }] of sources.entries()) {
      const { name = "", at: place = at } = sources.find((other) => other.name === toldBy(index)) ?? {};
      node.receive(at, alive(name, place.host, 2));
    }
    node.until(node.now);
    const toldTo = new Map<string, Set<string>>();
    for (const { to, messages } of node.sent) {
      const told = toldTo.get(to) ?? new Set();
      for (const message of messages) if (message.type === ALIVE) told.add(message.node);
      toldTo.set(to, told);
    }
    for (const [index, { at }] of sources.entries()) {
      const others = sources.map(({ name }) => name).filter((name) => name !== toldBy(index));
      assert.deepEqual([...(toldTo.get(at.key) ?? [])].sort(), others);
    }
  });
});

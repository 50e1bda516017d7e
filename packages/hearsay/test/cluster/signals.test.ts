import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { testNetwork } from "../../dist/testing/index.js";

describe("one signal for many calls", () => {
  it("gets one listener, since Node warns of more than ten, and none once they are over", async () => {
    await using network = await testNetwork({ nodes: 2, options: { extensions: "all" } });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one !== undefined && two !== undefined);
    two.onRequest("hang", () => new Promise(() => {}));
    const abort = new AbortController();
    const { signal } = abort;
    const calls: (() => Promise<unknown>)[] = [
      () => one.ready({ members: 9, signal }),
      () => drain(one.changes({ signal })),
      () => drain(one.changes({ signal, batch: 1000 })),
      () => drain(one.channel("news").messages({ signal })),
      () => one.request("node-2", "hang", 1, { signal, timeout: 3_600_000 }),
      () => one.leave({ signal }),
    ];
    for (const call of calls) {
      const over = Promise.allSettled([call(), call(), call()]);
      await network.advance(0);
      const listeners = getEventListeners(signal, "abort").length;
      assert.equal(listeners, 1, String(call));
      if (call !== calls.at(-1)) continue;
      abort.abort();
      await network.run(over, "0");
    }
    assert.equal(one.status, "closed");
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

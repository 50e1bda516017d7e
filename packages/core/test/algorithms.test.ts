import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { presetConfig } from "@hearsay/core";
import {
  ALL_KINDS,
  Awareness,
  newRumor,
  pushPullScaleMs,
  ReferenceQueue,
  suspicionMinMs,
  suspicionRemainingMs,
  transmitLimit,
} from "@hearsay/core/internal";
import { loadVectors } from "@hearsay/testkit/vectors";

/** The rows of an algorithm's vector: what the reference's own code computed. */
function rows<T>(name: string): T[] {
  const vector = loadVectors().find((candidate) => candidate.name === `algo/${name}`);
  assert.ok(vector !== undefined && Array.isArray(vector.decoded));
  return vector.decoded;
}

describe("the reference's algorithms", () => {
  it("agree on how often a rumor is sent", () => {
    for (const row of rows<{ n: number; retransmit_mult2: number; retransmit_mult4: number }>("retransmit-limit")) {
      assert.equal(transmitLimit(2, row.n), row.retransmit_mult2);
      assert.equal(transmitLimit(4, row.n), row.retransmit_mult4);
    }
  });

  it("agree on the least suspicion timeout of every preset", () => {
    for (const row of rows<{ n: number; lan_ms: number; wan_ms: number; local_ms: number }>("suspicion-min-timeout")) {
      assert.equal(suspicionMinMs(presetConfig("lan"), row.n), row.lan_ms);
      assert.equal(suspicionMinMs(presetConfig("wan"), row.n), row.wan_ms);
      assert.equal(suspicionMinMs(presetConfig("local"), row.n), row.local_ms);
    }
  });

  it("agree on what confirmations leave of a suspicion", () => {
    type Case = Record<"confirmations" | "k" | "elapsed_ms" | "min_ms" | "max_ms" | "remaining_ms", number>;
    for (const { confirmations, k, elapsed_ms, min_ms, max_ms, remaining_ms } of rows<Case>("suspicion-remaining")) {
      assert.equal(suspicionRemainingMs(confirmations, k, elapsed_ms, min_ms, max_ms), remaining_ms);
    }
  });

  it("agree on the time between push/pulls", () => {
    for (const { n, lan_ms } of rows<{ n: number; lan_ms: number }>("push-pull-scale")) {
      assert.equal(pushPullScaleMs(30_000, n), lan_ms);
    }
  });

  it("agree on the local health score", () => {
    const vector = loadVectors().find(({ name }) => name === "algo/awareness");
    const { deltas, scores } = vector?.decoded as { deltas: number[]; scores: number[] };
    const awareness = new Awareness(8);
    for (const [index, delta] of deltas.entries()) {
      awareness.apply(delta);
      assert.equal(awareness.score, scores[index]);
    }
  });

  it("take rumors from the queue in the same order, to the last one", () => {
    type Step =
      | { op: "queue"; name: string; size: number; queued: number; finished: string[] }
      | {
          op: "get";
          overhead: number;
          limit: number;
          queued: number;
          finished: string[];
          result: { first: string; size: number }[] | null;
        }
      | { op: "queue unique twice"; queued: number }
      | { op: "prune"; retain: number; queued: number };
    const finished: string[] = [];
    const queue = new ReferenceQueue(1000, {
      // Unnamed rumors have nobody who waits for them in the transcript.
      finished: ({ subject }) => subject !== "" && finished.push(subject),
    });
    let id = 0;
    const put = (subject: string, first: string, size: number): void => {
      const bytes = new Uint8Array(size).fill(first.charCodeAt(0));
      queue.put(
        newRumor({
          bytes,
          rumorClass: 1,
          subject,
          id: ++id,
          onDone: null,
          source: "",
          isExtension: false,
          isPressing: false,
        }),
      );
    };
    for (const step of rows<Step>("broadcast-queue")) {
      finished.length = 0;
      if (step.op === "queue unique twice") {
        for (let i = 0; i < 2; i++) put("", "u", 2);
      } else if (step.op === "prune") {
        queue.prune(step.retain);
      } else if (step.op === "queue") {
        put(step.name, step.name, step.size);
        assert.deepEqual(finished, step.finished);
      } else {
        const taken: { first: string; size: number }[] = [];
        let used = 0;
        const packet = {
          room: (): number => step.limit - used - step.overhead,
          add: (bytes: Uint8Array): boolean => {
            used += step.overhead + bytes.length;
            taken.push({ first: String.fromCharCode(bytes[0] ?? 0), size: bytes.length });
            return true;
          },
        };
        queue.fill(packet, { plain: 2, extension: 2 }, ALL_KINDS);
        assert.deepEqual(taken, step.result ?? []);
        assert.deepEqual([...finished].sort(), [...step.finished].sort());
      }
      assert.equal(queue.size, step.queued);
    }
  });
});

import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { COMPRESS_TYPE, firstBytes, PUSH_PULL_TYPE } from "../wiretap.ts";

/** Receivers accept both forms, whichever they send (docs/protocol/memberlist.md, section 5.2). */
export const compressionGo: Case = {
  name: "compression-go",
  shows: "The same where only the Go nodes compress.",
  run: (run) => mixed(run, true, false),
};

export const compressionHearsay: Case = {
  name: "compression-hearsay",
  shows: "The same where only the Hearsay nodes compress.",
  run: (run) => mixed(run, false, true),
};

export const compressionOff: Case = {
  name: "compression-off",
  shows: "The same where nobody compresses.",
  run: (run) => mixed(run, false, false),
};

async function mixed(
  run: Parameters<Case["run"]>[0],
  goCompresses: boolean,
  hearsayCompresses: boolean,
): Promise<void> {
  const pool = await startPool(run, {
    go: () => ({ compression: goCompresses }),
    hearsay: () => ({ compression: hearsayCompresses }),
  });
  await exercise(run, pool);
  const [go, hearsay] = await firstBytes(run, pool.all.slice(0, 2), 1);
  // Packets are compressed if that makes them shorter. Go compresses streams of any length, Hearsay only long ones.
  expect(go?.[0] === (goCompresses ? COMPRESS_TYPE : PUSH_PULL_TYPE), `Go's stream begins with ${go?.[0]}`);
  expect(hearsay?.[0] === PUSH_PULL_TYPE, `ours begins with ${hearsay?.[0]}`);
}

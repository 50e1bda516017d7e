import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { startPool } from "../pool.ts";

/** Receivers take both forms, whatever they send themselves (docs/protocol/memberlist.md, section 5.2). */
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
}

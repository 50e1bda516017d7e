import type { SimCluster } from "./sim-cluster.ts";

/** An invariant was violated. The message contains what is needed to reproduce it. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
  readonly seed: number;
  /** Virtual milliseconds. */
  readonly atMs: number;

  constructor(what: string, { options, now }: SimCluster) {
    super(`${what} (at ${now.toFixed(3)} ms of seed ${options.seed}, options ${JSON.stringify(options)})`);
    this.seed = options.seed;
    this.atMs = now;
  }
}

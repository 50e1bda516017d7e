import type { SimCluster } from "./sim-cluster.ts";

/** Something that must hold did not. The message carries what is needed to see it again. */
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

/** A broken invariant: a bug in this package, never the fault of what came in. It stops the cluster that owns the core. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** States what must be true here. Also on in production: going on with a broken state would spread it to the peers. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

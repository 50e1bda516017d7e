/** A broken invariant: a bug in this package, never caused by input. It stops the cluster that owns the core. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws if `condition` is false, also in production: a node that goes on with broken state spreads it to peers. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

import { isHearsayError } from "../../dist/base/errors.js";
import { bytesCodec } from "../../dist/messaging/codec.js";
import { type FakeNode, FakePool } from "./fake-pool.ts";

export const BYTES = { request: bytesCodec, reply: bytesCodec };

export function pair(): { pool: FakePool; a: FakeNode; b: FakeNode } {
  const pool = new FakePool();
  return { pool, a: pool.node("a"), b: pool.node("b") };
}

/** The outcome of a promise that may fail before anybody looks. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => (isHearsayError(error) ? error.code : error),
  );
}

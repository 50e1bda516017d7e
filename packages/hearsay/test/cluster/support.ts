import assert from "node:assert/strict";
import type { Cluster, HearsayError, Logger, Transport } from "../../dist/index.js";
import { type ErrorCode, type ErrorData, isHearsayError } from "../../dist/index.js";

/** One line that a cluster logged. */
export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger of console's kind that keeps what it is told. */
export function recorder(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: Line["level"]) =>
    (text: unknown, fields: unknown = {}): void => {
      assert.ok(typeof text === "string" && typeof fields === "object" && fields !== null);
      lines.push({ level, text, fields: { ...fields } });
    };
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

/** The error of this code that a promise rejects with. */
export async function rejection<Code extends ErrorCode>(
  work: Promise<unknown>,
  code: Code,
): Promise<HearsayError<Code>> {
  const error: unknown = await work.then(
    () => assert.fail(`should have rejected with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(isHearsayError(error, code), `should have been ${code}, but is ${String(error)}`);
  return error;
}

/** The data of the error of this code that a call throws. */
export function thrown<Code extends ErrorCode>(call: () => unknown, code: Code): ErrorData[Code] {
  try {
    call();
  } catch (error) {
    assert.ok(isHearsayError(error, code), `should have been ${code}, but is ${String(error)}`);
    return error.data;
  }
  return assert.fail(`should have thrown ${code}`);
}

/** A transport that hands everything but counters on to another, so that a test may replace or add parts. */
export function forwarding(inner: Transport): Transport {
  return {
    open: (handlers) => inner.open(handlers),
    send: (to, bytes) => inner.send(to, bytes),
    connect: (to, options) => inner.connect(to, options),
    close: () => inner.close(),
  };
}

/** Names and statuses of all members, as `a alive`. */
export function view(cluster: Cluster): string[] {
  return cluster
    .members({ status: ["alive", "suspect", "failed", "left"] })
    .map(({ name, status }) => `${name} ${status}`);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

/** Waits, on real time, until something is so. */
export async function eventually(isTrue: () => boolean, what: string, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > end) assert.fail(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

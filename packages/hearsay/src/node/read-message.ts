import type { StreamDecoder } from "@hearsay/core/wire";
import type { Connection } from "../transport/transport.ts";
import type { Clock } from "./clock.ts";

/** Bytes compressed or read in one turn: well below 5 ms of work. */
export const SLICE_BYTES: number = 64 * 1024;

/** How reading one message from a stream ended. `answer` is what the peer is to be told of a fault, if anything. */
export type ReadResult =
  | { readonly kind: "message"; readonly message: Uint8Array }
  | { readonly kind: "closed" }
  | { readonly kind: "fault"; readonly reason: string; readonly answer: string | null }
  | { readonly kind: "aborted" };

/**
 * Reads one message, working a slice a turn, so that decompressing a large state doesn't hold up pings. Resolves in any
 * case; the caller destroys the connection. `onClosed` is called when the connection is over, perhaps long after.
 */
export function readMessage(
  clock: Clock,
  connection: Connection,
  decoder: StreamDecoder,
  signal: AbortSignal,
  onClosed: () => void = () => {},
): Promise<ReadResult> {
  return new Promise((resolve) => {
    let isDone = false;
    let isWorking = false;
    const finish = (result: ReadResult): void => {
      if (isDone) return;
      isDone = true;
      signal.removeEventListener("abort", onAbort);
      resolve(result);
    };
    const onAbort = (): void => finish({ kind: "aborted" });
    const work = (): void => {
      if (isDone || isWorking) return;
      const status = decoder.step(SLICE_BYTES);
      if (status === "message") finish({ kind: "message", message: decoder.message });
      else if (status === "closed") finish({ kind: "closed" });
      else if (status === "failed")
        finish({ kind: "fault", reason: decoder.fault?.reason ?? "truncated", answer: decoder.answer });
      else if (status === "working") {
        isWorking = true;
        clock.soon(() => {
          isWorking = false;
          work();
        });
      }
    };
    if (signal.aborted) return finish({ kind: "aborted" });
    signal.addEventListener("abort", onAbort);
    connection.listen({
      data(chunk) {
        if (isDone) return;
        decoder.push(chunk);
        work();
      },
      end() {
        decoder.end();
        work();
      },
      closed() {
        decoder.end();
        work();
        if (!isWorking) finish({ kind: "closed" });
        onClosed();
      },
    });
  });
}

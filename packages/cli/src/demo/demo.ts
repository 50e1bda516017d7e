import { runLive } from "./live.ts";
import { tellStory } from "./story.ts";

/** The options of the command. */
export interface DemoOptions {
  /** Plays the story even in a terminal. */
  readonly once: boolean;
  readonly version: string;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The exit code of a shell for a broken pipe. */
const READER_GONE = 141;

/**
 * Runs the demo to its end and resolves to the exit code. A signal ends it early, with all processes that it started.
 */
export async function runDemo({ once, version }: DemoOptions): Promise<number> {
  const { stdin, stdout, env } = process;
  const abort = new AbortController();
  let interrupted: number | null = null;
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const handler = (): void => {
      interrupted ??= code;
      abort.abort();
    };
    process.once(signal, handler);
    return { signal, handler };
  });
  // The reader of the output is gone, as with `hearsay --once | head`.
  stdout.on("error", () => {
    interrupted ??= READER_GONE;
    abort.abort();
  });
  try {
    const isLive = !once && stdin.isTTY === true && stdout.isTTY === true && env["TERM"] !== "dumb";
    if (isLive) {
      await runLive({ version, input: stdin, output: stdout, env }, abort.signal);
      return interrupted ?? 0;
    }
    const write = (line: string): void => void stdout.write(`${line}\n`);
    const isTrue = await tellStory({ write, isTerminal: stdout.isTTY === true, env }, abort.signal);
    return interrupted ?? (isTrue ? 0 : 1);
  } finally {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
  }
}

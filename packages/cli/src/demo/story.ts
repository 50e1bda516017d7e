import { performance } from "node:perf_hooks";
import { STEPS, type StepResult } from "./story-steps.ts";
import { styleFor } from "./style.ts";
import { Supervisor } from "./supervisor.ts";
import { CAN_PAUSE, TIMINGS_TEXT } from "./timings.ts";
import { spanText } from "./words.ts";

/** The output of a story, and its time limit. */
export interface StoryOptions {
  readonly write: (line: string) => void;
  readonly isTerminal: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Time limit of each condition of a step, in milliseconds. @defaultValue 120,000 */
  readonly limitMs?: number;
}

/**
 * Plays everything that can happen to a member on five processes, one line per step, each with the time it took.
 * Resolves to whether all steps came true. The first step that fails ends the story, with the expected and the seen
 * state.
 */
export async function tellStory(options: StoryOptions, signal: AbortSignal): Promise<boolean> {
  const { write, isTerminal, env, limitMs } = options;
  const style = styleFor(isTerminal, env);
  const faults: string[] = [];
  const supervisor = new Supervisor({
    ...(limitMs === undefined ? {} : { limitMs }),
    onFault: (node, fault) => faults.push(`${node.name}: ${fault}`),
  });
  const onExit = (): void => supervisor.close();
  process.once("exit", onExit);
  write(`Five processes on this machine, one cluster. ${TIMINGS_TEXT}.`);
  const beganAtMs = performance.now();
  try {
    for (const step of STEPS) {
      if (signal.aborted) return false;
      if (step.needsPause && !CAN_PAUSE) {
        write(`${style.warning("left out")}          ${step.title}: this system can't pause a process`);
        continue;
      }
      const stepBeganAtMs = performance.now();
      const result = await Promise.race([step.run(supervisor), whenAborted(signal)]);
      if (result === null) return false;
      const took = spanText(result.tookMs ?? performance.now() - stepBeganAtMs).padStart(8);
      write(`${result.isTrue ? style.good("ok    ") : style.bad("FAILED")} ${took}  ${step.title}`);
      for (const line of linesOf(result, faults)) write(style.faint(`                 ${line}`));
      if (!result.isTrue) return false;
    }
    write(`Everything came true, in ${spanText(performance.now() - beganAtMs)}.`);
    return true;
  } finally {
    supervisor.close();
    process.removeListener("exit", onExit);
  }
}

function linesOf(result: StepResult, faults: readonly string[]): readonly string[] {
  if (result.isTrue) return result.notes;
  return [`expected  ${result.expected}`, ...result.seen.map((line) => `seen      ${line}`), ...faults];
}

function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

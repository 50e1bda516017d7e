import { messageOf } from "hearsay/internal";
import type { Said } from "./child-questions.ts";

/**
 * Answers the questions of the parent that forked this process, until the parent is gone; `ChildQuestions` is the other
 * half.
 */
export function answerParent<Ask extends { readonly id: number }, Answer>(run: (ask: Ask) => Promise<Answer>): void {
  const say = (words: Said<Answer>): void => tellParent(words);
  const answer = async (ask: Ask): Promise<void> => {
    try {
      say({ id: ask.id, answer: await run(ask) });
    } catch (error) {
      say({ id: ask.id, error: messageOf(error) });
    }
  };
  process.on("message", (ask: Ask) => void answer(ask));
  // Without the parent the process has no purpose.
  process.on("disconnect", () => process.exit());
}

/** Sends the parent an answer or an unrequested message. */
export function tellParent(words: object): void {
  process.send?.(words);
}

import { messageOf } from "hearsay/internal";
import type { Said } from "./child-questions.ts";

/** Answers the questions of the parent that forked this process, whose half is `ChildQuestions`, for as long as it is there. */
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
  // Without the parent there is nobody to be tested by.
  process.on("disconnect", () => process.exit());
}

/** Says something to the parent that it didn't ask for, or its answer. */
export function tellParent(words: object): void {
  process.send?.(words);
}

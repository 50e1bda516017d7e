import { perform } from "./commands.ts";
import { Stage } from "./stage.ts";
import { type Block, difference } from "./transcript.ts";

/** Runs a story from its beginning, block by block, each with what was seen. `path` is for errors only. */
export function* play(path: string, told: readonly Block[]): Generator<Block> {
  const stage = new Stage();
  for (const { head, commands } of told) {
    const output = commands.flatMap(({ text, lineNumber }) => {
      try {
        return perform(stage, text);
      } catch (error) {
        throw new Error(`${path}:${lineNumber}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    });
    yield { head, commands, output };
  }
}

/** Where a story goes otherwise than it is told, for the first time: after that nothing is as it was. Null if nowhere. */
export function deviation(path: string, told: readonly Block[]): string | null {
  let index = 0;
  for (const { commands, output } of play(path, told)) {
    const expected = told[index++]?.output ?? [];
    if (expected.join("\n") === output.join("\n")) continue;
    const place = `${path}:${commands[0]?.lineNumber} goes otherwise (- told, + seen)`;
    const steps = commands.map(({ text }) => `  ${text}`);
    return [place, ...steps, "  ----", ...difference(expected, output)].join("\n");
  }
  return null;
}

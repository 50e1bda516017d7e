/** One step of a story: what is done, and what was seen. */
export interface Block {
  /** Comments and commands, as they stand in the file. */
  readonly head: readonly string[];
  readonly commands: readonly Command[];
  /** What is recorded below the commands. */
  readonly output: readonly string[];
}

export interface Command {
  readonly text: string;
  /** Of its line in the file, from 1. */
  readonly lineNumber: number;
}

/** Stands between commands and output. */
const RULE = "----";

/** Splits a story into its blocks, which blank lines part. `path` is for errors only. */
export function parseTranscript(path: string, text: string): Block[] {
  const blocks: Block[] = [];
  let head: string[] = [];
  let commands: Command[] = [];
  let output: string[] | null = null;
  const endBlock = (): void => {
    if (head.length > 0) blocks.push({ head, commands, output: output ?? [] });
    head = [];
    commands = [];
    output = null;
  };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") endBlock();
    else if (output !== null) output.push(line);
    else if (line === RULE) {
      if (commands.length === 0) throw new Error(`${path}:${index + 1}: output without a command`);
      output = [];
    } else {
      head.push(line);
      if (!line.startsWith("#")) commands.push({ text: line, lineNumber: index + 1 });
    }
  }
  endBlock();
  return blocks;
}

/** The story as a file: what `parseTranscript` reads. */
export function formatTranscript(blocks: readonly Block[]): string {
  const texts = blocks.map(({ head, output }) =>
    [...head, ...(output.length === 0 ? [] : [RULE, ...output])].join("\n"),
  );
  return `${texts.join("\n\n")}\n`;
}

/** Lines of a difference from either side: a broken protocol may talk without end. */
const SHOWN_MAX = 40;

/** Both outputs in one, with `-` before what was expected, `+` before what was seen, and two lines around it. */
export function difference(expected: readonly string[], seen: readonly string[]): string[] {
  const shorter = Math.min(expected.length, seen.length);
  let start = 0;
  while (start < shorter && expected[start] === seen[start]) start++;
  let kept = 0;
  while (kept < shorter - start && expected.at(-1 - kept) === seen.at(-1 - kept)) kept++;
  const end = seen.length - kept;
  return [
    ...marked(" ", seen.slice(Math.max(0, start - 2), start)),
    ...marked("-", expected.slice(start, expected.length - kept)),
    ...marked("+", seen.slice(start, end)),
    ...marked(" ", seen.slice(end, end + 2)),
  ];
}

function marked(mark: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, SHOWN_MAX).map((line) => `${mark} ${line}`);
  return lines.length > SHOWN_MAX ? [...shown, `${mark} and ${lines.length - SHOWN_MAX} more`] : shown;
}

/** Colours text, or leaves it unchanged. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** Colours for a terminal, unless the user has set NO_COLOR to anything (https://no-color.org). */
export function styleFor(isTerminal: boolean, env: NodeJS.ProcessEnv): Style {
  const noColor = env["NO_COLOR"] ?? "";
  const paint = (code: number) => (text: string) =>
    isTerminal && noColor === "" && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { strong: paint(1), faint: paint(2), good: paint(32), warning: paint(33), bad: paint(31) };
}

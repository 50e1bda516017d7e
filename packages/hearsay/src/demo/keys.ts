/** What a key asks for. */
export type Action =
  | { readonly type: "select"; readonly index: number }
  | { readonly type: "move"; readonly by: 1 | -1 }
  | { readonly type: Command };

export type Command = "crash" | "pause" | "resume" | "start" | "leave" | "message" | "explain" | "view" | "quit";

/** Every command with its key, in the order of the help line. */
export const COMMANDS: readonly { readonly key: string; readonly command: Command; readonly text: string }[] = [
  { key: "c", command: "crash", text: "crash" },
  { key: "p", command: "pause", text: "pause" },
  { key: "r", command: "resume", text: "resume" },
  { key: "s", command: "start", text: "start again" },
  { key: "l", command: "leave", text: "leave" },
  { key: "m", command: "message", text: "message" },
  { key: "e", command: "explain", text: "explain" },
  { key: "v", command: "view", text: "view from here" },
  { key: "q", command: "quit", text: "quit" },
];

const CTRL_C = "\x03";
const UP = "\x1b[A";
const DOWN = "\x1b[B";

/** The actions of what a terminal in raw mode sent at once; keys without a meaning give none. */
export function actionsOf(input: string): Action[] {
  const actions: Action[] = [];
  // Arrows come as sequences; every other key that matters here is one character.
  for (const [token] of input.matchAll(/\x1b\[[0-9;]*[A-Za-z~]|[\s\S]/g)) {
    const action = actionOf(token);
    if (action !== null) actions.push(action);
  }
  return actions;
}

function actionOf(token: string): Action | null {
  if (token === CTRL_C) return { type: "quit" };
  if (token === UP) return { type: "move", by: -1 };
  if (token === DOWN) return { type: "move", by: 1 };
  if (/^[1-9]$/.test(token)) return { type: "select", index: Number(token) - 1 };
  const found = COMMANDS.find(({ key }) => key === token.toLowerCase());
  return found === undefined ? null : { type: found.command };
}

/** The action of a key. */
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
const ESCAPE = "\x1b";
const UP = "A";
const DOWN = "B";

/** The actions of a chunk of input from a terminal in raw mode; other keys give none. */
export function actionsOf(input: string): Action[] {
  const actions: Action[] = [];
  for (let at = 0; at < input.length; at++) {
    const key = input.charAt(at);
    if (key === ESCAPE) {
      // An arrow or another special key is one key up to its final letter, not a series of commands.
      at++;
      if (!"[O".includes(input.charAt(at))) continue;
      do at++;
      while (at < input.length && !/[A-Za-z~]/.test(input.charAt(at)));
      if (input.charAt(at) === UP) actions.push({ type: "move", by: -1 });
      if (input.charAt(at) === DOWN) actions.push({ type: "move", by: 1 });
    } else {
      const action = actionOf(key);
      if (action !== null) actions.push(action);
    }
  }
  return actions;
}

function actionOf(key: string): Action | null {
  if (key === CTRL_C) return { type: "quit" };
  if (/^[1-9]$/.test(key)) return { type: "select", index: Number(key) - 1 };
  const found = COMMANDS.find((one) => one.key === key.toLowerCase());
  return found === undefined ? null : { type: found.command };
}

import type { EventEmitter } from "node:events";

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";
// Terminals with synchronised output show a frame at once; others ignore the codes.
const FRAME_START = "\x1b[?2026h";
const FRAME_END = "\x1b[?2026l";

/** The required part of a terminal's output; a `tty.WriteStream` has it. */
export interface TerminalOutput extends EventEmitter {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

/** A terminal's alternate screen. Only changed lines are sent. */
export class Screen {
  readonly #output: TerminalOutput;
  #shown: readonly string[] = [];
  #isOpen = false;

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  open(): void {
    this.#isOpen = true;
    this.#output.write(ENTER);
  }

  /** Shows the lines, each already cut to the screen's width. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.rows);
    const changed: string[] = [];
    for (let row = 0; row < Math.max(shown.length, this.#shown.length); row++) {
      const line = shown[row] ?? "";
      if (line !== this.#shown[row]) changed.push(`\x1b[${row + 1};1H${line}\x1b[K`);
    }
    this.#shown = shown;
    if (changed.length > 0) this.#output.write(`${FRAME_START}${changed.join("")}${FRAME_END}`);
  }

  /** Forgets what is shown, because the terminal may have moved it; the next frame is sent whole. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write("\x1b[2J");
  }

  /** Restores the terminal. Safe to call twice, and in an exit handler. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write(LEAVE);
  }
}

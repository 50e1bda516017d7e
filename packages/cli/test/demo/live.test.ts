import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { after, describe, it } from "node:test";
import { runLive } from "../../dist/demo/live.js";

/** A terminal that keeps what is on its screen, as far as the demo writes it: whole lines at a row. */
class FakeTerminal extends EventEmitter {
  readonly columns: number = 100;
  readonly rows: number = 24;
  isRaw = false;
  readonly screen: string[] = [];
  written = "";

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }

  pause(): void {}

  write(text: string): void {
    this.written += text;
    for (const part of text.split("\x1b[K")) {
      const at = part.lastIndexOf(";1H");
      if (at < 0) continue;
      const row = Number(part.slice(part.lastIndexOf("[", at) + 1, at));
      this.screen[row - 1] = part.slice(at + 3);
    }
    this.emit("drawn");
  }

  press(keys: string): void {
    this.emit("data", Buffer.from(keys));
  }

  /** Resolves when the screen shows something, which it must within the limit. */
  shows(pattern: RegExp, limitMs = 120_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null): void => {
        clearTimeout(timer);
        this.removeListener("drawn", check);
        if (error === null) resolve();
        else reject(error);
      };
      const check = (): void => {
        if (pattern.test(this.screen.join("\n"))) settle(null);
      };
      const timer = setTimeout(() => settle(new Error(`no ${pattern} in\n${this.screen.join("\n")}`)), limitMs);
      this.on("drawn", check);
      check();
    });
  }
}

describe("the live table", () => {
  it("follows a crash and a return, obeys its keys, and gives the terminal back", async () => {
    const terminal = new FakeTerminal();
    const env = { NO_COLOR: "1" };
    const abort = new AbortController();
    // A test that fails must not leave five processes behind.
    after(() => abort.abort());
    const over = runLive({ version: "1.2.3", input: terminal, output: terminal, env }, abort.signal);
    assert.equal(terminal.isRaw, true);
    await terminal.shows(/hearsay 1\.2\.3: .*seen by node-1, which is joined/);
    await terminal.shows(/(?:[ >]\d {2}node-\d .* running +alive [^\n]*\n){5}/);

    terminal.press("2m");
    await terminal.shows(/an urgent message from node-2: (?:node-\d [\d.]+ ms(?:, )?){4}/);
    terminal.press("3r");
    await terminal.shows(/node-3 is running: only a paused node can go on/);

    terminal.press("c");
    await terminal.shows(/>3 {2}node-3 .* crashed +suspect/);
    await terminal.shows(/node-3 failed: /);
    terminal.press("s");
    await terminal.shows(/>3 {2}node-3 .* running +alive +2 /);
    terminal.press("e");
    await terminal.shows(/what node-1 knows of node-3:\n(?: .* before: .*\n)* .* 0\.0 ms before: refuted/);

    terminal.press("q");
    await over;
    assert.equal(terminal.isRaw, false);
    assert.ok(terminal.written.startsWith("\x1b[?1049h\x1b[?25l"), "it takes the second screen and hides the cursor");
    assert.ok(terminal.written.endsWith("\x1b[?25h\x1b[?1049l"), "and gives both back");
    assert.equal(terminal.listenerCount("data") + terminal.listenerCount("resize"), 0);
  });
});

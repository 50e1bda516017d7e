#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { runDemo } from "../demo/demo.ts";

const HELP = `hearsay: five nodes of one cluster on this machine, to watch and to break

Usage: hearsay [--once]

In a terminal it shows the members as one of the nodes sees them, and takes keys
that kill, pause, resume and restart them. Without a terminal, or with --once, it
plays the same as a story and exits with 0 only if all of it came true.

Options:
  --once     play the story, then end
  --help     show this text
  --version  show the version

Exit codes: 0 all went well, 1 a step of the story didn't come true, 2 the
arguments are wrong. Set NO_COLOR for output without colours.
`;

const OPTIONS: readonly string[] = ["--once", "--help", "--version"];

const args = process.argv.slice(2);
const unknown = args.find((arg) => !OPTIONS.includes(arg));
if (unknown !== undefined) {
  const kind = unknown.startsWith("-") ? "unknown option" : "unexpected argument";
  process.stderr.write(`hearsay: ${kind} ${JSON.stringify(unknown)}; the options are ${OPTIONS.join(", ")}\n`);
  process.exitCode = 2;
} else if (args.includes("--help")) {
  process.stdout.write(HELP);
} else if (args.includes("--version")) {
  process.stdout.write(`${version()}\n`);
} else {
  process.exitCode = await runDemo({ once: args.includes("--once"), version: version() });
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}

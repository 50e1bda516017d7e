/**
 * Runs compiled tests in one process, file after file, until one fails. Reports go to standard output, one line of JSON
 * each: `at` names the file that runs next, `broke` says that a file could not be loaded, and the reporter reports the
 * first failure.
 *
 *   node --test-reporter=tools/dist/mutants/first-failure.js tools/dist/mutants/harness.js FILE ...
 */
import { writeSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";

// Uses the same cases for all mutations and runs.
fc.configureGlobal({ seed: 1, endOnFailure: true });

for (const file of process.argv.slice(2)) {
  tell({ at: file });
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    tell({ broke: String(error) });
    process.exit(1);
  }
  // Tests run in order, so this one runs after those of the file.
  await test(file, () => {});
}

function tell(message: object): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

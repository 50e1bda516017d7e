/**
 * Runs compiled tests in one process, file after file, until one fails. What happens goes to standard output, a line of JSON
 * each: `at` names the file that is run next, `broke` says that a file could not even be loaded, and the reporter tells of
 * the first failure.
 *
 *   node --test-reporter=tools/dist/mutants/first-failure.js tools/dist/mutants/harness.js FILE ...
 */
import { writeSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";

// The same cases for all mutations, and in each run of them.
fc.configureGlobal({ seed: 1, endOnFailure: true });

for (const file of process.argv.slice(2)) {
  tell({ at: file });
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    tell({ broke: String(error) });
    process.exit(1);
  }
  // Tests run one after the other, so that this one comes when those of the file are done.
  await test(file, () => {});
}

function tell(message: object): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

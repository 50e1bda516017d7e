import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { OPTIONS, optionsMarkdown } from "../../dist/options/markdown.js";

const DOCUMENT = new URL("../../../../docs/reference/options.md", import.meta.url);

describe("the documentation of options", () => {
  it("docs/reference/options.md is what the table says; REWRITE=1 rewrites it", () => {
    if (process.env["REWRITE"] === "1") writeFileSync(DOCUMENT, optionsMarkdown());
    assert.equal(readFileSync(DOCUMENT, "utf8"), optionsMarkdown());
  });

  it("says something of every option", () => {
    for (const { name, doc } of OPTIONS) assert.notEqual(doc, "", name);
  });
});

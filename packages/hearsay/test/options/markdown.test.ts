import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import ts from "typescript";
import { optionsMarkdown } from "../../dist/options/markdown.js";
import { OPTIONS } from "../../dist/options/table.js";

const DOCUMENT = new URL("../../../../docs/reference/options.md", import.meta.url);
const TYPES = new URL("../../src/options/cluster-options.ts", import.meta.url);

describe("the documentation of options", () => {
  it("docs/reference/options.md is what the table says; REWRITE=1 rewrites it", () => {
    if (process.env["REWRITE"] === "1") writeFileSync(DOCUMENT, optionsMarkdown());
    assert.equal(readFileSync(DOCUMENT, "utf8"), optionsMarkdown());
  });

  it("the types have exactly the options of the table", () => {
    const groups = ["", "bind.", "encryption.", "metrics.", "limits."];
    const interfaces = ["ClusterOptions", "Endpoint", "EncryptionOptions", "MetricsOptions", "LimitOptions"];
    for (const [index, group] of groups.entries()) {
      const names = OPTIONS.map(({ name }) => name)
        .filter((name) => name.startsWith(group) && !name.slice(group.length).includes("."))
        .map((name) => name.slice(group.length));
      assert.deepEqual(membersOf(interfaces[index] ?? "").sort(), names.sort());
    }
  });
});

function membersOf(name: string): string[] {
  const file = ts.createSourceFile("cluster-options.ts", readFileSync(TYPES, "utf8"), ts.ScriptTarget.ES2022);
  const found = file.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  assert.ok(found, `there is no interface ${name}`);
  return found.members.flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []));
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";
import { parse } from "./imports.ts";
import { compiled, exists, read } from "./repository.ts";

const CONFIG = "packages/core/src/base/config.ts";

describe("what the documentation says is what the code does", () => {
  it("every setting of the core states its default, and the right one", async () => {
    const module = await compiled("packages/core/dist/base/config.js");
    assert.ok(module !== undefined && typeof module.presetConfig === "function", `${CONFIG} is not built`);
    const defaults: Readonly<Record<string, unknown>> = module.presetConfig("lan");
    const documented = documentedDefaults(CONFIG, "SwimConfig");
    const actual = Object.entries(defaults).map(([name, value]) => [name, String(value)]);
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(actual));
  });

  it("docs/reference/options.md has every option, with its name and its default in one row", async () => {
    const options = await tableOf("packages/hearsay/dist/options/markdown.js", "OPTIONS");
    const rows = tableRows("docs/reference/options.md");
    for (const option of options) {
      const row = rows.find((cells) => cells[0] === `\`${option.name}\``);
      assert.ok(row, `docs/reference/options.md has no row for ${option.name}`);
      const shown = row.join(" ").replaceAll("`", "");
      assert.ok(
        shown.includes(String(option.default)),
        `docs/reference/options.md: ${option.name} is ${option.default} by default`,
      );
    }
    const names = new Set(options.map((option) => `\`${option.name}\``));
    const strangers = rows.map(([name]) => name ?? "").filter((name) => /^`.*`$/.test(name) && !names.has(name));
    assert.deepEqual(strangers, [], "docs/reference/options.md describes options that don't exist");
  });

  it("docs/reference/limits.md has one row for each thing in a section", () => {
    for (const section of read("docs/reference/limits.md").split("\n## ")) {
      const [head = "", ...lines] = section.split("\n");
      const names = lines.flatMap((line) => /^\| (.+?) \|/.exec(line)?.[1] ?? []);
      const twice = names.filter((name, index) => names.indexOf(name) < index);
      assert.deepEqual(twice, [], `docs/reference/limits.md, ${head}`);
    }
  });

  it("docs/reference/errors.md lists exactly the codes of the errors", async () => {
    const codes = await tableOf("packages/hearsay/dist/base/errors.js", "ERROR_CODES");
    const listed = tableRows("docs/reference/errors.md").flatMap(([cell]) => cell?.match(/ERR_[A-Z_]+/) ?? []);
    assert.deepEqual(listed.sort(), codes.map(({ code }) => String(code)).sort());
  });
});

/** Name and `@defaultValue` of every property of an interface; a property without one has the value "none". */
function documentedDefaults(path: string, name: string): [string, string][] {
  const declaration = parse(path).statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  assert.ok(declaration, `${path} declares no interface ${name}`);
  return declaration.members.filter(ts.isPropertySignature).map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "defaultValue");
    return [member.name.getText(), ts.getTextOfJSDocComment(tag?.comment)?.trim() ?? "none"];
  });
}

type Row = Readonly<Record<string, unknown>>;

/** The rows of a table that a compiled module exports. */
async function tableOf(path: string, name: string): Promise<readonly Row[]> {
  const table = (await compiled(path))?.[name];
  assert.ok(Array.isArray(table) && table.length > 0, `${path} must export the table ${name}; is it built?`);
  return table;
}

/** The cells of every row of every table of a document, including heads. */
function tableRows(path: string): string[][] {
  assert.ok(exists(path), `${path} doesn't exist`);
  return read(path)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { configSchemaText } from "../../dist/commands/index.js";
import { AGENT_ROWS } from "../../dist/config/schema/agent-options.js";
import { VALUE_KEYS } from "../../dist/config/schema/keys.js";
import { agentOptionsMarkdown } from "../../dist/config/schema/markdown.js";
import { faultsOf } from "./configured.js";

const PAGE = new URL("../../../../docs/reference/agent-options.md", import.meta.url);
const GUIDE = new URL("../../../../docs/guides/agent-configuration.md", import.meta.url);
const SCHEMA = new URL("../../../../docs/reference/agent-config.schema.json", import.meta.url);

/** Whether a file says the same as the schema of the agent; REWRITE=1 rewrites it. */
function expectSame(file: URL, text: string): void {
  if (process.env["REWRITE"] === "1") writeFileSync(file, text);
  assert.equal(readFileSync(file, "utf8"), text);
}

describe("the documentation of the agent's configuration", () => {
  it("docs/reference/agent-options.md is what the rows say; REWRITE=1 rewrites it", () => {
    expectSame(PAGE, agentOptionsMarkdown());
  });

  it("docs/reference/agent-config.schema.json is what the rows say; REWRITE=1 rewrites it", () => {
    expectSame(SCHEMA, configSchemaText());
  });

  it("the guide's documents have no faults", () => {
    const guide = readFileSync(GUIDE, "utf8");
    const documents = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);
    assert.ok(documents.length >= 3);
    for (const text of documents) assert.deepEqual(faultsOf(text), [], text);
  });

  it("says something of every key", () => {
    for (const { path, row } of VALUE_KEYS) assert.notEqual(row.doc, "", path);
    for (const [name, { doc }] of Object.entries(AGENT_ROWS)) assert.notEqual(doc, "", name);
  });
});

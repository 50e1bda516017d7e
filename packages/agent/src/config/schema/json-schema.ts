import { type JsonSchema, tableSchema } from "hearsay/options";
import { LONGBOW } from "../spellings/longbow.ts";
import { OPENGSLB } from "../spellings/opengslb.ts";
import type { Spelling } from "../spellings/spelling.ts";
import { AGENT_ROWS } from "./agent-options.ts";

/** The JSON Schema of the agent's files, in Hearsay's, OpenGSLB's and Longbow's names, for editors. */
export function configSchema(): JsonSchema {
  const { properties, ...own } = tableSchema(AGENT_ROWS);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of the Hearsay agent",
    ...own,
    properties: {
      ...(properties as object),
      [OPENGSLB.root]: { ...spelledSchema(OPENGSLB), description: "OpenGSLB's names." },
      [LONGBOW.root]: { ...spelledSchema(LONGBOW), description: "Longbow's names." },
    },
  };
}

/** An object schema that is still filled. */
interface Branch {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: Record<string, Branch | JsonSchema>;
}

function spelledSchema({ root, names }: Spelling): JsonSchema {
  const top: Branch = newBranch();
  for (const [path, { schema, stands }] of names) {
    const parts = path.split(".");
    const last = parts.pop() ?? path;
    const branch = parts.reduce((outer, name) => {
      outer.properties[name] ??= newBranch();
      return outer.properties[name] as Branch;
    }, top);
    branch.properties[last] = { ...schema, description: `Stands for ${stands}.` };
  }
  return top.properties[root] as JsonSchema;
}

function newBranch(): Branch {
  return { type: "object", additionalProperties: false, properties: {} };
}

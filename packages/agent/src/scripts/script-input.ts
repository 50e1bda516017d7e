import type { Member } from "hearsay";
import { type AgentEvent, typeOf } from "../events/agent-event.ts";

/** The node that runs scripts. */
export interface ScriptNode {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The variables that a script's environment has besides the agent's (docs/protocol/serf.md, section 21.2). */
export function scriptEnvironment(event: AgentEvent, { name, tags }: ScriptNode): Record<string, string> {
  const variables: Record<string, string> = {
    SERF_EVENT: typeOf(event),
    SERF_SELF_NAME: name,
    SERF_SELF_ROLE: tags["role"] ?? "",
  };
  for (const [tag, value] of Object.entries(tags)) variables[`SERF_TAG_${variableName(tag)}`] = value;
  if (event.kind === "user") {
    variables["SERF_USER_EVENT"] = event.event.name;
    variables["SERF_USER_LTIME"] = String(event.event.lTime);
  } else if (event.kind === "query") {
    variables["SERF_QUERY_NAME"] = event.query.name;
    variables["SERF_QUERY_LTIME"] = String(event.query.lTime);
  }
  // Values of an environment can't hold a zero byte, and tags come from any member.
  for (const [key, value] of Object.entries(variables)) variables[key] = value.replaceAll("\0", "");
  return variables;
}

/** A script's input: the members, one per line, or the payload. */
export function scriptInput(event: AgentEvent): Uint8Array {
  if (event.kind === "member") return Buffer.from(event.members.map(memberLine).join(""));
  const payload = event.kind === "user" ? event.event.payload : event.query.payload;
  const isWhole = payload.length === 0 || payload.at(-1) === 0x0a;
  return isWhole ? payload : Buffer.concat([payload, Buffer.from("\n")]);
}

function variableName(tag: string): string {
  return tag.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
}

function memberLine({ name, host, tags }: Member): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
  return `${[clean(name), host, clean(tags["role"] ?? ""), clean(pairs.join(","))].join("\t")}\n`;
}

/** Escapes the separators of fields and lines. */
function clean(field: string): string {
  return field.replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}

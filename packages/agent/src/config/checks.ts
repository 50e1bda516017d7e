import {
  checkOptions,
  DURATION_FORM,
  DURATION_TEXT_FORM,
  HIDDEN,
  type OptionFault,
  readRows,
  type ValuesOf,
} from "hearsay/options";
import type { Profile } from "./profiles.ts";
import { OWN_ROWS, type OwnValues } from "./schema/agent-options.ts";
import { CONFIG_KEYS, keyOf, textsIn } from "./schema/keys.ts";
import { type ConfigFault, type Given, overlap, shown } from "./sources/given.ts";
import { type Origin, originName } from "./sources/origin.ts";
import { RAFT_PORT } from "./spellings/opengslb.ts";

/** Values by key. */
export type Values = ReadonlyMap<string, Given>;

/** What the options come to, and all that is wrong with them. */
export interface Checked {
  readonly own: OwnValues;
  readonly faults: readonly ConfigFault[];
}

/** Bytes of a key, unless `compatibility.shortKeys` allows fewer. */
export const KEY_BYTES = 32;

const KEY_PROBLEM =
  `holds what is no key: a key is ${KEY_BYTES} random bytes in base64, the same on all nodes; ` +
  "make one with `hearsay keygen` or `head -c 32 /dev/urandom | base64`";

/** Checks the options, each by itself and all together. `node` are the library's. */
export function checkValues(
  values: Values,
  profile: Profile & { readonly name: string; readonly origin: Origin },
  options: { readonly own: object; readonly node: object },
): Checked {
  const found: OptionFault[] = [];
  const own: ValuesOf<typeof OWN_ROWS> = readRows(OWN_ROWS, options.own, found);
  found.push(...checkOptions(options.node));
  const faults = found.map((fault) => located(fault, values));
  const refuse = (key: string, value: unknown, problem: string): void => {
    const origin = values.get(key)?.origin ?? profile.origin;
    faults.push({ origin, value: value === null ? null : shown(value), problem });
  };

  // What is switched off needs nothing.
  if (profile.missing !== undefined && own.enabled) {
    const problem = `the profile ${profile.name} needs ${profile.missing}, which this version lacks`;
    faults.push({
      origin: profile.origin,
      value: null,
      problem: `${problem}; with \`profile: lan\` the gossip runs alone`,
    });
  }
  if (profile.needsKey && own.enabled && !isSealed(values)) {
    refuse("encryption", null, `the profile ${profile.name} demands encryption.keys; \`hearsay keygen\` makes a key`);
  }
  if (!own.compatibility.shortKeys) {
    for (const bytes of keyLengths(values)) {
      if (bytes === 16 || bytes === 24) {
        refuse("encryption.keys", null, `${KEY_PROBLEM}; it has ${bytes} bytes, which compatibility.shortKeys allows`);
      }
    }
  }
  const [raft, gossip] = [values.get(RAFT_PORT), values.get("bind.port")];
  const port = gossip?.value ?? keyOf("bind.port").row.fallback;
  if (raft !== undefined && raft.value === port) {
    const problem = `is Raft's port (${originName(raft.origin)}): gossip needs one of its own`;
    faults.push({ origin: (gossip ?? raft).origin, value: shown(port), problem });
  }
  const { bind } = own.rpc;
  if (bind !== null && bind.port !== 0 && bind.port === port && values.get("bind.host")?.value === bind.host) {
    refuse("rpc.bind", `${bind.host}:${bind.port}`, "is the gossip's own address, whose streams are the gossip's, too");
  }
  const { provider, staticPeers } = own.discovery;
  const system = { dns: "DNS", k8s: "Kubernetes", static: null }[provider];
  if (system !== null) {
    refuse("discovery.provider", provider, `finds peers by ${system}, which this version lacks; "static" it has`);
    if (staticPeers !== "") refuse("discovery.staticPeers", staticPeers, `is used by the provider "static" alone`);
  } else {
    const peers = checkOptions({ ...options.node, join: textsIn(staticPeers) });
    for (const { key, value, allowed } of peers) {
      if (key.startsWith("join")) refuse("discovery.staticPeers", value, `is not allowed: ${allowed}`);
    }
  }
  if (values.has("tags") && values.has("tagsFile")) {
    refuse("tagsFile", null, "can't be beside tags, which the file would replace");
  }
  return { own, faults };
}

/** Whether the node has keys. */
export function isSealed(values: Values): boolean {
  return values.has("encryption.keys") || values.has("encryption.keyFile");
}

/** A fault of an option, at the place where its value was written. */
function located({ key, value, allowed }: OptionFault, values: Values): ConfigFault {
  const path = key.replaceAll(/\[\d+\]/g, "");
  const given = writtenAs(path, value, values);
  const origin = given?.origin ?? ({ kind: "default", key: path } as const);
  const place = /\[(\d+)\]$/.exec(key)?.[1];
  const which = place === undefined ? "" : ` (element ${Number(place) + 1})`;
  if (path === "encryption.keys") {
    return { origin, value: null, problem: `${KEY_PROBLEM}; ${allowed.split("; ").slice(1).join("; ")}${which}` };
  }
  const isHidden = value === HIDDEN || CONFIG_KEYS.get(path)?.row.form.isSecret === true;
  // A duration is shown as it was written.
  const written = typeof value === "number" && given?.key === key ? given.value : value;
  // A number without a unit is no duration in a file.
  const problem = `is not allowed${which}: ${allowed.replace(DURATION_FORM, DURATION_TEXT_FORM)}`;
  return { origin, value: isHidden ? null : shown(written), problem };
}

/** What was given for a path: itself, what it is a part of, or that part of it which the fault is about. */
function writtenAs(path: string, value: unknown, values: Values): Given | undefined {
  const exact = values.get(path);
  if (exact !== undefined) return exact;
  const related = [...values.values()].filter((one) => overlap(one.key, path));
  const own = related.filter(({ origin }) => origin.kind !== "profile");
  return own.find((one) => one.value === value) ?? own[0] ?? related[0];
}

/** The lengths of those keys that are texts. Other lengths than a key can have are the library's faults. */
function keyLengths(values: Values): number[] {
  const keys = values.get("encryption.keys")?.value;
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key) => (typeof key === "string" ? [Buffer.from(key, "base64").length] : []));
}

import { isIP } from "node:net";
import { type SwimConfig, suspicionConflict } from "@hearsay/core";
import type { OptionFault } from "../base/errors.ts";
import { parseTarget } from "../discovery/targets.ts";
import { HIDDEN } from "../forms/form.ts";
import { own } from "../forms/rows.ts";
import { EXTENSIONS, TAGS_BYTES_MAX, tagsToMeta } from "../members/member-tags.ts";
import type { Flavour } from "./cluster-options.ts";
import { DEFAULT_PORT, isLoopback } from "./network-forms.ts";
import type { ParsedOptions, ParsedSerf } from "./parsed-options.ts";

/** Options for pools that speak Serf only. */
const SERF_ONLY = ["tags", "snapshot", "serf"];

/** Without the option `encryption` the node may use loopback only. */
export function keepToLoopback({ bind, join }: Pick<ParsedOptions, "bind" | "join">, faults: OptionFault[]): void {
  const remedy = 'give encryption.keys, or write encryption: "off"';
  if (isIP(bind.host) !== 0 && !isLoopback(bind.host)) {
    faults.push({ key: "bind", value: bind.host, allowed: loopbackOnly() });
    return;
  }
  for (const text of join) {
    const target = parseTarget(text, DEFAULT_PORT);
    const host = typeof target === "string" ? "" : target.host;
    // Host names are not resolved yet; joining checks their addresses.
    const isForeign = /^[\d.]+$|:/.test(host) && !isLoopback(host);
    const allowed = `loopback addresses, as there is no encryption; ${remedy}`;
    if (isForeign) faults.push({ key: "join", value: text, allowed });
  }
}

/** What a node without the option `encryption` may bind, as a fault's `allowed`. */
export function loopbackOnly(): string {
  return 'a loopback address, as there is no encryption; give encryption.keys, or write encryption: "off"';
}

/** The default label. Older peers of the flavours `serf` and `memberlist` don't know labels. */
export function defaultLabel(flavour: Flavour, clusterName: string | null): Uint8Array {
  return Uint8Array.from(Buffer.from(flavour === "hearsay" ? (clusterName ?? "") : ""));
}

/** Whether the pool has extensions. Only in the flavour `memberlist` does the application choose. */
export function hasExtensions(
  { flavour, extensions }: { readonly flavour: Flavour; readonly extensions: "none" | "all" | null },
  input: unknown,
  faults: OptionFault[],
): boolean {
  if (flavour === "memberlist") return extensions === "all";
  const follows = flavour === "hearsay" ? "all" : "none";
  const given = own(input, "extensions");
  if (given !== undefined && given !== follows) {
    dismiss("extensions", faults);
    faults.push({ key: "extensions", value: given, allowed: `"${follows}" in the flavour "${flavour}"` });
  }
  return follows === "all";
}

/** Refuses a fixed time of suspicions beside what computes it. */
export function keepToOneSuspicion(timings: Partial<SwimConfig>, faults: OptionFault[]): void {
  const conflict = suspicionConflict(timings);
  if (conflict !== null) faults.push({ ...conflict, key: "timings.suspicionTimeout" });
}

/** Refuses options of other flavours. */
export function keepToFlavour(flavour: Flavour, input: unknown, faults: OptionFault[]): void {
  const foreign = flavour === "memberlist" ? SERF_ONLY : ["meta"];
  const where = flavour === "memberlist" ? "" : ", where the metadata are the tags";
  for (const name of foreign) {
    const allowed = `nothing in the flavour "${flavour}"${where}`;
    dismiss(name, faults);
    if (own(input, name) !== undefined) faults.push({ key: name, value: HIDDEN, allowed });
  }
}

/** The settings of Serf; null in the flavour `memberlist`. */
export function serfOf(
  flavour: Flavour,
  { tags, ...others }: Omit<ParsedSerf, "capabilities">,
  faults: OptionFault[],
): ParsedSerf | null {
  if (flavour === "memberlist") return null;
  const capabilities = flavour === "hearsay" ? EXTENSIONS : 0;
  if (tagsToMeta(tags, capabilities) === null) {
    faults.push({ key: "tags", value: HIDDEN, allowed: `at most ${TAGS_BYTES_MAX} bytes, encoded` });
  }
  return { tags, capabilities, ...others };
}

/** Drops the faults of an option that must not be given at all. */
function dismiss(name: string, faults: OptionFault[]): void {
  const others = faults.filter(({ key }) => key !== name && !key.startsWith(`${name}.`));
  faults.splice(0, faults.length, ...others);
}

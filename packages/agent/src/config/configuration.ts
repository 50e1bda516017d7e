import { hostname } from "node:os";
import { presetConfig, SETTINGS } from "@hearsay/core";
import type { HearsayOptions } from "hearsay";
import { formatDuration, HIDDEN, settingName } from "hearsay/options";
import { checkValues, isSealed, type Values } from "./checks.ts";
import { PROFILE_NAMES, type ProfileName } from "./profile-names.ts";
import { PROFILES, type Profile } from "./profiles.ts";
import { OWN_ROWS, type OwnValues } from "./schema/agent-options.ts";
import { CONFIG_KEYS, textsIn } from "./schema/keys.ts";
import type { EnvironmentSource } from "./sources/environment.ts";
import type { FlagSource } from "./sources/flags.ts";
import { type ConfigFault, type Given, merged, nested, shown } from "./sources/given.ts";
import { NOWHERE, type Origin, originName } from "./sources/origin.ts";
import type { FileSource } from "./sources/yaml-file.ts";
import { LONGBOW } from "./spellings/longbow.ts";
import { MODE, OPENGSLB, RAFT_PORT } from "./spellings/opengslb.ts";

/** The sources of a configuration. */
export interface Sources {
  /** A later file replaces what an earlier one says. */
  readonly files: readonly FileSource[];
  readonly environment: EnvironmentSource;
  readonly flags: Pick<FlagSource, "given" | "faults">;
}

/** The profile of a configuration. */
export interface ChosenProfile extends Profile {
  readonly name: ProfileName;
  /** What selected it, for the log. */
  readonly why: string;
  readonly origin: Origin;
}

const FIXED = "timings.suspicionTimeout";
const COMPUTED: readonly string[] = ["timings.suspicionMult", "timings.suspicionMaxTimeoutMult"];

/** What the sources come to. */
export interface Configuration {
  readonly profile: ChosenProfile;
  /** What the sources and the profile give; every other key has its default. */
  readonly values: Values;
  /** Everything that is wrong. */
  readonly faults: readonly ConfigFault[];
  /** The agent's own options, with their defaults. */
  readonly own: OwnValues;
  /** The options of its node; of use only without faults. */
  readonly node: HearsayOptions;
}

/** Merges the sources (docs/design/decisions/0010-agent-configuration.md), and checks what they come to. */
export function configure({ files, environment, flags }: Sources): Configuration {
  const faults = [...files.flatMap((file) => file.faults), ...environment.faults, ...flags.faults];
  const told = merged([...files.map(({ given }) => given), environment.given, flags.given]);
  const profile = chosenProfile(files, environment, told, faults);
  const values = withMode(overProfile(profile, told));
  const node = { ...valuesOf(values, isNodes), preset: profile.preset };
  const checked = checkValues(values, profile, { own: valuesOf(values, isOwn), node });
  faults.push(...checked.faults);
  return { profile, values, faults, own: checked.own, node: { ...node, join: targets(checked.own, node) } };
}

/** The value of a key in words, and where it comes from. Secrets are hidden. */
export function effectiveValue(
  key: string,
  { values, profile }: Pick<Configuration, "values" | "profile">,
): { readonly text: string; readonly origin: Origin } {
  const row = CONFIG_KEYS.get(key)?.row;
  const given = values.get(key);
  if (given !== undefined) {
    const text = typeof given.value === "string" ? given.value : shown(given.value);
    return { text: row?.form.isSecret === true ? HIDDEN : text, origin: given.origin };
  }
  if (key === "bind.host") return { text: isSealed(values) ? "0.0.0.0" : "127.0.0.1", origin: NOWHERE };
  if (key === "nodeName") return { text: hostname(), origin: NOWHERE };
  const timing = SETTINGS.find((setting) => `timings.${settingName(setting.key)}` === key);
  if (timing === undefined) return { text: row?.default ?? "", origin: NOWHERE };
  const value = presetConfig(profile.preset)[timing.key];
  const text = timing.unit === "ms" ? formatDuration(value) : String(value);
  return { text, origin: { kind: "profile", name: profile.name } };
}

function chosenProfile(
  files: readonly FileSource[],
  { longbow }: EnvironmentSource,
  told: Values,
  faults: ConfigFault[],
): ChosenProfile {
  const chosen = (name: ProfileName, why: string, origin: Origin): ChosenProfile => {
    return { ...PROFILES[name], name, why, origin };
  };
  const given = told.get("profile");
  if (given !== undefined) {
    const name = PROFILE_NAMES.find((one) => one === given.value) ?? "lan";
    return chosen(name, `as ${originName(given.origin)} says`, given.origin);
  }
  const rootOf = (wanted: typeof LONGBOW): Origin | undefined =>
    files.flatMap(({ roots }) => roots).find(({ spelling }) => spelling === wanted)?.origin;
  const opengslb = rootOf(OPENGSLB);
  const gossip = rootOf(LONGBOW) ?? (longbow === null ? undefined : ({ kind: "environment", name: longbow } as const));
  if (opengslb !== undefined && gossip !== undefined) {
    const problem = `is OpenGSLB's and ${originName(gossip)} is Longbow's: the key profile has to say which it is`;
    faults.push({ origin: opengslb, value: null, problem });
  }
  if (opengslb !== undefined) return chosen("opengslb", `as ${originName(opengslb)} is OpenGSLB's`, opengslb);
  if (gossip !== undefined) return chosen("longbow", `as ${originName(gossip)} is Longbow's`, gossip);
  return chosen("lan", "as nothing says otherwise", NOWHERE);
}

/** The profile's values, and the told ones over them. What is told to fix or to compute suspicions replaces the other. */
function overProfile({ name, values }: ChosenProfile, told: Values): Map<string, Given> {
  const origin: Origin = { kind: "profile", name };
  const isFixed = told.has(FIXED);
  const isComputed = COMPUTED.some((key) => told.has(key));
  const given = Object.entries(values).flatMap(([key, value]): Given[] => {
    const givesWay = (isFixed && COMPUTED.includes(key)) || (isComputed && key === FIXED);
    return givesWay ? [] : [{ key, value, origin }];
  });
  return merged([given, [...told.values()]]);
}

/** OpenGSLB that stands alone has no gossip. */
function withMode(values: Map<string, Given>): Values {
  const mode = values.get(MODE);
  if (mode?.value === "standalone") values.set("enabled", { key: "enabled", value: false, origin: mode.origin });
  return values;
}

function isOwn(key: string): boolean {
  return Object.hasOwn(OWN_ROWS, key.split(".")[0] ?? "");
}

function isNodes(key: string): boolean {
  return !isOwn(key) && key !== RAFT_PORT && key !== MODE;
}

/** The wanted values as nested objects. */
function valuesOf(values: Values, isWanted: (key: string) => boolean): Record<string, unknown> {
  return nested([...values.values()].filter(({ key }) => isWanted(key)).map(({ key, value }) => [key, value]));
}

/** What to join: the given targets, and the static peers. */
function targets({ discovery }: OwnValues, { join = [] }: HearsayOptions): readonly string[] {
  const given = typeof join === "string" ? [join] : join;
  return discovery.provider === "static" ? [...given, ...textsIn(discovery.staticPeers)] : given;
}

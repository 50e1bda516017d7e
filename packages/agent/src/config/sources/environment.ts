import { VALUE_KEYS, valueOfText } from "../schema/keys.ts";
import { LONGBOW } from "../spellings/longbow.ts";
import { addValue } from "../spellings/own.ts";
import { type Source, SourceReader } from "./given.ts";
import { meantName } from "./meant.ts";
import { environmentCase } from "./names.ts";

const OWN_PREFIX = "HEARSAY_";
const LONGBOW_PREFIX = "LONGBOW_GOSSIP_";

/** Variables of Hearsay's that are no settings of the agent. */
const OTHERS = ["HEARSAY_ADDR", "HEARSAY_TOKEN_FILE"];

/**
 * What Kubernetes sets in the pods beside a Service of the name that the prefix ends in, for its address; see the
 * Kubernetes documentation on Services, "Environment variables".
 */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

const OWN = new Map(VALUE_KEYS.map((key) => [`${OWN_PREFIX}${environmentCase(key.path)}`, key]));
const LONGBOWS = new Map(
  [...LONGBOW.names].map(([path, name]) => [
    `${LONGBOW_PREFIX}${environmentCase(path.replace(/^gossip\./, ""))}`,
    name,
  ]),
);

/** The names of all variables that the agent reads. */
const ENVIRONMENT_NAMES: readonly string[] = [...OWN.keys(), ...LONGBOWS.keys()];

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says. `longbow` is the first of Longbow's names in it. */
export interface EnvironmentSource extends Source {
  readonly longbow: string | null;
}

/** Reads the variables with Hearsay's and Longbow's prefixes. Others are not looked at. */
export function readEnvironment(variables: Environment): EnvironmentSource {
  const source = new SourceReader();
  let longbow: string | null = null;
  for (const [name, text] of Object.entries(variables)) {
    const isOurs = name.startsWith(OWN_PREFIX) || name.startsWith(LONGBOW_PREFIX);
    if (!isOurs || text === undefined || OTHERS.includes(name) || SERVICE_LINK.test(name)) continue;
    const origin = { kind: "environment", name } as const;
    const key = OWN.get(name);
    const spelled = LONGBOWS.get(name);
    if (key === undefined && spelled === undefined) {
      // A Service named `hearsay` has its address in HEARSAY_PORT.
      if (SERVICE_ADDRESS.test(text)) continue;
      const prefix = name.startsWith(OWN_PREFIX) ? OWN_PREFIX : LONGBOW_PREFIX;
      const all = ENVIRONMENT_NAMES.filter((one) => one.startsWith(prefix));
      const siblings = all.map((one) => one.slice(prefix.length));
      const meant = meantName(name.slice(prefix.length), { prefix, siblings, all });
      const hint = meant === null ? "" : `; did you mean ${meant}?`;
      source.refuse(origin, null, `is no setting of the agent${hint}`);
    } else if (SERVICE_ADDRESS.test(text)) {
      source.refuse(
        origin,
        key?.row.form.isSecret === true ? null : text,
        "is the address of a Service, which Kubernetes sets under this name: give the pod `enableServiceLinks: false`",
      );
    } else if (key !== undefined) {
      addValue(source, key, valueOfText(text, key), origin);
    } else if (spelled !== undefined) {
      longbow ??= name;
      spelled.read(spelled.ofText(text), origin, source);
    }
  }
  return { given: source.given, faults: source.faults, longbow };
}

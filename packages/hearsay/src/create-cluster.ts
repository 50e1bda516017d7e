import { randomBytes } from "node:crypto";
import type { Address } from "@hearsay/core";
import { Keyring } from "@hearsay/core/wire";
import { systemClock } from "./base/clock.ts";
import { configError, HearsayError, isHearsayError } from "./base/errors.ts";
import type {
  AnyCluster,
  Cluster,
  ExtendedMemberlistCluster,
  ExtendedMemberlistOptions,
  HearsayOptions,
  MemberlistCluster,
  MemberlistOptions,
  SerfCluster,
  SerfOptions,
} from "./cluster.ts";
import { ClusterObject } from "./cluster-object.ts";
import type { Contract } from "./contract.ts";
import { isOpenToAll, openKeyFile } from "./crypto/key-file.ts";
import { ownHost } from "./discovery/own-hosts.ts";
import { resolveTargets, systemLookup } from "./discovery/resolve.ts";
import { parseTarget, TARGET_FORM } from "./discovery/targets.ts";
import { invariantError } from "./node/node.ts";
import type { NodeSettings, Platform } from "./node/settings.ts";
import { cidrContains } from "./options/cidr.ts";
import type { ClusterOptions } from "./options/cluster-options.ts";
import { DEFAULT_PORT, isLoopback } from "./options/network-forms.ts";
import type { ParsedOptions } from "./options/parsed-options.ts";
import { loopbackOnly } from "./options/relations.ts";
import { parseOptions } from "./options/table.ts";
import { UdpTcp, udpTcp } from "./transport/udp-tcp.ts";

/** The system's clock, random source and resolver. */
const SYSTEM: Platform = {
  clock: systemClock,
  randomBytes: (count) => Uint8Array.from(randomBytes(count)),
  lookup: systemLookup,
};

/**
 * Starts a node, which joins the others in the background. Resolves once its port is bound; `ready()` tells when it has
 * joined.
 *
 * @throws HearsayError `ERR_CONFIG` with all faults, `ERR_BIND`, `ERR_KEY_FILE`, `ERR_SNAPSHOT`, `ERR_TRANSPORT`,
 * `ERR_INVARIANT`; all overloads
 */
export function createCluster<C extends Contract = Contract>(options?: HearsayOptions): Promise<Cluster<C>>;
/** Starts a node in a pool of Serf agents. */
export function createCluster(options: SerfOptions): Promise<SerfCluster>;
/** Starts a node in a pool of an application's own memberlist nodes, all of which understand Hearsay's extensions. */
export function createCluster<C extends Contract = Contract>(
  options: ExtendedMemberlistOptions,
): Promise<ExtendedMemberlistCluster<C>>;
/** Starts a node in a pool of an application's own memberlist nodes. */
export function createCluster(options: MemberlistOptions): Promise<MemberlistCluster>;
/** Starts a node whose flavour is chosen at run time: the cluster's `flavour` tells which calls it has. */
export function createCluster(options: ClusterOptions): Promise<AnyCluster>;
export function createCluster(options: ClusterOptions = {}): Promise<AnyCluster> {
  return openCluster(options, SYSTEM);
}

/** `createCluster` on a platform of the caller's, for `hearsay/testing`. */
export async function openCluster(options: ClusterOptions, platform: Platform): Promise<AnyCluster> {
  const parsed = await withOwnHosts(parseOptions(options), platform);
  const { keys, ...same } = parsed;
  const keyring = await openKeyring(keys, parsed.keyFile);
  try {
    const settings: NodeSettings = {
      ...same,
      transport: parsed.transport ?? udpTcp(parsed.bind),
      resolve: (target, signal) => resolve(target, parsed, platform, signal),
      keyring,
      admits: (address) => admits(address, parsed),
      cautions: await cautionsOf(parsed),
    };
    return await ClusterObject.open(settings, platform);
  } catch (error) {
    throw isHearsayError(error) ? error : invariantError(error);
  }
}

/** Resolves the host names in `bind` and `advertise` to addresses. */
async function withOwnHosts(parsed: ParsedOptions, { lookup, clock }: Platform): Promise<ParsedOptions> {
  const { bind, advertise, addressFamily: family, staysLocal, transport } = parsed;
  const options = { lookup, family, after: clock.after };
  // An application's own transport decides itself where to bind.
  const bindHost = transport === null ? await ownHost("bind", bind.host, options) : bind.host;
  if (staysLocal && !isLoopback(bindHost)) {
    throw configError([{ key: "bind", value: `${bind.host} (${bindHost})`, allowed: loopbackOnly() }]);
  }
  const toldHost = advertise.host === null ? null : await ownHost("advertise", advertise.host, options);
  return { ...parsed, bind: { ...bind, host: bindHost }, advertise: { ...advertise, host: toldHost } };
}

/** Warnings about risky options. The keys have been read by now. */
async function cautionsOf({ keys, keyFile, transport, bind, timings }: ParsedOptions): Promise<string[]> {
  const cautions: string[] = [];
  // The reach of an application's own transport is not known here.
  const host = transport === null ? bind.host : transport instanceof UdpTcp ? transport.host : null;
  if (keys === null && host !== null && !isLoopback(host)) {
    cautions.push(
      "this node is open to the network without encryption: whoever reaches its port can join and change the cluster",
    );
  }
  if (keyFile !== null && (await isOpenToAll(keyFile))) {
    cautions.push(`everybody on this machine can read or change the key file ${keyFile}: give it the mode 600`);
  }
  const { probeTimeoutMs, probeIntervalMs } = timings;
  if (probeIntervalMs > 0 && probeTimeoutMs >= probeIntervalMs) {
    cautions.push(
      `probeTimeout (${probeTimeoutMs} ms) isn't below probeInterval (${probeIntervalMs} ms): probes overlap, and a ` +
        "member that doesn't answer is suspected after two timeouts",
    );
  }
  return cautions;
}

function admits(address: Address, { staysLocal, allowedCidrs }: ParsedOptions): boolean {
  if (staysLocal && !isLoopback(address.host)) return false;
  return allowedCidrs === null || allowedCidrs.some((cidr) => cidrContains(cidr, address));
}

async function resolve(
  text: string,
  { bind, addressFamily, staysLocal }: ParsedOptions,
  { lookup, clock }: Platform,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const target = parseTarget(text, bind.port === 0 ? DEFAULT_PORT : bind.port);
  if (typeof target === "string") {
    const faults = [{ key: "join", value: text, allowed: TARGET_FORM }];
    throw new HearsayError("ERR_CONFIG", `${JSON.stringify(text)} can't be joined: ${target}`, { faults });
  }
  const { addresses, failures } = await resolveTargets([target], {
    family: addressFamily,
    signal,
    lookup,
    after: clock.after,
  });
  if (addresses.length === 0) throw new Error(failures[0]?.detail ?? `${text} has no addresses`);
  const usable = addresses.filter(({ address }) => !staysLocal || isLoopback(address.host));
  if (usable.length > 0) return usable.map(({ address }) => address);
  throw new Error(`${text} is not on this machine: give encryption.keys, or write encryption: "off"`);
}

async function openKeyring(keys: ParsedOptions["keys"], keyFile: string | null): Promise<Keyring | null> {
  if (keys === null) return null;
  const ring = keyFile === null ? keys : await openKeyFile(keyFile, keys);
  return new Keyring(ring, ring[0]);
}

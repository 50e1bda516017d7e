import type { ClusterObject } from "./cluster-object.ts";
import type { Contract, MessagingCalls } from "./contract.ts";
import type { ClusterOptions } from "./options/cluster-options.ts";

/** Calls that Serf's protocol carries: not in the flavour `memberlist`. */
type SerfCall =
  | "setTags"
  | "checkTags"
  | "event"
  | "onEvent"
  | "events"
  | "query"
  | "onQuery"
  | "coordinate"
  | "distance"
  | "forceLeave";

/** Calls that only the flavour `memberlist` has, whose user messages and metadata are the application's own. */
type MemberlistCall = "sendRaw" | "onRaw" | "setMeta";

/** What a cluster of every flavour has. `keys` has more where the pool speaks Serf. */
type SharedCalls = Omit<ClusterObject, "flavour" | "keys" | SerfCall | MemberlistCall | keyof MessagingCalls>;

/**
 * One node's membership of a cluster. Made by `createCluster`.
 *
 * States: `starting`, then `alone` or `joined` and back as others come and go, `leaving`, and at the end `closed` or
 * `failed`. `closed` settles once with the reason; after it nothing of the cluster runs on.
 *
 * The contract gives the payloads of channels and requests their types, on every node that names it.
 */
export interface Cluster<C extends Contract = Contract>
  extends SharedCalls,
    Pick<ClusterObject, SerfCall | "keys">,
    MessagingCalls<C> {
  readonly flavour: "hearsay";
}

/** The same in a pool of Serf agents, who know no channels and no requests. */
export interface SerfCluster extends SharedCalls, Pick<ClusterObject, SerfCall | "keys"> {
  readonly flavour: "serf";
}

/** The same in a pool of an application's own memberlist nodes. */
export interface MemberlistCluster extends SharedCalls, Pick<ClusterObject, MemberlistCall> {
  readonly flavour: "memberlist";
  /** This node's keys. */
  readonly keys: Pick<ClusterObject["keys"], "local">;
}

/** The same where every node of such a pool understands Hearsay's extensions. */
export interface ExtendedMemberlistCluster<C extends Contract = Contract>
  extends MemberlistCluster,
    MessagingCalls<C> {}

/** A cluster whose flavour is decided at run time: `flavour` tells which calls it has. */
export type AnyCluster = Cluster | SerfCluster | MemberlistCluster;

/** Options of a pool that speaks Serf's protocol with Hearsay's extensions, the default. */
export type HearsayOptions = Omit<ClusterOptions, "flavour" | "extensions" | "meta"> & {
  readonly flavour?: "hearsay";
  readonly extensions?: "all";
};

/** Options of a pool of Serf agents. */
export type SerfOptions = Omit<ClusterOptions, "flavour" | "extensions" | "meta"> & {
  readonly flavour: "serf";
  readonly extensions?: "none";
};

/** Options of a pool of an application's own memberlist nodes. */
export type MemberlistOptions = Omit<ClusterOptions, "flavour" | "extensions" | "tags" | "snapshot" | "serf"> & {
  readonly flavour: "memberlist";
  readonly extensions?: "none";
};

/** The same where every node understands Hearsay's extensions. */
export type ExtendedMemberlistOptions = Omit<MemberlistOptions, "extensions"> & { readonly extensions: "all" };

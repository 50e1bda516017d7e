import type { ClusterObject } from "./cluster-object.ts";
import type { Contract, MessagingCalls } from "./contract.ts";
import type { ClusterOptions } from "./options/cluster-options.ts";

/** Calls that need Serf's protocol: not in the flavour `memberlist`. */
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

/** Calls of the flavour `memberlist` only, in which user messages and metadata belong to the application. */
type MemberlistCall = "sendRaw" | "onRaw" | "setMeta";

/** Calls of every flavour. `keys` has more calls where the pool speaks Serf. */
type SharedCalls = Omit<ClusterObject, "flavour" | "keys" | SerfCall | MemberlistCall | keyof MessagingCalls>;

/**
 * One node's membership of a cluster. Created by `createCluster`.
 *
 * Statuses: `starting`; then `alone` or `joined`, as others come and go; `leaving`; finally `closed` or `failed`. The
 * promise `closed` settles once, with the reason; after that nothing of the cluster runs.
 *
 * The contract types the payloads of channels and requests, on every node that uses it.
 */
export interface Cluster<C extends Contract = Contract>
  extends SharedCalls,
    Pick<ClusterObject, SerfCall | "keys">,
    MessagingCalls<C> {
  readonly flavour: "hearsay";
}

/** A cluster in a pool of Serf agents, which have no channels and no requests. */
export interface SerfCluster extends SharedCalls, Pick<ClusterObject, SerfCall | "keys"> {
  readonly flavour: "serf";
}

/** A cluster in a pool of an application's own memberlist nodes. */
export interface MemberlistCluster extends SharedCalls, Pick<ClusterObject, MemberlistCall> {
  readonly flavour: "memberlist";
  /** This node's keys. */
  readonly keys: Pick<ClusterObject["keys"], "local">;
}

/** A `MemberlistCluster` whose nodes all understand Hearsay's extensions. */
export interface ExtendedMemberlistCluster<C extends Contract = Contract>
  extends MemberlistCluster,
    MessagingCalls<C> {}

/** A cluster whose flavour is chosen at run time: `flavour` tells which calls it has. */
export type AnyCluster = Cluster | SerfCluster | MemberlistCluster;

/** Options of the default flavour: Serf's protocol with Hearsay's extensions. */
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

/** Options of a memberlist pool whose nodes all understand Hearsay's extensions. */
export type ExtendedMemberlistOptions = Omit<MemberlistOptions, "extensions"> & { readonly extensions: "all" };

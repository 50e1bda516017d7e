import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  AnyCluster,
  Channel,
  Cluster,
  ExtendedMemberlistCluster,
  IncomingRequest,
  MemberlistCluster,
  ReplyOf,
  RequestOf,
  SerfCluster,
} from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** True if both types are the same; else a value of it can't be had, and this file doesn't compile. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : never;

type Has<T, Name extends string> = Name extends keyof T ? true : false;

interface Shop {
  readonly channels: { readonly "users.changed": { readonly id: number } };
  readonly requests: { readonly add: (numbers: readonly number[]) => Promise<number> };
}

const SERF = ["event", "onEvent", "events", "query", "onQuery", "setTags", "coordinate", "forceLeave"] as const;
const RAW = ["sendRaw", "onRaw", "setMeta"] as const;
const MESSAGING = ["channel", "request", "onRequest"] as const;

/** For each of the calls, whether a cluster of the type has it. */
type Calls<T, Names extends readonly string[]> = { readonly [Name in Names[number]]: Has<T, Name> };
type All<Names extends readonly string[], Value> = { readonly [Name in Names[number]]: Value };

describe("the types of a cluster", () => {
  it("have the calls of its flavour, and no other", () => {
    const checked: true[] = [
      true satisfies Same<Calls<Cluster, typeof SERF>, All<typeof SERF, true>>,
      true satisfies Same<Calls<Cluster, typeof RAW>, All<typeof RAW, false>>,
      true satisfies Same<Calls<Cluster, typeof MESSAGING>, All<typeof MESSAGING, true>>,
      true satisfies Same<Calls<SerfCluster, typeof SERF>, All<typeof SERF, true>>,
      true satisfies Same<Calls<SerfCluster, typeof RAW>, All<typeof RAW, false>>,
      true satisfies Same<Calls<SerfCluster, typeof MESSAGING>, All<typeof MESSAGING, false>>,
      true satisfies Same<Calls<MemberlistCluster, typeof SERF>, All<typeof SERF, false>>,
      true satisfies Same<Calls<MemberlistCluster, typeof RAW>, All<typeof RAW, true>>,
      true satisfies Same<Calls<MemberlistCluster, typeof MESSAGING>, All<typeof MESSAGING, false>>,
      true satisfies Same<Calls<ExtendedMemberlistCluster, typeof MESSAGING>, All<typeof MESSAGING, true>>,
      true satisfies Same<Has<MemberlistCluster["keys"], "rotate" | "list">, false>,
    ];
    assert.equal(checked.length, 11);
  });

  it("give channels and requests the types of the contract, at both ends", async () => {
    await using network = await testNetwork<Shop>({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = [network.node("node-1"), network.node("node-2")];
    const channel = one.channel("users.changed");
    true satisfies Same<typeof channel, Channel<{ readonly id: number }>>;
    true satisfies Same<Parameters<typeof one.channel>[0], "users.changed">;
    true satisfies Same<RequestOf<Shop, "add">, readonly number[]>;
    true satisfies Same<ReplyOf<Shop, "add">, number>;
    two.onRequest("add", (numbers: readonly number[], { from }: IncomingRequest) => {
      assert.equal(from, "node-1");
      return numbers.reduce((sum, number) => sum + number, 0);
    });
    const sum: number = await network.run(one.request("node-2", "add", [19, 23]));
    assert.equal(sum, 42);
  });

  it("without a contract leave what comes in to be looked at", () => {
    true satisfies Same<ReturnType<Cluster["channel"]>, Channel<unknown>>;
    true satisfies Same<ReturnType<Cluster["request"]>, Promise<unknown>>;
    true satisfies Same<Parameters<Cluster["channel"]>[0], string>;
  });

  it("of a flavour that is decided at run time are told apart by it", async () => {
    for (const flavour of ["hearsay", "serf", "memberlist"] as const) {
      await using network = await testNetwork({ nodes: 1, options: { flavour } });
      const cluster: AnyCluster = network.node("node-1");
      assert.equal(cluster.flavour, flavour);
      if (cluster.flavour === "memberlist") cluster.onRaw(() => {});
      else cluster.onEvent("deploy", () => {});
      if (cluster.flavour === "hearsay") cluster.channel("news");
    }
  });
});
